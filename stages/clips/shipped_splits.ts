/**
 * Splits that come with the recordings: which clips train and which test, by protocol, as the files
 * say. `index.json` of `raw_clips` and `meta.json` of `clips` hold them as `splits`.
 *
 * @module
 */
import type { Facts } from "../../pipeline/stage.ts";

/** Both sides, as ascending indices of clips. A clip may be on neither, never on both. */
export interface ShippedSplit {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** By the protocol's name, such as `xsub`. */
export type ShippedSplits = Readonly<Record<string, ShippedSplit>>;

/** The form of a protocol's name: a word. */
export const PROTOCOL_FORM = /^[A-Za-z0-9][A-Za-z0-9_.+-]*$/;

const SIDES = ["train", "test"] as const;

/**
 * What is wrong with splits, or `undefined` if nothing is.
 *
 * @param splits The value of `splits`.
 * @param clips How many clips there are.
 */
export function splitsFault(splits: unknown, clips: number): string | undefined {
  if (typeof splits !== "object" || splits === null || Array.isArray(splits)) {
    return "splits: expected an object of protocols";
  }
  for (const [protocol, split] of Object.entries(splits)) {
    if (!PROTOCOL_FORM.test(protocol)) {
      return `splits: expected a word as the protocol's name, found ${JSON.stringify(protocol)}`;
    }
    const sides = new Uint8Array(clips);
    for (const [s, side] of SIDES.entries()) {
      const indices: unknown = split?.[side];
      if (!Array.isArray(indices)) return `splits.${protocol}.${side}: expected indices of clips`;
      let last = -1;
      for (const index of indices) {
        if (!Number.isInteger(index) || index <= last || index >= clips) {
          return `splits.${protocol}.${side}: expected ascending indices below ${clips}, found ` +
            `${JSON.stringify(index)}${last < 0 ? "" : ` after ${last}`}`;
        }
        last = index;
        if (sides[index] !== 0) return `splits.${protocol}: clip ${index} both trains and tests`;
        sides[index] = s + 1;
      }
    }
  }
  return undefined;
}

/**
 * The splits of those clips that are kept, by their new indices.
 *
 * @param kept The old indices of the clips kept, ascending: the clip `kept[i]` becomes clip `i`.
 */
export function splitsOfKept(splits: ShippedSplits, kept: readonly number[]): ShippedSplits {
  const now = new Map(kept.map((old, index) => [old, index]));
  const moved = (side: readonly number[]) =>
    side.map((old) => now.get(old)).filter((index) => index !== undefined);
  return Object.fromEntries(
    Object.entries(splits).map((
      [protocol, { train, test }],
    ) => [protocol, { train: moved(train), test: moved(test) }]),
  );
}

/**
 * Facts for the rules of later stages: `splits`, all protocols that are shipped, between blanks, and
 * how many clips are on each side (`clips_xsub_train` ...). Nothing where the recordings are of a kind
 * that ships none.
 */
export function splitsFacts(splits: ShippedSplits | undefined): Facts {
  if (splits === undefined) return {};
  const counts = Object.entries(splits).flatMap(([protocol, split]) =>
    SIDES.map((side) => [`clips_${protocol}_${side}`, split[side].length])
  );
  return { splits: Object.keys(splits).sort().join(" "), ...Object.fromEntries(counts) };
}

/** The protocols that facts list, or `undefined` where nothing is known. */
export function shippedProtocols(facts: Facts | undefined): readonly string[] | undefined {
  return typeof facts?.splits === "string"
    ? facts.splits.split(" ").filter((name) => name !== "")
    : undefined;
}
