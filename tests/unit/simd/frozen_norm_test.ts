import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import type { BatchNormWeights } from "../../../stages/tensor/ops/batch_norm.ts";
import { clipGradients } from "../../../stages/tensor/ops/clip_gradients.ts";
import {
  frozenBlockEnd,
  frozenNorm,
  frozenNormRelu,
} from "../../../stages/tensor/ops/frozen_norm.ts";
import { addSupervisedOps } from "../../../stages/tensor/simd/supervised_start.ts";
import type { Tape } from "../../../stages/tensor/tape.ts";
import { startSimd } from "./kernels.ts";
import { assertClose, drawInputs, runOp, type TensorOp } from "./op_run.ts";
import { type Fixed, frozenEnd } from "./reference/frozen_norm.ts";
import { assertGradient, normal, type ReferenceOp } from "./reference/reference_op.ts";

const runs = { numRuns: Deno.env.has("SKELRUN_LONG") ? 200 : 30, seed: 7 };
const RESIDUALS = ["none", "tensor", "normalised"] as const;

const sizes = fc.tuple(
  fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 900, max: 2100 })),
  fc.constantFrom(1, 2, 3, 4, 5, 8, 15, 16, 17, 20, 32, 48, 75),
);

async function start(threads = 2): Promise<void> {
  await startSimd(threads);
  addSupervisedOps();
}

function fixedOf(columns: number): Fixed {
  return {
    mean: normal(columns, 50),
    variance: normal(columns, 51).map((value) => 0.05 + Math.abs(value)),
  };
}

function runningOf({ mean, variance }: Fixed) {
  const vector = (values: Fixed["mean"]) => tf.tensor1d(Float32Array.from(values));
  return { mean: vector(mean), variance: vector(variance) };
}

/** Both backends against the reference. */
async function hold(op: TensorOp, exact: ReferenceOp, seed: number): Promise<void> {
  const { values, dy } = drawInputs(op, exact.sizes[0]!, seed);
  const expected = exact.gradient(values, dy);
  for (const backend of ["simd", "cpu"] as const) {
    const found = await runOp(backend, op, values, dy);
    assertClose(found.output, exact.forward(values), 1e-5, `${backend}, output`);
    found.gradients.forEach((gradient, i) =>
      // Of sums that nearly cancel, what is left is held against what a single row adds.
      assertClose(gradient, expected[i]!, 2e-5, `${backend}, input ${i}`, 1)
    );
  }
}

/** An operation with shapes as the reference has sizes. */
function opOf(exact: ReferenceOp, rows: number, columns: number, run: TensorOp["run"]): TensorOp {
  const shapes = exact.sizes.map((_, i) => i % 4 === 0 ? [rows, columns] : [columns]);
  return { shapes, run };
}

function endOf(tape: Tape, kind: typeof RESIDUALS[number], fixed: Fixed, inputs: Tensor[]): Tensor {
  const [x, weight, bias, before, r, w, b, c] = inputs as [Tensor, ...Tensor1D[]];
  const running = runningOf(fixed);
  const weights = { weight, bias, before } as BatchNormWeights;
  const others = { weight: w, bias: b, before: c } as BatchNormWeights;
  const residual = kind === "none"
    ? null
    : kind === "tensor"
    ? r!
    : { x: r!, weights: others, running };
  return frozenBlockEnd<Tensor>(tape, { x, weights, running }, residual);
}

Deno.test("the float64 normalisation with fixed statistics has the gradients of central differences", () => {
  const fixed = fixedOf(3);
  assertGradient(frozenEnd(5, 3, fixed, {}), 1);
  for (const residual of RESIDUALS) {
    assertGradient(frozenEnd(5, 3, fixed, { residual, rectified: true }), 2, 1e-6);
  }
});

