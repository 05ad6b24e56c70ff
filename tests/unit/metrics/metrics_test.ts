import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { alignment } from "../../../stages/metrics/alignment.ts";
import { effectiveRank } from "../../../stages/metrics/effective_rank.ts";
import { featureStats } from "../../../stages/metrics/feature_stats.ts";
import { knn } from "../../../stages/metrics/knn.ts";
import {
  normalizeRows,
  type RowMatrix,
  rowMatrix,
  selectRows,
} from "../../../stages/metrics/row_matrix.ts";
import { uniformity } from "../../../stages/metrics/uniformity.ts";

function matrix(...rows: readonly number[][]): RowMatrix {
  return rowMatrix(Float32Array.from(rows.flat()), rows[0]!.length);
}

Deno.test("rowMatrix() refuses values that do not fill its rows", () => {
  assertThrows(() => rowMatrix(new Float32Array(7), 3), RangeError, "7 values");
});

Deno.test("selectRows() takes rows in the order asked", () => {
  assertEquals(
    [...selectRows(matrix([1, 2], [3, 4], [5, 6]), [2, 0]).values],
    [5, 6, 1, 2],
  );
});

Deno.test("normalizeRows() scales rows to unit length and keeps zero rows", () => {
  assertEquals(
    [...normalizeRows(matrix([3, 4], [0, 0])).values],
    [0.6, 0.8, 0, 0].map(Math.fround),
  );
});

Deno.test("alignment() is 0 for equal, 2 for orthogonal and 4 for opposite pairs", () => {
  const x = matrix([1, 0], [0, 2]);
  assertAlmostEquals(alignment(x, x), 0);
  assertAlmostEquals(alignment(x, matrix([0, 1], [3, 0])), 2);
  assertAlmostEquals(alignment(x, matrix([-1, 0], [0, -1])), 4);
  assertThrows(() => alignment(x, matrix([1, 0])), RangeError, "one shape");
});

Deno.test("uniformity() is 0 for one point and log of the mean kernel for spread points", () => {
  assertAlmostEquals(uniformity(matrix([1, 0], [2, 0], [3, 0])), 0);
  // Squared distances 2 (orthogonal, twice) and 4 (opposite, once).
  assertAlmostEquals(
    uniformity(matrix([1, 0], [0, 1], [-1, 0])),
    Math.log((2 * Math.exp(-4) + Math.exp(-8)) / 3),
    1e-6,
  );
  assertThrows(() => uniformity(matrix([1, 0])), RangeError, "two rows");
});

Deno.test("effectiveRank() counts equal directions and weighs unequal ones by entropy", () => {
  assertAlmostEquals(effectiveRank(matrix([2, 0, 0], [0, 2, 0], [0, 0, 2])), 3, 1e-9);
  assertAlmostEquals(effectiveRank(matrix([1, 1], [2, 2], [3, 3])), 1, 1e-6);
  const p = [3 / 4, 1 / 4];
  const expected = Math.exp(-p.reduce((sum, x) => sum + x * Math.log(x), 0));
  assertAlmostEquals(effectiveRank(matrix([3, 0], [0, 1])), expected, 1e-9);
});

Deno.test("effectiveRank() is the same for a matrix and its transpose", () => {
  const tall = matrix([1, 2], [3, -1], [0.5, 4], [2, 2]);
  const wide = matrix([1, 3, 0.5, 2], [2, -1, 4, 2]);
  assertAlmostEquals(effectiveRank(tall), effectiveRank(wide), 1e-9);
});

Deno.test("effectiveRank() of equal rows is 1, and 0 when centred", () => {
  const equal = matrix([5.3, 1.1], [5.3, 1.1], [5.3, 1.1]);
  assertAlmostEquals(effectiveRank(equal), 1, 1e-6);
  assertEquals(effectiveRank(equal, true), 0);
  assertEquals(effectiveRank(matrix([0, 0])), 0);
  assertThrows(() => effectiveRank(matrix([NaN, 1])), RangeError, "not finite");
});

Deno.test("featureStats() averages means and variances over columns", () => {
  const stats = featureStats(matrix([1, 10], [3, 10]));
  assertAlmostEquals(stats.mean, 6);
  assertAlmostEquals(stats.std, Math.sqrt(0.5));
  assertAlmostEquals(stats.effective_rank_centred, 1, 1e-9);
});

Deno.test("knn() votes by similarity, not by count alone", () => {
  const bank = { matrix: matrix([1, 0], [0.1, 1], [0, 1]), labels: [0, 1, 1] };
  const queries = { matrix: matrix([1, 0.05], [0, 5]), labels: [0, 1] };
  assertEquals(knn(bank, queries, [1]), [{ k: 1, top1: 100 }]);
  // Two far neighbours weigh less than one near neighbour: e^(1/0.1) against 2 e^(0.15/0.1).
  assertEquals(knn(bank, queries, [3]), [{ k: 3, top1: 100 }]);
});

Deno.test("knn() clips k to the bank and drops doubles", () => {
  const bank = { matrix: matrix([1, 0], [0, 1]), labels: [0, 1] };
  const queries = { matrix: matrix([1, 0.1], [1, 0.2]), labels: [0, 1] };
  assertEquals(knn(bank, queries, [40, 10, 1]), [{ k: 1, top1: 50 }, { k: 2, top1: 50 }]);
});

Deno.test("knn() needs a bank", () => {
  const none = { matrix: { rows: 0, columns: 2, values: new Float32Array(0) }, labels: [] };
  assertThrows(() => knn(none, none, [1]), RangeError, "needs a bank");
});
