/**
 * Which clips are written to which side.
 *
 * @module
 */
import { readNpyStrings } from "../../formats/npy.ts";
import { readJson } from "../../formats/json_text.ts";
import { UnusableInput } from "../../formats/unusable_input.ts";
import type { ClipsOut } from "./clips_out.ts";

/** A split of the clips that are written, by their indices. */
export interface Sides {
  readonly protocol: string;
  readonly train: readonly number[];
  readonly test: readonly number[];
}

interface SplitJson {
  readonly format: string;
  readonly protocol: string;
  readonly clips: number;
  readonly folds: readonly {
    readonly name: string;
    readonly train: readonly number[];
    readonly test: readonly number[];
  }[];
}

/** A folder of an artifact, or nothing. */
export interface SplitInputs {
  /** Of the type `split`. */
  readonly split: string | undefined;
  /** Of the type `clips`: what the split's indices mean. */
  readonly clips: string | undefined;
}

/** What the stage's parameters say about the split. */
export interface SidesChoice {
  readonly protocol?: string | undefined;
  readonly fold?: string | undefined;
}

/**
 * The split that was given.
 *
 * @throws {UnusableInput} If it has several folds and none is chosen, or is of other clips.
 */
export async function givenSides(
  out: ClipsOut,
  inputs: SplitInputs,
  { fold }: SidesChoice,
): Promise<Sides | undefined> {
  if (inputs.split === undefined) return undefined;
  const { protocol, clips, folds } = await readJson<SplitJson>(`${inputs.split}/split.json`);
  const chosen = fold === undefined && folds.length === 1
    ? folds[0]
    : folds.find(({ name }) => name === fold);
  if (chosen === undefined) {
    throw new UnusableInput(
      `the split ${protocol} has ${folds.length} folds: choose one by the parameter fold: ` +
        folds.map(({ name }) => JSON.stringify(name)).join(", "),
    );
  }
  const names = inputs.clips === undefined
    ? out.names
    : await readNpyStrings(`${inputs.clips}/names.npy`);
  if (names.length !== clips) {
    throw new UnusableInput(
      `the split is of ${clips} clips, found ${names.length}: give the normalised clips that it ` +
        "was made of as the input clips too",
    );
  }
  const index = new Map(out.names.map((name, i) => [name, i]));
  const moved = (side: readonly number[]) =>
    side.map((clip) => {
      const at = index.get(names[clip]!);
      if (at === undefined) {
        throw new UnusableInput(`the split's clip ${names[clip]} is not among those to write`);
      }
      return at;
    }).sort((a, b) => a - b);
  return {
    protocol: folds.length === 1 ? protocol : chosen.name.replaceAll(" ", "_"),
    train: moved(chosen.train),
    test: moved(chosen.test),
  };
}

/** All splits that came with the clips. */
export function shippedSides(out: ClipsOut): readonly Sides[] {
  return Object.entries(out.splits ?? {}).sort(([a], [b]) => a < b ? -1 : 1).map((
    [protocol, { train, test }],
  ) => ({ protocol, train, test }));
}

/**
 * The one split that a form with two sides is written by.
 *
 * @throws {UnusableInput} If there is none, or several and none is chosen.
 */
export function oneSplit(
  given: Sides | undefined,
  shipped: readonly Sides[],
  { protocol }: SidesChoice,
): Sides {
  if (given !== undefined) return given;
  const chosen = protocol === undefined && shipped.length === 1
    ? shipped[0]
    : shipped.find((sides) => sides.protocol === protocol);
  if (chosen !== undefined) return chosen;
  throw new UnusableInput(
    shipped.length === 0
      ? "this form has a train and a test side: give a split as the input split"
      : `expected the parameter protocol to be one of ${
        shipped.map((sides) => sides.protocol).join(", ")
      }, which came with the recordings, found ${protocol ?? "none"}`,
  );
}
