/**
 * Gradients of the operations beside central differences, in float64 (see
 * `stages/parity/float64_worker.ts` for how); run as a Worker that answers with the worst relative
 * error of each input of each operation.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tape } from "../../../stages/tensor/tape.ts";

/** An operation to be checked: inputs by shape, and what it computes of them. */
interface Check {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  /** May be unlike its inputs in number and shape; gradients flow to all inputs. */
  readonly run: (tape: Tape, ...inputs: never[]) => Tensor;
}

/** What the Worker answers: an error for each input, or the reason why it failed. */
export type GradientAnswer =
  | { readonly errors: Readonly<Record<string, readonly number[]>> }
  | { readonly failed: string };

Reflect.set(globalThis, "Float32Array", Float64Array);
const scope = self as unknown as { postMessage(answer: GradientAnswer): void };

async function checks(): Promise<Check[]> {
  const tf = await import("@tensorflow/tfjs-core");
  const { graphConv, EdgeTensors } = await import("../../../stages/tensor/ops/graph_conv.ts");
  const { temporalConv } = await import("../../../stages/tensor/ops/temporal_conv.ts");
  const { batchNorm } = await import("../../../stages/tensor/ops/batch_norm.ts");
  const { frozenBlockEnd, frozenNorm, frozenNormRelu } = await import(
    "../../../stages/tensor/ops/frozen_norm.ts"
  );
  const { bodyRows } = await import("../../../stages/tensor/ops/body_rows.ts");
  const { layerNorm } = await import("../../../stages/tensor/ops/layer_norm.ts");
  const { attention } = await import("../../../stages/tensor/ops/attention.ts");
  const { linear, meanOfBodies } = await import("../../../stages/tensor/ops/linear.ts");
  const { relu, reluSum } = await import("../../../stages/tensor/ops/activation.ts");
  const pool = await import("../../../stages/tensor/ops/pool.ts");
  const { infoNce, normalizeRows } = await import("../../../stages/tensor/ops/info_nce.ts");
  const { crossEntropy } = await import("../../../stages/tensor/ops/cross_entropy.ts");
  // A small graph: itself, one parent, one child, and a joint with two arrivals in one partition.
  const edges = new EdgeTensors(
    [
      { partition: 0, from: 0, to: 0, weight: 1 },
      { partition: 0, from: 1, to: 1, weight: 1 },
      { partition: 0, from: 2, to: 2, weight: 1 },
      { partition: 1, from: 0, to: 1, weight: 1 },
      { partition: 1, from: 0, to: 2, weight: 1 },
      { partition: 2, from: 1, to: 0, weight: 0.5 },
      { partition: 2, from: 2, to: 0, weight: 0.5 },
    ],
    3,
    3,
  );
  const fixed = (shape: number[], seed: number) =>
    tf.keep(tf.randomUniform(shape, -1, 1, "float32", seed));
  const keys = fixed([3, 4], 1) as never;
  const queue = fixed([6, 4], 2) as never;
  const extra = fixed([3, 4], 3) as never;
  const mask = fixed([2, 3, 4], 4);
  const oneHot = tf.keep(tf.tensor2d([[1, 0, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0]])) as never;
  const running = {
    mean: fixed([3], 5) as never,
    variance: tf.keep(tf.tensor1d([0.5, 1, 2])),
  };
  return [
    {
      name: "graphConv",
      shapes: [[3, 2, 2, 2], [3, 2, 4], [3, 4], [3, 3, 3]],
      run: (tape, x, w, b, e) => graphConv(tape, x, w, b, e, edges),
    },
    ...[1, 2].map((stride): Check => ({
      name: `temporalConv of stride ${stride}`,
      shapes: [[2, 6, 2, 3], [9, 3, 2]],
      run: (tape, x, w) => temporalConv(tape, x, w, stride),
    })),
    {
      name: "temporalConv of one frame and stride 2",
      shapes: [[2, 4, 2, 3], [1, 3, 2]],
      run: (tape, x, w) => temporalConv(tape, x, w, 2),
    },
    {
      name: "batchNorm",
      shapes: [[2, 4, 3], [3], [3]],
      run: (tape, x, weight, bias) => batchNorm(tape, x, { weight, bias }).y,
    },
    {
      name: "frozenNorm",
      shapes: [[2, 4, 3], [3], [3], [3]],
      run: (tape, x, weight, bias, before) =>
        frozenNorm(tape, x, { weight, bias, before }, running),
    },
    {
      name: "frozenNormRelu without a bias before it",
      shapes: [[2, 4, 3], [3], [3]],
      run: (tape, x, weight, bias) => frozenNormRelu(tape, x, { weight, bias }, running),
    },
    {
      name: "frozenBlockEnd of two",
      shapes: [[2, 4, 3], [3], [3], [3], [2, 4, 3], [3], [3], [3]],
      run: (tape, x, weight, bias, before, r, w, b, c) =>
        frozenBlockEnd<Tensor>(tape, { x, weights: { weight, bias, before }, running }, {
          x: r,
          weights: { weight: w, bias: b, before: c },
          running,
        }),
    },
    {
      name: "bodyRows",
      shapes: [[3, 2]],
      run: (tape, x) => bodyRows(tape, x, [0, 2, 1, 2]),
    },
    {
      name: "layerNorm",
      shapes: [[2, 3, 5], [5], [5]],
      run: (tape, x, w, b) => layerNorm(tape, x, w, b),
    },
    {
      name: "attention",
      shapes: [[2, 5, 4], [12, 4], [12], [4, 4], [4]],
      run: (tape, x, qkv, qkvBias, out, outBias) =>
        attention(tape, x, { qkv, qkvBias, out, outBias }, 2),
    },
    {
      name: "linear",
      shapes: [[3, 4], [2, 4], [2]],
      run: (tape, x, w, b) => linear(tape, x, w, b),
    },
    { name: "meanOfBodies", shapes: [[6, 2]], run: (tape, x) => meanOfBodies(tape, x, 2) },
    { name: "relu", shapes: [[3, 4]], run: (tape, x) => relu(tape, x) },
    {
      name: "reluSum",
      shapes: [[2, 3, 4], [2, 3, 4]],
      run: (tape, h, r) => reluSum<Tensor>(tape, h, r, mask),
    },
    { name: "poolTokens", shapes: [[3, 2, 2, 4]], run: (tape, f) => pool.poolTokens(tape, f) },
    { name: "tokensOf", shapes: [[3, 2, 2, 4]], run: (tape, f) => pool.tokensOf(tape, f) },
    {
      name: "maskPool",
      shapes: [[2, 3, 4], [2, 3, 4]],
      run: (tape, f, m) => pool.maskPool(tape, f, m),
    },
    { name: "rowOf", shapes: [[2, 3, 4]], run: (tape, x) => pool.rowOf(tape, x, 1) },
    {
      name: "scaledSigmoid",
      shapes: [[2, 3, 4]],
      run: (tape, x) => pool.scaledSigmoid(tape, x, 2),
    },
    { name: "normalizeRows", shapes: [[3, 4]], run: (tape, x) => normalizeRows(tape, x) },
    {
      name: "infoNce without a further negative",
      shapes: [[3, 4]],
      run: (tape, q) => infoNce(tape, q, keys, queue, null, 0.2).loss,
    },
    {
      name: "infoNce with a further negative",
      shapes: [[3, 4]],
      run: (tape, q) => infoNce(tape, q, keys, queue, extra, 0.2).loss,
    },
    { name: "crossEntropy", shapes: [[3, 4]], run: (tape, x) => crossEntropy(tape, x, oneHot) },
  ];
}

