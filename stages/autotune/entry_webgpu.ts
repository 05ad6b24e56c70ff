/**
 * The `autotune` stage on the `webgpu` backend.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import { median } from "../statistics/median.ts";
import { isSoftwareName } from "../tensor/adapter_name.ts";
import { gpuBackend } from "../tensor/webgpu/gpu_backend.ts";
import { tileName } from "../tensor/webgpu/product.ts";
import { TILES_FILE, tileTableText } from "../tensor/webgpu/tile_file.ts";
import { webgpuStage } from "../tensor/webgpu_stage.ts";
import { type Choice, chooseTiles, tableOf } from "./chosen_tiles.ts";
import type { AutotuneParams } from "./definition.ts";
import { trialsFor } from "./trials.ts";

/** How much faster a tile must be than the usual one, where a file does not say. */
const MARGIN = 0.05;
const MARGIN_IN_SOFTWARE = 0.25;

/** Measures tiles, says what it found in the log, and writes its choices alone. */
async function tune(ctx: StageContext<AutotuneParams>): Promise<void> {
  const backend = gpuBackend();
  const software = isSoftwareName(ctx.deviceClass ?? "");
  const { rounds, margin } = ctx.params;
  const trials = trialsFor({ software, limits: backend.device.limits });
  const choices: Choice[] = [];
  try {
    for (const [i, trial] of trials.entries()) {
      choices.push(
        ...await chooseTiles(backend, [trial], {
          rounds,
          margin: margin ?? (software ? MARGIN_IN_SOFTWARE : MARGIN),
        }),
      );
      ctx.log("info", sentence(choices.at(-1)!));
      ctx.progress(i + 1, trials.length, "classes of shape");
      await ctx.breathe();
    }
  } finally {
    for (const trial of trials) trial.dispose();
  }
  await Deno.writeTextFile(
    `${ctx.output("tiles")}/${TILES_FILE}`,
    tileTableText(tableOf(choices)),
  );
  ctx.metric("tiles", trials.length);
}

/** Such as `many x 16: 64x16x16/4x4; 128x16x16/8x4 1.20 ms, 64x16x16/4x4 0.91 ms`. */
function sentence({ name, tile, measured }: Choice): string {
  const times = measured.map(({ tile, seconds }) =>
    `${tileName(tile)} ${(1000 * median(seconds)).toPrecision(3)} ms`
  );
  return `${name}: ${tileName(tile)}; ${times.join(", ")}`;
}

export default webgpuStage(tune);
