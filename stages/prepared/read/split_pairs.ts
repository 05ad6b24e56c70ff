/**
 * PYSKL's lists of names, such as `xsub_train` and `xsub_val`, as splits with two sides.
 *
 * @module
 */
import { PROTOCOL_FORM } from "../../clips/shipped_splits.ts";
import type { NamedSplit } from "../prepared_source.ts";

/** What the test side is called, the one that is preferred first. */
const TEST_WORDS = ["test", "val", "eval"];

/**
 * Pairs lists by their names: what stands before `_train` and `_test` (or `_val`, `_eval`) is the
 * protocol.
 *
 * @param lists Names of clips by the list's name.
 * @param plain What the split is called whose lists are `train` and `test` alone.
 * @returns The splits, and a remark on every list that has no counterpart.
 */
export function pairSplits(
  lists: ReadonlyMap<string, readonly string[]>,
  plain: string,
): { readonly splits: ReadonlyMap<string, NamedSplit>; readonly notes: readonly string[] } {
  const splits = new Map<string, NamedSplit>();
  const used = new Set<string>();
  for (const [name, train] of lists) {
    const match = /^(?:(.+)[_-])?train$/.exec(name);
    if (match === null) continue;
    const before = name.slice(0, name.length - "train".length);
    const test = TEST_WORDS.map((word) => before + word).find((other) => lists.has(other));
    const protocol = match[1] ?? plain;
    if (test === undefined || !PROTOCOL_FORM.test(protocol) || splits.has(protocol)) continue;
    splits.set(protocol, { train, test: lists.get(test)! });
    used.add(name).add(test);
  }
  const notes = [...lists.keys()].filter((name) => !used.has(name)).map((name) =>
    `the list ${JSON.stringify(name)} has no counterpart to train or test, and is left out`
  );
  return { splits, notes };
}
