import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { crossEntropy } from "../../../stages/tensor/ops/cross_entropy.ts";
import { infoNce, normalizeRows } from "../../../stages/tensor/ops/info_nce.ts";
import { setFused } from "../../../stages/tensor/fused.ts";
import { DEFAULT_TILES, setTileTable } from "../../../stages/tensor/webgpu/tiles.ts";
import { WEBGPU_OPS } from "../../../stages/tensor/webgpu/webgpu_ops.ts";
import { NO_TAPE, type Tape } from "../../../stages/tensor/tape.ts";
import { assertClose, drawInputs, type TensorOp } from "../simd/op_run.ts";
import { normal } from "../simd/reference/reference_op.ts";
import * as reference from "../simd/reference/softmax_losses.ts";
import { assertLikeDefinition, gpuTest, runGpuOp, startGpu } from "./gpu_run.ts";

gpuTest("rows are normalised as by the definition, rows of zeros too", async () => {
  await startGpu();
  for (const [rows, width] of [[1, 2], [3, 5], [20, 128], [7, 33]] as const) {
    const op: TensorOp = { shapes: [[rows, width]], run: (tape, x) => normalizeRows(tape, x) };
    await assertLikeDefinition(op, rows * width, width, { output: 1e-6, gradient: 3e-6 });
    const { values, dy } = drawInputs(op, rows * width, 1);
    values[0]!.fill(0, 0, width);
    const { output, gradients } = await runGpuOp(op, values, dy);
    assert(output.subarray(0, width).every((value) => value === 0));
    assert(gradients[0]!.every(Number.isFinite));
  }
});

gpuTest("cross-entropy is that of the definition, also of scores that are far apart", async () => {
  for (const [rows, classes] of [[1, 2], [9, 5], [128, 60], [3, 120]] as const) {
    for (const scale of [1, 100]) {
      const oneHot = new Float32Array(rows * classes);
      for (let row = 0; row < rows; row++) oneHot[row * classes + (row * 7) % classes] = 1;
      const op: TensorOp = {
        shapes: [[rows, classes]],
        run: (tape, x: Tensor2D) => crossEntropy(tape, x, tf.tensor2d(oneHot, [rows, classes])),
      };
      const far = ([x]: readonly Float32Array[]) => x!.forEach((v, i) => x![i] = scale * v);
      await assertLikeDefinition(op, 1, rows, { output: 2e-6, gradient: 2e-6 }, far);
    }
  }
});

const LONG = Deno.env.has("SKELRUN_LONG");

/** Rows of length 1. */
function unitRows(rows: number, width: number, seed: number): Float32Array<ArrayBuffer> {
  const values = normal(rows * width, seed);
  return Float32Array.from(reference.normalizeRows(rows, width).forward([values]));
}

function infoNceOp(
  rows: number,
  width: number,
  { keys, queue, extra, tau }: reference.Contrasts,
): TensorOp {
  const matrix = (values: ArrayLike<number>) =>
    tf.tensor2d(Float32Array.from(values), [values.length / width, width]);
  return {
    shapes: [[rows, width]],
    run: (tape: Tape, q: Tensor2D) =>
      infoNce(tape, q, matrix(keys), matrix(queue), extra === null ? null : matrix(extra), tau)
        .loss,
  };
}

gpuTest("InfoNCE, and the means beside it, are what they are in float64", async () => {
  await startGpu();
  // Queries, width, keys, tau, one more negative: one of each, odd ones, more keys than a slice, several
  // tiles of queries.
  for (
    const [rows, width, size, tau, more] of [
      [1, 1, 1, 0.2, false],
      [3, 5, 7, 0.07, true],
      [8, 16, 64, 0.07, false],
      [8, 16, 64, 0.2, true],
      [9, 33, 2049, 0.07, true],
      [130, 128, 60, 0.2, false],
      [34, 16, 300, 0.07, true],
    ] as const
  ) {
    const contrasts = {
      keys: unitRows(rows, width, 1),
      queue: unitRows(size, width, 2),
      extra: more ? unitRows(rows, width, 3) : null,
      tau,
    };
    const exact = reference.infoNce(rows, width, contrasts);
    const values = [unitRows(rows, width, 4)], dy = normal(1, size);
    const found = await runGpuOp(infoNceOp(rows, width, contrasts), values, dy);
    const [loss, positive, negative] = exact.forward(values);
    const [gradient] = exact.gradient(values, dy);
    // Where every share is right already, what is left is rounding alone.
    const floor = 0.1 * Math.abs(dy[0]!) / (tau * rows);
    assertClose(found.output, [loss!], 2e-6, "loss", 0.1);
    assertClose(found.gradients[0]!, gradient!, 1e-5, "gradient", floor);
    const [q, k, queue] = [values[0]!, contrasts.keys, contrasts.queue]
      .map((v) => tf.tensor2d(v, [v.length / width, width])) as [Tensor2D, Tensor2D, Tensor2D];
    const all = infoNce(NO_TAPE, q, k, queue, null, tau);
    assertAlmostEquals((await all.positive.data())[0]!, positive!, 1e-6);
    assertAlmostEquals((await all.negative.data())[0]!, negative!, 1e-6);
    tf.dispose([q, k, queue, all.loss, all.positive, all.negative]);
  }
});

