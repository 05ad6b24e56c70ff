import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { streamKey, uniformAt } from "../../../stages/random.ts";
import { startCpu } from "../../../stages/tensor/cpu_backend.ts";
import { batchNorm, batchNormEval } from "../../../stages/tensor/ops/batch_norm.ts";
import { crossEntropy } from "../../../stages/tensor/ops/cross_entropy.ts";
import { dropoutMask } from "../../../stages/tensor/ops/dropout_mask.ts";
import { ema } from "../../../stages/tensor/ops/ema.ts";
import { enqueue, infoNce, normalizeRows } from "../../../stages/tensor/ops/info_nce.ts";
import { sgd } from "../../../stages/tensor/ops/sgd.ts";
import {
  affineColumns,
  columnSums,
  sumRows,
  swapLeading,
  takeRows,
  tileRows,
} from "../../../stages/tensor/rows.ts";
import { NO_TAPE, Tape } from "../../../stages/tensor/tape.ts";
import type { GradientAnswer } from "./gradient_check.ts";

await startCpu();

function near(actual: tf.Tensor, expected: number[], tolerance = 1e-6) {
  const values = Array.from(actual.dataSync());
  assertEquals(values.length, expected.length);
  expected.forEach((value, i) => assertAlmostEquals(values[i]!, value, tolerance));
}

Deno.test("every operation's gradient agrees with central differences in float64", async () => {
  const worker = new Worker(new URL("./gradient_check.ts", import.meta.url).href, {
    type: "module",
  });
  const answer = await new Promise<GradientAnswer>((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
  });
  worker.terminate();
  assert("errors" in answer, "failed" in answer ? answer.failed : "");
  for (const [name, errors] of Object.entries(answer.errors)) {
    errors.forEach((error, i) => assert(error < 1e-7, `${name}, input ${i}: off by ${error}`));
  }
  assert(Object.keys(answer.errors).length >= 19);
});

Deno.test("rows are taken, summed, swapped and tiled as written out by hand", () => {
  tf.tidy(() => {
    const x = tf.tensor3d([1, 2, 3, 4, 5, 6], [3, 2, 1]);
    near(takeRows(x, [2, 0, 2]), [5, 6, 1, 2, 5, 6]);
    near(sumRows(x, [[0, 2], [1]]), [6, 8, 3, 4]);
    const swapped = swapLeading(x);
    assertEquals(swapped.shape, [2, 3, 1]);
    near(swapped, [1, 3, 5, 2, 4, 6]);
    near(tileRows(tf.tensor1d([7, 8]), 3), [7, 8, 7, 8, 7, 8]);
    near(columnSums(tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2])), [9, 12]);
    const affine = affineColumns(tf.tensor2d([1, 2, 3, 4], [2, 2]), {
      mean: tf.tensor1d([1, 1]),
      scale: tf.tensor1d([2, 3]),
      offset: tf.tensor1d([10, 20]),
    });
    near(affine, [10, 23, 14, 29]);
  });
});

Deno.test("sums of long columns keep their digits", () => {
  tf.tidy(() => {
    const rows = 40000;
    const x = tf.tensor2d(Float32Array.from({ length: 3 * rows }, () => 0.1), [rows, 3]);
    for (const sum of columnSums(x).dataSync()) {
      assert(Math.abs(sum / (Math.fround(0.1) * rows) - 1) < 1e-6, String(sum));
    }
  });
});

Deno.test("batch normalisation: biased variance to normalise, unbiased to remember, bias into the mean", () => {
  tf.tidy(() => {
    const x = tf.tensor2d([1, 3, 5, 11], [4, 1]);
    const weights = { weight: tf.tensor1d([2]), bias: tf.tensor1d([1]), before: tf.tensor1d([10]) };
    const { y, statistics } = batchNorm(NO_TAPE, x, weights);
    const deviation = Math.sqrt(14 + 1e-5);
    near(y, [-4, -2, 0, 6].map((gap) => 2 * gap / deviation + 1));
    near(statistics.mean, [15]);
    near(statistics.variance, [56 / 3], 1e-5);
    const running = { mean: tf.tensor1d([15]), variance: tf.tensor1d([14]) };
    near(batchNormEval(x, weights, running), Array.from(y.dataSync()));
  });
});

Deno.test("a channel that never changes is normalised to its bias", () => {
  tf.tidy(() => {
    const x = tf.tensor2d([4, 4, 4], [3, 1]);
    const { y, statistics } = batchNorm(NO_TAPE, x, {
      weight: tf.tensor1d([3]),
      bias: tf.tensor1d([0.5]),
    });
    near(y, [0.5, 0.5, 0.5]);
    near(statistics.variance, [0]);
  });
});

