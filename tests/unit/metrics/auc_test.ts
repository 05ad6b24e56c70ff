import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { auc } from "../../../stages/metrics/auc.ts";

/** Every pair of one value of each kind, a tie counting one half. */
function counted(scores: readonly number[], positive: readonly boolean[]): number | undefined {
  let [won, pairs] = [0, 0];
  scores.forEach((high, i) =>
    scores.forEach((low, j) => {
      if (!positive[i] || positive[j]) return;
      pairs++;
      won += high > low ? 1 : high === low ? 0.5 : 0;
    })
  );
  return pairs === 0 ? undefined : won / pairs;
}

const of = (scores: readonly number[], positive: readonly boolean[]) =>
  auc(Float64Array.from(scores), Uint8Array.from(positive, Number));

Deno.test("the area under the curve is the share of pairs in order, ties counting one half", () => {
  // Few different values, so that ties are common.
  const pair = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.boolean());
  fc.assert(fc.property(fc.array(pair, { maxLength: 60 }), (pairs) => {
    const scores = pairs.map(([score]) => score / 7);
    const positive = pairs.map(([, kind]) => kind);
    const [found, expected] = [of(scores, positive), counted(scores, positive)];
    if (expected === undefined) assertEquals(found, undefined);
    else assertAlmostEquals(found!, expected, 1e-12);
  }));
});

Deno.test("kinds wholly apart give 0 or 1, equal values one half", () => {
  assertEquals(of([1, 2, 3, 4], [false, false, true, true]), 1);
  assertEquals(of([1, 2, 3, 4], [true, true, false, false]), 0);
  assertEquals(of([5, 5, 5], [true, false, false]), 0.5);
  assertEquals(of([5, 6], [true, true]), undefined);
});
