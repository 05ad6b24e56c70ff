import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { SgdProbe } from "../../../stages/linear_eval/sgd_probe.ts";
import { randomStream } from "../../../stages/random.ts";
import { topK } from "../../../stages/statistics/classification.ts";
import { madeUpFeatures, range } from "./made_up_features.ts";

const PARAMS = { seed: 3, lr: 0.5, milestones: [2], batch: 8 };

/** The probe written down a second time, clip by clip in float64, with nothing tiled or cached. */
function definition(
  data: ReturnType<typeof madeUpFeatures>,
  train: number[],
  epochs: number,
  params: typeof PARAMS,
) {
  const { features: { columns, values }, labels, classes } = data;
  const start = new Float32Array(classes * columns);
  randomStream(params.seed, "linear start", 0, 0).fillNormal(start, 0, 0.02);
  const w = Array.from(start), b = new Array<number>(classes).fill(0);
  const mw = w.map(() => 0), mb = b.map(() => 0);
  const logits = (clip: number) =>
    b.map((bias, c) => {
      let sum = bias;
      for (let d = 0; d < columns; d++) sum += w[c * columns + d]! * values[clip * columns + d]!;
      return sum;
    });
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const rate = params.lr * (epoch > params.milestones[0]! ? 0.1 : 1);
    const order = randomStream(params.seed, "linear order", epoch, 0).permutation(train.length);
    for (let at = 0; at + params.batch <= train.length; at += params.batch) {
      const gw = w.map(() => 0), gb = b.map(() => 0);
      for (const index of order.subarray(at, at + params.batch)) {
        const clip = train[index]!;
        const powers = logits(clip).map(Math.exp);
        const total = powers.reduce((sum, power) => sum + power, 0);
        for (let c = 0; c < classes; c++) {
          const error = (powers[c]! / total - (labels[clip] === c ? 1 : 0)) / params.batch;
          gb[c]! += error;
          for (let d = 0; d < columns; d++) {
            gw[c * columns + d]! += error * values[clip * columns + d]!;
          }
        }
      }
      for (let i = 0; i < w.length; i++) w[i]! -= rate * (mw[i] = 0.9 * mw[i]! + gw[i]!);
      for (let c = 0; c < classes; c++) b[c]! -= rate * (mb[c] = 0.9 * mb[c]! + gb[c]!);
    }
  }
  return logits;
}

Deno.test("the probe on cached features equals its definition, with learning-rate steps and a dropped rest", () => {
  const data = madeUpFeatures(40, 5, 3, 1);
  const train = range(0, 37).filter((clip) => clip % 5 !== 2);
  const probe = new SgdProbe(data, train, PARAMS);
  for (let epoch = 0; epoch < 4; epoch++) probe.trainEpoch();
  const test = range(30, 40);
  const found = probe.logits(test);
  const expected = definition(data, train, 4, PARAMS);
  test.forEach((clip, i) => {
    expected(clip).forEach((value, c) => assertAlmostEquals(found[i * 3 + c]!, value, 1e-4));
  });
});

Deno.test("the probe reads separable classes and stays at chance on noise", () => {
  for (const [distance, low, high] of [[8, 100, 100], [0, 10, 40]] as const) {
    const data = madeUpFeatures(400, 12, 4, distance);
    const probe = new SgdProbe(data, range(0, 200), {
      seed: 1,
      lr: 3,
      milestones: [6],
      batch: 128,
    });
    for (let epoch = 0; epoch < 10; epoch++) probe.trainEpoch();
    const test = range(200, 400);
    const labels = test.map((clip) => data.labels[clip]!);
    const top1 = topK({ logits: probe.logits(test), labels, classes: 4 }, 1);
    assert(top1 >= low && top1 <= high, `distance ${distance}: ${top1} %`);
  }
});

Deno.test("the first loss is that of a classifier that knows nothing, and it falls", () => {
  const data = madeUpFeatures(64, 6, 4, 3);
  const probe = new SgdProbe(data, range(0, 64), { ...PARAMS, batch: 64 });
  const losses = range(0, 6).map(() => probe.trainEpoch());
  assertAlmostEquals(losses[0]!, Math.log(4), 0.1);
  assert(losses[5]! < losses[0]! / 2);
});

Deno.test("a training set smaller than a batch is one batch of its own size", () => {
  const data = madeUpFeatures(10, 3, 2, 1);
  const probe = new SgdProbe(data, range(0, 5), { ...PARAMS, batch: 128 });
  assertEquals(probe.batch, 5);
  const before = probe.logits([6]);
  assert(Number.isFinite(probe.trainEpoch()));
  assert(probe.logits([6])[0] !== before[0]);
  assertThrows(() => new SgdProbe(data, [], PARAMS), RangeError, "at least one training clip");
});

Deno.test("the same seed gives the same bytes, another seed or fold others", () => {
  const data = madeUpFeatures(50, 4, 3, 1);
  const run = (seed: number, fold: number) => {
    const probe = new SgdProbe(data, range(0, 40), { ...PARAMS, seed }, fold);
    for (let epoch = 0; epoch < 3; epoch++) probe.trainEpoch();
    return probe.logits(range(40, 50));
  };
  assertEquals(run(1, 0), run(1, 0));
  assert(run(1, 0)[0] !== run(2, 0)[0]);
  assert(run(1, 0)[0] !== run(1, 1)[0]);
});
