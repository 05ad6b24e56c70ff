/**
 * The `autotune` stage where no GPU is in use: there is nothing to measure, and the usual tiles are written.
 *
 * @module
 */
import type { StageMain } from "../../pipeline/stage.ts";
import { TILES_FILE, tileTableText } from "../tensor/webgpu/tile_file.ts";
import { DEFAULT_TILES } from "../tensor/webgpu/tiles.ts";

/** Writes the usual tiles. */
const main: StageMain = async (ctx) => {
  ctx.log("info", "no GPU is in use: the usual tiles, not measured");
  await Deno.writeTextFile(
    `${ctx.output("tiles")}/${TILES_FILE}`,
    tileTableText(DEFAULT_TILES),
  );
};

export default main;