/** Largest |analytic - numeric| over largest |analytic|, by input. */
async function errorsOf({ shapes, run }: Check): Promise<number[]> {
  const tf = await import("@tensorflow/tfjs-core");
  const { Tape, NO_TAPE } = await import("../../../stages/tensor/tape.ts");
  const inputs = shapes.map((shape, i) =>
    tf.randomUniform(shape as number[], -1, 1, "float32", 10 + i)
  );
  const shape = tf.tidy(() => run(NO_TAPE, ...inputs as never[]).shape);
  const weights = tf.randomUniform(shape, -1, 1, "float32", 99);
  const objective = (changed: Tensor[]) =>
    tf.tidy(() => tf.sum(tf.mul(run(NO_TAPE, ...changed as never[]), weights)).dataSync()[0]!);
  const gradients = tf.tidy(() => {
    const tape = new Tape(inputs);
    return tape.gradients([[run(tape, ...inputs as never[]), weights]], inputs);
  });
  const step = 1e-5;
  return inputs.map((input, i) => {
    const analytic = gradients[i]!.dataSync();
    const values = Array.from(input.dataSync());
    let gap = 0;
    let scale = 0;
    values.forEach((value, j) => {
      const at = (x: number) => {
        const moved = tf.tensor(values.with(j, x), input.shape);
        const result = objective(inputs.map((other, k) => k === i ? moved : other));
        moved.dispose();
        return result;
      };
      const numeric = (at(value + step) - at(value - step)) / (2 * step);
      gap = Math.max(gap, Math.abs(analytic[j]! - numeric));
      scale = Math.max(scale, Math.abs(numeric));
    });
    return scale === 0 ? Infinity : gap / scale;
  });
}

try {
  const tf = await import("@tensorflow/tfjs-core");
  const { startCpu } = await import("../../../stages/tensor/cpu_backend.ts");
  tf.env().platform.isTypedArray = (value): value is Float32Array => ArrayBuffer.isView(value);
  await startCpu();
  const errors: Record<string, readonly number[]> = {};
  for (const check of await checks()) errors[check.name] = await errorsOf(check);
  scope.postMessage({ errors });
} catch (error) {
  scope.postMessage({ failed: (error as Error).stack ?? String(error) });
}
