/**
 * Which clips of a training list keep their labels (method section 8, "Semi-supervised sampling").
 *
 * @module
 */
import { randomStream } from "../random.ts";
import { PythonRandom } from "./python_random.ts";

/** How many clips of a class are kept: a share of it, or so many. */
export type Amount = { readonly fraction: number } | { readonly perClass: number };

/** The training clips of one class. */
export interface ClassClips {
  /** 0-based. */
  readonly label: number;
  /** Indices of clips, ascending. */
  readonly clips: readonly number[];
}

/** Takes so many clips of a class, in any order. */
export type Draw = (of: ClassClips, count: number) => readonly number[];

/** The seed that the released code starts Python's generator with. */
export const RELEASED_SEED = 2;

/**
 * The released draw: Python's generator begun with 2 at the first class, and `random.sample` of one class
 * after the other.
 */
export function releasedDraw(): Draw {
  const random = new PythonRandom(RELEASED_SEED);
  return ({ clips }, count) => random.sample(clips, count);
}

/**
 * A draw of our own, a function of seed, number of the draw, fold and class. With the same four, more
 * clips of a class include the fewer.
 *
 * @param fold 0-based.
 */
export function ownDraw(seed: number, draw: number, fold: number): Draw {
  return ({ clips, label }, count) => {
    const stream = randomStream(seed, `subset, fold ${fold}`, draw, label);
    return Array.from(stream.choose(clips.length, count), (at) => clips[at]!);
  };
}

/**
 * Training clips by class, the classes in the order in which they first occur.
 *
 * @param train Indices of clips, ascending.
 * @param labels Classes of all clips.
 */
export function byClass(train: readonly number[], labels: ArrayLike<number>): ClassClips[] {
  const classes = new Map<number, number[]>();
  for (const clip of train) {
    const own = classes.get(labels[clip]!);
    if (own === undefined) classes.set(labels[clip]!, [clip]);
    else own.push(clip);
  }
  return [...classes].map(([label, clips]) => ({ label, clips }));
}

/** How many clips of a class are kept: a share of them rounded to the nearest, halves to the even one. */
export function keptOf({ clips }: ClassClips, amount: Amount): number {
  return "perClass" in amount ? amount.perClass : halfToEven(amount.fraction * clips.length);
}

/** The clips that a draw keeps, ascending. */
export function drawSubset(
  classes: readonly ClassClips[],
  amount: Amount,
  draw: Draw,
): readonly number[] {
  return classes.flatMap((of) => draw(of, keptOf(of, amount))).sort((a, b) => a - b);
}

/** Python's `round(value)` of a float that is not negative. */
export function halfToEven(value: number): number {
  const below = Math.floor(value), over = value - below;
  return over < 0.5 || (over === 0.5 && below % 2 === 0) ? below : below + 1;
}
