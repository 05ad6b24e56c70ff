/**
 * "Did you mean": the known name nearest to a mistyped one.
 *
 * @module
 */
import { distance } from "fastest-levenshtein";

function folded(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, "");
}

function sorted(letters: string): string {
  return [...letters].sort().join("");
}

/**
 * The candidate nearest to `word` by edit distance, if it is near enough to be a slip of the hand:
 * at most 2 in 5 of the longer word's letters, capitals, hyphens and underscores not counted. Letters in another order count one edit less.
 *
 * @param word What was written.
 * @param candidates What is known, in the order of preference between equals.
 * @returns The nearest candidate, or `undefined` when none is near.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(nearest("pretrian", ["parse", "pretrain"]), "pretrain");
 * assertEquals(nearest("banana", ["parse", "pretrain"]), undefined);
 * ```
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = folded(word);
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const known = folded(candidate);
    const edits = distance(wanted, known) - (sorted(wanted) === sorted(known) ? 1 : 0);
    const allowed = Math.round(Math.max(wanted.length, known.length) * 0.4);
    if (edits <= allowed && edits < least && candidate !== word) {
      best = candidate;
      least = edits;
    }
  }
  return best;
}

/**
 * The clause that a message ends with: `; did you mean "clips"?`, or nothing when no name is near.
 *
 * @param word What was written.
 * @param candidates What is known.
 */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const name = nearest(word, candidates);
  return name === undefined ? "" : `; did you mean ${JSON.stringify(name)}?`;
}

/**
 * Names as a sentence lists them: `clips, split, policy`, or `none`.
 *
 * @param names The names, kept in their order.
 * @param most How many are written out before `... (N in all)`.
 */
export function listed(names: Iterable<string>, most = 16): string {
  const all = [...names];
  if (all.length === 0) return "none";
  if (all.length <= most) return all.join(", ");
  return `${all.slice(0, most).join(", ")}, ... (${all.length} in all)`;
}