Deno.test("normalisation with frozen statistics, with and without ReLU and a bias before it", async () => {
  await start();
  await fc.assert(
    fc.asyncProperty(sizes, fc.boolean(), async ([rows, columns], rectified) => {
      const fixed = fixedOf(columns);
      const exact = frozenEnd(rows, columns, fixed, { rectified });
      const run = (tape: Tape, x: Tensor, weight: Tensor1D, bias: Tensor1D, before: Tensor1D) =>
        (rectified ? frozenNormRelu : frozenNorm)(
          tape,
          x,
          { weight, bias, before },
          runningOf(fixed),
        );
      await hold(opOf(exact, rows, columns, run), exact, rows + columns);
    }),
    runs,
  );
});

Deno.test("without a bias before it there is one gradient less, and the rest is as with a bias of 0", async () => {
  await start();
  const fixed = fixedOf(19);
  const op = (before?: Tensor1D): TensorOp => ({
    shapes: [[70, 19], [19], [19]],
    run: (tape, x: Tensor, weight: Tensor1D, bias: Tensor1D) =>
      frozenNorm(tape, x, { weight, bias, before }, runningOf(fixed)),
  });
  const { values, dy } = drawInputs(op(), 70 * 19, 3);
  for (const backend of ["simd", "cpu"] as const) {
    const bare = await runOp(backend, op(), values, dy);
    const zero = tf.zeros([19]) as Tensor1D;
    assertEquals(await runOp(backend, op(zero), values, dy), bare);
    zero.dispose();
  }
});

Deno.test("the end of a block with frozen statistics, whatever its residual", async () => {
  await start();
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.constantFrom(...RESIDUALS),
      async ([rows, columns], residual) => {
        const fixed = fixedOf(columns);
        const exact = frozenEnd(rows, columns, fixed, { residual, rectified: true });
        const run: TensorOp["run"] = (tape, ...inputs) => endOf(tape, residual, fixed, inputs);
        await hold(opOf(exact, rows, columns, run), exact, rows + columns);
      },
    ),
    runs,
  );
});

Deno.test("the end of a block with frozen statistics has the same bytes on 1, 2 and 3 threads", async () => {
  const [rows, columns] = [3000, 24];
  const fixed = fixedOf(columns);
  const exact = frozenEnd(rows, columns, fixed, { residual: "normalised" });
  const op = opOf(
    exact,
    rows,
    columns,
    (tape, ...inputs) => endOf(tape, "normalised", fixed, inputs),
  );
  const { values, dy } = drawInputs(op, rows * columns, 8);
  const seen: Float32Array[][] = [];
  for (const threads of [1, 2, 3, 3]) {
    await start(threads);
    const { output, gradients } = await runOp("simd", op, values, dy);
    seen.push([output, ...gradients]);
  }
  for (const other of seen.slice(1)) {
    other.forEach((numbers, i) =>
      assertEquals(new Uint8Array(numbers.buffer), new Uint8Array(seen[0]![i]!.buffer))
    );
  }
});

Deno.test("gradients are scaled down to a global norm, and left alone below it", async () => {
  await start();
  const parts = [normal(7, 1), normal(40_000, 2), normal(1, 3)];
  const norm = Math.hypot(...parts.map((part) => Math.hypot(...part.map((x) => x))));
  for (const backend of ["simd", "cpu"]) {
    await tf.setBackend(backend);
    for (const limit of [0.5, norm / 2, 2 * norm]) {
      const before = tf.memory().numTensors;
      const shapes = [[7], [200, 200], [1]];
      const clipped = clipGradients(parts.map((p, i) => tf.tensor(p, shapes[i]!)), limit);
      assertEquals(clipped.map(({ shape }) => shape), shapes);
      const factor = Math.min(limit / (norm + 1e-6), 1);
      clipped.forEach((gradient, i) => {
        const expected = parts[i]!.map((x) => x * factor);
        assertClose(gradient.dataSync(), expected, 1e-6, `${backend}, ${limit}, ${i}`);
        if (factor === 1) assertEquals(gradient.dataSync(), parts[i]);
      });
      tf.dispose(clipped);
      assertEquals(tf.memory().numTensors, before);
    }
    const broken = clipGradients([tf.tensor1d([NaN, 1])], 1);
    assert(broken[0]!.dataSync().some(Number.isNaN), backend);
    tf.dispose(broken);
  }
});