gpuTest("InfoNCE of sharp, identical and absent keys", async () => {
  const far = { keys: [-1, 0], queue: [1, 0, 0, 1], extra: null, tau: 1e-3 };
  const { output } = await runGpuOp(
    infoNceOp(1, 2, far),
    [Float32Array.of(1, 0)],
    Float32Array.of(1),
  );
  assertEquals([...output], [2000]);

  // All keys alike: shares are equal, and so the loss is the logarithm of how many there are.
  const [rows, width, size] = [4, 8, 3000];
  const one = unitRows(1, width, 1);
  const alike = (count: number) =>
    Float32Array.from({ length: count * width }, (_, i) => one[i % width]!);
  const same = { keys: alike(rows), queue: alike(size), extra: null, tau: 0.07 };
  const found = await runGpuOp(infoNceOp(rows, width, same), [alike(rows)], Float32Array.of(1));
  assertClose(found.output, [Math.log(size + 1)], 1e-6, "loss");
  assert(found.gradients[0]!.every((value) => Math.abs(value) < 1e-5));

  const none = {
    keys: new Float32Array(16),
    queue: new Float32Array(5 * 8),
    extra: null,
    tau: 0.2,
  };
  const rest = await runGpuOp(infoNceOp(2, 8, none), [new Float32Array(16)], Float32Array.of(1));
  assertClose(rest.output, [Math.log(6)], 1e-6, "loss");
  assert(rest.gradients[0]!.every((value) => value === 0));
});

gpuTest("InfoNCE goes through the queue in blocks, and holds the scores of one alone", async () => {
  const backend = await startGpu();
  const [rows, width, size] = [1100, 4, 2100];
  const contrasts = {
    keys: unitRows(rows, width, 1),
    queue: unitRows(size, width, 2),
    extra: null,
    tau: 0.2,
  };
  const values = [unitRows(rows, width, 4)], dy = Float32Array.of(1);
  let largest = 0;
  const empty = backend.empty;
  backend.empty = (shape, dtype) => {
    largest = Math.max(largest, shape.reduce((count, n) => count * n, 1));
    return empty.call(backend, shape, dtype) as never;
  };
  const found = await runGpuOp(infoNceOp(rows, width, contrasts), values, dy);
  backend.empty = empty;
  assert(largest < rows * size, `${largest} numbers`);
  setFused("webgpu", {});
  const definition = await runGpuOp(infoNceOp(rows, width, contrasts), values, dy);
  setFused("webgpu", WEBGPU_OPS);
  assertClose(found.output, definition.output, 2e-6, "loss");
  assertClose(found.gradients[0]!, definition.gradients[0]!, 1e-5, "gradient");
});

gpuTest("InfoNCE by the tiles of GPUs is that by the tiles in use, but for rounding", async () => {
  await startGpu();
  for (const [rows, width, size] of LONG ? [[20, 33, 300], [150, 64, 300]] : [[20, 33, 300]]) {
    const contrasts = {
      keys: unitRows(rows!, width!, 1),
      queue: unitRows(size!, width!, 2),
      extra: null,
      tau: 0.1,
    };
    const op = infoNceOp(rows!, width!, contrasts);
    const values = [unitRows(rows!, width!, 4)], dy = Float32Array.of(1);
    const usual = await runGpuOp(op, values, dy);
    setTileTable(DEFAULT_TILES);
    const found = await runGpuOp(op, values, dy);
    setTileTable({});
    assertClose(found.output, usual.output, 1e-6, "loss");
    assertClose(found.gradients[0]!, usual.gradients[0]!, 5e-6, "gradient");
  }
});

gpuTest("losses give the same bytes again and again", async () => {
  const [rows, width] = [70, 16];
  const contrasts = {
    keys: unitRows(rows, width, 1),
    queue: unitRows(5000, width, 2),
    extra: unitRows(rows, width, 3),
    tau: 0.1,
  };
  const op = infoNceOp(rows, width, contrasts);
  const run = () => runGpuOp(op, [unitRows(rows, width, 4)], Float32Array.of(1));
  const first = await run();
  for (let i = 0; i < 3; i++) assertEquals(await run(), first);
});
