/**
 * Which clips a picture shows: the same share of every class.
 *
 * @module
 */
import { randomStream } from "../random.ts";

/** How many clips are taken. */
export interface ChoiceSettings {
  /** Of each class's clips; at least one of each class. */
  readonly share: number;
  /** At most so many in all, with the classes' shares kept. */
  readonly clips: number;
  readonly seed: number;
}

/**
 * Draws clips without replacement, each class from a stream of its own, so that a class's draw does not
 * hang on the others.
 *
 * @param candidates Indices of clips.
 * @param labels Classes by index of clip.
 * @returns Indices, ascending.
 */
export function chooseClips(
  candidates: readonly number[],
  labels: ArrayLike<number>,
  settings: ChoiceSettings,
): readonly number[] {
  const classes = [...Map.groupBy(candidates, (clip) => labels[clip]!)].sort(([a], [b]) => a - b);
  const counts = capped(
    classes.map(([, members]) => Math.max(1, Math.round(settings.share * members.length))),
    settings.clips,
  );
  return classes.flatMap(([label, members], c) => {
    const stream = randomStream(settings.seed, "tsne clips", 0, label);
    return Array.from(stream.choose(members.length, counts[c]!), (at) => members[at]!);
  }).sort((a, b) => a - b);
}

/** Counts made smaller in proportion until they add up to `most`: by largest remainders, first ones first. */
function capped(counts: readonly number[], most: number): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= most) return counts;
  const exact = counts.map((count) => count * most / total);
  const floors = exact.map(Math.floor);
  let left = most - floors.reduce((sum, count) => sum + count, 0);
  const order = exact.map((value, i) => [value - floors[i]!, i] as const)
    .sort(([a, i], [b, j]) => b - a || i - j);
  for (const [, i] of order) {
    if (left-- <= 0) break;
    floors[i]!++;
  }
  return floors;
}
