import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { EVD, Matrix } from "ml-matrix";
import { rowMatrix } from "../../../stages/metrics/row_matrix.ts";
import { randomStream } from "../../../stages/random.ts";
import { squaredDistances } from "../../../stages/tsne/affinities.ts";
import { chooseClips } from "../../../stages/tsne/chosen_clips.ts";
import { classStyle } from "../../../stages/tsne/class_styles.ts";
import { chancePurity, neighbourhood } from "../../../stages/tsne/neighbourhood.ts";
import { centred, principalComponents } from "../../../stages/tsne/principal_components.ts";

Deno.test("purity counts neighbours of the own class, the silhouette compares mean distances", async () => {
  // On a line: 0 0.5 2 | 10 11, classes 0 0 1 | 1 1.
  const squares = await squaredDistances(Float64Array.of(0, 0.5, 2, 10, 11), 5, 1);
  const labels = Int32Array.of(0, 0, 1, 1, 1);
  const { purity, silhouette } = neighbourhood(squares, labels, [2, 1, 5, 20]);
  // Nearest: 0-0.5, 0.5-0, 2-0.5 (wrong), 10-11, 11-10.
  assertAlmostEquals(purity["1"]!, 80, 1e-12);
  // Two nearest: 1/2, 1/2, 0/2, 2/2, 2/2.
  assertAlmostEquals(purity["2"]!, 60, 1e-12);
  assertEquals(Object.keys(purity), ["1", "2"]);
  const of = (a: number, b: number) => (b - a) / Math.max(a, b);
  const expected = [
    of(0.5, (2 + 10 + 11) / 3),
    of(0.5, (1.5 + 9.5 + 10.5) / 3),
    of(8.5, 1.75),
    of(4.5, 9.75),
    of(5, 10.75),
  ];
  assertAlmostEquals(silhouette!, expected.reduce((a, b) => a + b) / 5, 1e-12);
});

Deno.test("one class has no silhouette, a class of one clip counts 0", async () => {
  const squares = await squaredDistances(Float64Array.of(0, 1, 3), 3, 1);
  assertEquals(neighbourhood(squares, Int32Array.of(2, 2, 2), [1]).silhouette, null);
  const { silhouette } = neighbourhood(squares, Int32Array.of(0, 0, 1), [1]);
  assertAlmostEquals(silhouette!, ((3 - 1) / 3 + (2 - 1) / 2 + 0) / 3, 1e-12);
});

Deno.test("purity by chance is what labels dealt at random have", () => {
  assertAlmostEquals(chancePurity([0, 0, 1, 1]), 100 / 3, 1e-12);
  assertEquals(chancePurity([5, 5, 5]), 100);
});

Deno.test("clips are drawn in the same share of each class, within the most there may be", () => {
  const labels = Array.from({ length: 300 }, (_, i) => i < 200 ? 0 : i < 297 ? 1 : 2);
  const candidates = labels.map((_, i) => i).filter((i) => i % 2 === 0 || i > 290);
  const count = (clips: readonly number[]) =>
    [0, 1, 2].map((c) => clips.filter((clip) => labels[clip] === c).length);
  const chosen = chooseClips(candidates, labels, { share: 0.2, clips: 2000, seed: 4 });
  assertEquals(count(chosen), [20, Math.round(0.2 * 52), 1]);
  assertEquals([...new Set(chosen)].sort((a, b) => a - b), chosen);
  assert(chosen.every((clip) => candidates.includes(clip)));
  assertEquals(chooseClips(candidates, labels, { share: 0.2, clips: 2000, seed: 4 }), chosen);
  assert(
    chooseClips(candidates, labels, { share: 0.2, clips: 2000, seed: 5 }).join() !== chosen.join(),
  );
  assertEquals(chooseClips(candidates, labels, { share: 0.2, clips: 15, seed: 4 }).length, 15);
  assertEquals(chooseClips(candidates, labels, { share: 1, clips: 2000, seed: 4 }), candidates);
});

/** Rows that vary in 8 directions, and hardly in the others. */
function lowRank(n: number, d: number) {
  const stream = randomStream(3, "low rank");
  const directions = Array.from(
    { length: 8 },
    () => Array.from({ length: d }, () => stream.normal()),
  );
  const values = new Float32Array(n * d);
  for (let i = 0; i < n; i++) {
    const weights = directions.map((_, k) => stream.normal() * 2 ** -k);
    for (let c = 0; c < d; c++) {
      values[i * d + c] = 5 + 0.001 * stream.normal() +
        weights.reduce((sum, w, k) => sum + w * directions[k]![c]!, 0);
    }
  }
  return rowMatrix(values, d);
}

for (const [n, d] of [[60, 20], [20, 60]] as const) {
  Deno.test(`principal components of ${n} x ${d} are those of the covariance`, async () => {
    const rows = centred(lowRank(n, d));
    const { values, dimensions, kept } = await principalComponents(rows, 5);
    assertEquals(dimensions, 5);
    const X = new Matrix(Array.from({ length: n }, (_, i) => [
      ...rows.values.subarray(i * d, (i + 1) * d),
    ]));
    const { realEigenvalues } = new EVD(X.transpose().mmul(X), { assumeSymmetric: true });
    const variances = [...realEigenvalues].sort((a, b) => b - a);
    const total = variances.reduce((a, b) => a + b);
    for (let k = 0; k < 5; k++) {
      let square = 0;
      for (let i = 0; i < n; i++) square += values[i * 5 + k]! ** 2;
      assertAlmostEquals(square / total, variances[k]! / total, 1e-6);
    }
    assertAlmostEquals(kept, variances.slice(0, 5).reduce((a, b) => a + b) / total, 1e-6);
    assertEquals((await principalComponents(rows, 5)).values, values);
  });
}

Deno.test("as many directions as columns or rows keep all distances, and few columns stay as they are", async () => {
  const rows = centred(lowRank(12, 30));
  const { values, dimensions, kept } = await principalComponents(rows, 20);
  assertEquals(dimensions, 12);
  assertAlmostEquals(kept, 1, 1e-6);
  const before = await squaredDistances(rows.values, 12, 30);
  const after = await squaredDistances(values, 12, 12);
  before.forEach((square, at) => assertAlmostEquals(after[at]! / square, 1, 1e-4));
  const narrow = centred(lowRank(12, 4));
  assertEquals([...(await principalComponents(narrow, 50)).values], [...narrow.values]);
});

Deno.test("rows that are all alike have no direction, and stay finite", async () => {
  const { values } = await principalComponents(
    centred(rowMatrix(new Float32Array(90).fill(3), 9)),
    4,
  );
  assert(values.every((value) => Math.abs(value) < 1e-9));
});

Deno.test("120 classes are drawn in 120 ways", () => {
  for (const classes of [10, 28, 60, 120]) {
    const styles = Array.from(
      { length: classes },
      (_, c) => JSON.stringify(classStyle(c, classes)),
    );
    assertEquals(new Set(styles).size, classes);
    const colors = new Set(styles.map((style) => JSON.parse(style).color));
    assertEquals(colors.size, Math.min(30, classes));
  }
});
