import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import type { BatchNormWeights } from "../../../stages/tensor/ops/batch_norm.ts";
import {
  frozenBlockEnd,
  frozenNorm,
  frozenNormRelu,
} from "../../../stages/tensor/ops/frozen_norm.ts";
import type { Tape } from "../../../stages/tensor/tape.ts";
import { assertClose, drawInputs, type TensorOp } from "../simd/op_run.ts";
import { type Fixed, frozenEnd } from "../simd/reference/frozen_norm.ts";
import { normal, type ReferenceOp } from "../simd/reference/reference_op.ts";
import { gpuTest, runGpuOp } from "./gpu_run.ts";

const RESIDUALS = ["none", "tensor", "normalised"] as const;
const SHAPES = [[1, 4], [1100, 16], [300, 5], [90, 75]] as const;

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

async function hold(op: TensorOp, exact: ReferenceOp, seed: number): Promise<void> {
  const { values, dy } = drawInputs(op, exact.sizes[0]!, seed);
  const expected = exact.gradient(values, dy);
  const found = await runGpuOp(op, values, dy);
  assertClose(found.output, exact.forward(values), 1e-5, "output");
  found.gradients.forEach((gradient, i) =>
    // Of sums that nearly cancel, what is left is held against what a single row adds.
    assertClose(gradient, expected[i]!, 2e-5, `input ${i}`, 1)
  );
}

/** An operation with shapes as the reference has sizes. */
function opOf(exact: ReferenceOp, rows: number, columns: number, run: TensorOp["run"]): TensorOp {
  return { shapes: exact.sizes.map((_, i) => i % 4 === 0 ? [rows, columns] : [columns]), run };
}

gpuTest(
  "normalisation with frozen statistics, with and without ReLU and a bias before it",
  async () => {
    for (const [rows, columns] of SHAPES) {
      for (const rectified of [false, true]) {
        const fixed = fixedOf(columns);
        const exact = frozenEnd(rows, columns, fixed, { rectified });
        const norm = rectified ? frozenNormRelu : frozenNorm;
        const run = (tape: Tape, x: Tensor, weight: Tensor1D, bias: Tensor1D, before: Tensor1D) =>
          norm(tape, x, { weight, bias, before }, runningOf(fixed));
        await hold(opOf(exact, rows, columns, run), exact, rows + columns);
      }
    }
  },
);

gpuTest("the end of a block with frozen statistics, whatever its residual", async () => {
  for (const [i, [rows, columns]] of SHAPES.entries()) {
    for (const residual of i === 0 ? RESIDUALS : [RESIDUALS[i % 3]!]) {
      const fixed = fixedOf(columns);
      const exact = frozenEnd(rows, columns, fixed, { residual, rectified: true });
      const run: TensorOp["run"] = (tape, ...inputs) => endOf(tape, residual, fixed, inputs);
      await hold(opOf(exact, rows, columns, run), exact, rows + columns);
    }
  }
});

gpuTest("without a bias before it there is one gradient less", async () => {
  const [rows, columns] = [70, 12];
  const fixed = fixedOf(columns);
  const exact = frozenEnd(rows, columns, fixed, {});
  const withZero: ReferenceOp = {
    sizes: exact.sizes.slice(0, 3),
    forward: (values) => exact.forward([...values, new Float32Array(columns)]),
    gradient: (values, dy) =>
      exact.gradient([...values, new Float32Array(columns)], dy).slice(0, 3),
  };
  const run = (tape: Tape, x: Tensor, weight: Tensor1D, bias: Tensor1D) =>
    frozenNorm(tape, x, { weight, bias }, runningOf(fixed));
  await hold({ shapes: [[rows, columns], [columns], [columns]], run }, withZero, 3);
});

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
