import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { randomStream } from "../../../stages/random.ts";
import {
  affinities,
  gaussianOf,
  packedLength,
  packedRow,
  squaredDistances,
} from "../../../stages/tsne/affinities.ts";
import { divergenceOf, Embedding, gradientOf } from "../../../stages/tsne/embedding.ts";

function normal(length: number, purpose: string): Float64Array<ArrayBuffer> {
  const stream = randomStream(1, purpose);
  return new Float64Array(length).map(() => stream.normal());
}

/** The same by the formula, one pair at a time. */
function distance(values: Float64Array, i: number, j: number, d: number): number {
  let sum = 0;
  for (let c = 0; c < d; c++) sum += (values[i * d + c]! - values[j * d + c]!) ** 2;
  return sum;
}

Deno.test("squared distances are those of the formula, for every pair once", async () => {
  const n = 11, d = 5, values = normal(n * d, "rows");
  const packed = await squaredDistances(values, n, d);
  assertEquals(packed.length, packedLength(n));
  const row = new Float64Array(n - 1);
  for (let i = 0; i < n; i++) {
    packedRow(packed, n, i, row);
    for (let j = 0; j < n; j++) {
      if (j !== i) assertAlmostEquals(row[j < i ? j : j - 1]!, distance(values, i, j, d), 1e-12);
    }
  }
});

Deno.test("every point's Gaussian has the perplexity asked for, whatever the scale of its distances", () => {
  for (const scale of [1e-8, 1, 1e12]) {
    for (const perplexity of [2, 20, 60]) {
      const distances = normal(199, "distances").map((value) => scale * value * value);
      const out = new Float64Array(199);
      gaussianOf(distances, perplexity, out);
      const entropy = out.reduce((sum, p) => p > 0 ? sum - p * Math.log(p) : sum, 0);
      assertAlmostEquals(Math.log(perplexity), entropy, 2e-5, `${scale}, ${perplexity}`);
      assertAlmostEquals(out.reduce((sum, p) => sum + p, 0), 1, 1e-12);
    }
  }
});

Deno.test("P is symmetric, sums to one, and is the mean of both points' Gaussians", async () => {
  const n = 40, d = 3, values = normal(n * d, "rows");
  const distances = await squaredDistances(values, n, d);
  const { P, perplexity } = await affinities(distances, n, 10);
  assertAlmostEquals(2 * P.reduce((sum, p) => sum + p, 0), 1, 1e-12);
  assert(Math.abs(perplexity[0] - 10) < 1e-3 && Math.abs(perplexity[1] - 10) < 1e-3);
  const gaussian = (i: number) => {
    const out = new Float64Array(n - 1);
    gaussianOf(packedRow(distances, n, i, new Float64Array(n - 1)), 10, out);
    return out;
  };
  const [i, j] = [17, 4];
  assertAlmostEquals(
    P[packedLength(i) + j]!,
    (gaussian(i)[j]! + gaussian(j)[i - 1]!) / (2 * n),
    1e-15,
  );
});

Deno.test("points that coincide end the search short of the perplexity, and not in NaN", async () => {
  const n = 30;
  const distances = await squaredDistances(new Float64Array(n * 2), n, 2);
  const { P, perplexity } = await affinities(distances, n, 5);
  assert(P.every((p) => Math.abs(p - 1 / (n * (n - 1))) < 1e-12));
  assertAlmostEquals(perplexity[0], n - 1, 1e-9);
});

Deno.test("the gradient is that of KL(P || Q) by finite differences", async () => {
  const n = 12;
  const { P } = await affinities(await squaredDistances(normal(n * 4, "rows"), n, 4), n, 4);
  const x = normal(n, "x"), y = normal(n, "y");
  const gradient = gradientOf(P, x, y);
  for (const [coordinate, found] of [[x, gradient.x], [y, gradient.y]] as const) {
    for (let i = 0; i < n; i++) {
      const at = coordinate[i]!, step = 1e-5;
      coordinate[i] = at + step;
      const above = divergenceOf(P, x, y);
      coordinate[i] = at - step;
      const below = divergenceOf(P, x, y);
      coordinate[i] = at;
      assertAlmostEquals(found[i]!, (above - below) / (2 * step), 1e-8);
    }
  }
});

Deno.test("a step follows momentum, gains and exaggeration, and leaves the points centred", async () => {
  const n = 12;
  const { P } = await affinities(await squaredDistances(normal(n * 4, "rows"), n, 4), n, 4);
  const settings = {
    learning_rate: 40,
    momentum: 0.5,
    final_momentum: 0.8,
    momentum_switch: 1,
    exaggeration: 4,
    exaggerated: 2,
  };
  const points = Embedding.begin(n, 7);
  // The same by hand, for x alone.
  const place = [...points.x], speed = new Array(n).fill(0), gain = new Array(n).fill(1);
  for (let iteration = 0; iteration < 4; iteration++) {
    const { x } = gradientOf(P, points.x, points.y, iteration < 2 ? 4 : 1);
    for (let i = 0; i < n; i++) {
      const turned = Math.sign(x[i]!) === Math.sign(speed[i]) && speed[i] !== 0;
      gain[i] = turned ? Math.max(0.01, gain[i] * 0.8) : gain[i] + 0.2;
      // At the start nothing moves, which counts as moving down.
      if (iteration === 0) gain[i] = x[i]! > 0 ? 1.2 : 0.8;
      speed[i] = (iteration < 1 ? 0.5 : 0.8) * speed[i] - 40 * gain[i] * x[i]! / 4;
      place[i] = place[i]! + speed[i];
    }
    const mean = place.reduce((sum, value) => sum + value, 0) / n;
    for (let i = 0; i < n; i++) place[i]! -= mean;
    points.step(P, settings);
    for (let i = 0; i < n; i++) assertAlmostEquals(points.x[i]!, place[i]!, 1e-9);
    assertAlmostEquals(points.y.reduce((sum, value) => sum + value, 0), 0, 1e-9);
  }
  assertEquals(points.done, 4);
});