Deno.test("InfoNCE is minus the log share of the key among key, queue and further negative", () => {
  tf.tidy(() => {
    const q = tf.tensor2d([1, 0], [1, 2]);
    const k = tf.tensor2d([0.6, 0.8], [1, 2]);
    const queue = tf.tensor2d([0, 1, -1, 0], [2, 2]);
    const extra = tf.tensor2d([0.8, 0.6], [1, 2]);
    const terms = [0.6, 0, -1, 0.8].map((cosine) => Math.exp(cosine / 0.2));
    const share = (count: number) => terms[0]! / terms.slice(0, count).reduce((a, b) => a + b);
    const two = infoNce(NO_TAPE, q, k, queue, null, 0.2);
    near(two.loss, [-Math.log(share(3))]);
    near(two.positive, [0.6]);
    near(two.negative, [-0.5]);
    near(infoNce(NO_TAPE, q, k, queue, extra, 0.2).loss, [-Math.log(share(4))]);
    // Far apart, where the exponentials of float32 would overflow.
    near(infoNce(NO_TAPE, q, k, queue, null, 0.001).loss, [0]);
  });
});

Deno.test("rows of zeros stay zero when they are normalised", () => {
  tf.tidy(() => near(normalizeRows(NO_TAPE, tf.tensor2d([0, 0, 3, 4], [2, 2])), [0, 0, 0.6, 0.8]));
});

Deno.test("keys enter the queue at the pointer", () => {
  tf.tidy(() => {
    const queue = tf.tensor2d([1, 2, 3, 4], [4, 1]);
    near(enqueue(queue, tf.tensor2d([8, 9], [2, 1]), 0), [8, 9, 3, 4]);
    near(enqueue(queue, tf.tensor2d([8, 9], [2, 1]), 2), [1, 2, 8, 9]);
    near(enqueue(queue, tf.tensor2d([6, 7, 8, 9], [4, 1]), 0), [6, 7, 8, 9]);
  });
});

Deno.test("SGD: decay joins the gradient, the gradient the buffer; the moving average weighs by m", () => {
  tf.tidy(() => {
    const options = { lr: 0.1, momentum: 0.9, weightDecay: 0.01 };
    const one = sgd(tf.tensor1d([2]), tf.tensor1d([1]), tf.tensor1d([0]), options);
    near(one.buffer, [1.02]);
    near(one.p, [1.898]);
    const two = sgd(one.p, tf.tensor1d([1]), one.buffer, options);
    near(two.buffer, [0.9 * 1.02 + 1.01898]);
    near(ema(tf.tensor1d([1, 2]), tf.tensor1d([3, 6]), 0.75), [1.5, 3]);
  });
});

Deno.test("cross-entropy of even scores is the log of their number", () => {
  tf.tidy(() => {
    const labels = tf.tensor2d([1, 0, 0, 0, 0, 1], [2, 3]);
    near(crossEntropy(NO_TAPE, tf.zeros([2, 3]), labels), [Math.log(3)]);
  });
});

Deno.test("a dropout mask follows from its key, element by element, and keeps its share", () => {
  const key = streamKey(5, "test/dropout");
  const mask = dropoutMask(key, [40, 1000], 0.25);
  const values = mask.dataSync();
  for (const i of [0, 1, 16383, 16384, 39999]) {
    assertEquals(values[i], Math.fround(uniformAt(key, i) < 0.25 ? 0 : 1 / 0.75));
  }
  const kept = values.filter((value) => value > 0).length / values.length;
  assert(Math.abs(kept - 0.75) < 0.01, String(kept));
  mask.dispose();
});

Deno.test("the tape adds up what flows along several ways, and leaves nothing behind", () => {
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const x = tf.tensor1d([3]);
    const unused = tf.tensor1d([1]);
    const tape = new Tape([x, unused]);
    const times = (a: tf.Tensor, b: tf.Tensor) =>
      tape.record([a, b], (save) => {
        const [sa, sb] = [save(a), save(b)];
        return [tf.mul(a, b), (dy) => [tf.mul(dy, sb), tf.mul(dy, sa)]];
      });
    const cube = times(times(x, x), x);
    times(cube, x); // recorded, but no gradient comes its way
    const [dx, none] = tape.gradients([[cube, tf.tensor1d([2])]], [x, unused]);
    near(dx!, [54]);
    near(none!, [0]);
  });
  assertEquals(tf.memory().numTensors, before);
});
