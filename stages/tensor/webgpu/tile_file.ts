/**
 * Tile tables as files: what the `autotune` stage writes, and what stages on `webgpu` read before they
 * begin.
 *
 * @module
 */
import type { StageContext } from "../../../pipeline/stage.ts";
import type { Tile } from "./product.ts";
import { setTileTable, type TileTable } from "./tiles.ts";

/** The file of the artifact `tiles`. */
export const TILES_FILE = "tiles.json";

/** Sizes of a tile, in the order in which they are written. */
const SIZES = ["m", "n", "k", "perM", "perN"] as const satisfies readonly (keyof Tile)[];

/** A file holds no tile table; the message says where and what to do. */
export class TileFileError extends Error {
  /** Says what it is. */
  override readonly name = "TileFileError";
  /** The message says all there is to say. */
  readonly forUser = true;
}

/** A table as text: the same tiles give the same bytes. */
export function tileTableText(table: TileTable): string {
  const lines = Object.keys(table).sort().map((name) => {
    const sizes = SIZES.map((size) => `${JSON.stringify(size)}: ${table[name]![size]}`).join(", ");
    return `  ${JSON.stringify(name)}: { ${sizes} }`;
  });
  return `{\n${lines.join(",\n")}\n}\n`;
}

/**
 * The table that a text holds.
 *
 * @param where What the text is, for the message.
 * @throws {TileFileError} If it holds none.
 */
export function parseTileTable(text: string, where: string): TileTable {
  const expected = (what: string) =>
    new TileFileError(
      `${where}: expected ${what}; remove the artifact and run autotune again`,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw expected("JSON");
  }
  if (!isRecord(value)) throw expected("tiles by class of shape");
  const table: Record<string, Tile> = {};
  for (const [name, tile] of Object.entries(value)) {
    const found: Partial<Record<keyof Tile, number>> = {};
    for (const size of SIZES) {
      const number = isRecord(tile) ? tile[size] : undefined;
      if (typeof number !== "number" || !Number.isInteger(Math.log2(number))) {
        throw expected(`${name}.${size} to be a power of two, found ${JSON.stringify(number)}`);
      }
      found[size] = number;
    }
    table[name] = found as Tile;
  }
  return table;
}

/**
 * Makes products use the tiles that a stage was supplied with; those by default where it was not.
 *
 * @throws {TileFileError} If its input holds no tile table.
 */
export async function useSuppliedTiles(
  ctx: Pick<StageContext, "inputNames" | "input">,
): Promise<void> {
  if (!ctx.inputNames.includes("tiles")) return;
  const path = `${ctx.input("tiles")}/${TILES_FILE}`;
  setTileTable(parseTileTable(await Deno.readTextFile(path), `tiles (${TILES_FILE})`));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
