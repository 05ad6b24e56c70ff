import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { streamKey } from "../../../stages/random.ts";
import type { BatchNormWeights } from "../../../stages/tensor/ops/batch_norm.ts";
import {
  blockEnd,
  blockEndEval,
  type MaskSource,
  type Residual,
} from "../../../stages/tensor/ops/block_end.ts";
import { dropoutMask } from "../../../stages/tensor/ops/dropout_mask.ts";
import { NO_TAPE, type Tape } from "../../../stages/tensor/tape.ts";
import { assertClose, drawInputs, type TensorOp } from "../simd/op_run.ts";
import * as reference from "../simd/reference/batch_norm.ts";
import { normal } from "../simd/reference/reference_op.ts";
import { gpuTest, runGpuOp, startGpu } from "./gpu_run.ts";
import { assertLikeNormReference } from "./norm_run.ts";

const RESIDUALS = ["none", "tensor", "normalised"] as const;

function endOf(
  tape: Tape,
  kind: typeof RESIDUALS[number],
  mask: MaskSource | null,
  [x, weight, bias, r, w, b]: Tensor[],
): Tensor {
  const weights = (weight: Tensor, bias: Tensor) => ({ weight, bias }) as BatchNormWeights;
  const residual: Residual<Tensor> = kind === "none"
    ? null
    : kind === "tensor"
    ? r!
    : { x: r!, weights: weights(w!, b!) };
  return blockEnd(tape, { x: x!, weights: weights(weight!, bias!) }, residual, mask).y;
}

function endOp(
  rows: number,
  columns: number,
  residual: typeof RESIDUALS[number],
  mask: MaskSource | null,
): TensorOp {
  const { sizes } = reference.blockEnd(rows, columns, { residual });
  return {
    shapes: sizes.map((_, i) => i % 3 === 0 ? [rows, columns] : [columns]),
    run: (tape, ...inputs) => endOf(tape, residual, mask, inputs),
  };
}

/** Fails unless the end of a block is its float64 reference's. */
async function assertEnd(
  [rows, columns]: readonly [number, number],
  residual: typeof RESIDUALS[number],
  p: number | null,
  seed: number,
): Promise<void> {
  const key = streamKey(5, "dropout", rows, columns);
  let mask: Float32Array | null = null;
  if (p !== null) {
    const drawn = dropoutMask(key, [rows, columns], p);
    mask = (await drawn.data<"float32">()).slice();
    drawn.dispose();
  }
  const exact = reference.blockEnd(rows, columns, { mask, residual, rectified: true });
  const op = endOp(rows, columns, residual, p === null ? null : { key, p });
  await assertLikeNormReference(op, exact, seed);
}

gpuTest("the end of a block in training, whatever its mask and residual", async () => {
  await startGpu();
  const shapes = [[5, 8], [1100, 16], [300, 5], [70, 48]] as const;
  for (const [i, shape] of shapes.entries()) {
    for (const [j, residual] of RESIDUALS.entries()) {
      await assertEnd(shape, residual, (i + j) % 2 === 0 ? 0.4 : null, 10 * i + j);
    }
  }
});

if (Deno.env.has("SKELRUN_LONG")) {
  gpuTest("the end of a block in training, at any size", async () => {
    await startGpu();
    const sizes = fc.tuple(
      fc.oneof(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 900, max: 2100 })),
      fc.oneof(fc.integer({ min: 1, max: 80 }), fc.constantFrom(128, 256, 516, 1100)),
    );
    const property = fc.asyncProperty(
      sizes,
      fc.constantFrom(...RESIDUALS),
      fc.constantFrom(null, 0, 0.2, 0.5),
      (shape, residual, p) => assertEnd(shape, residual, p, shape[0] + shape[1]),
    );
    await fc.assert(property, { numRuns: 60, seed: 9 });
  });
}

gpuTest("the end of a block has the same bytes every time", async () => {
  const op = endOp(900, 24, "normalised", { key: [1, 2], p: 0.3 });
  const { values, dy } = drawInputs(op, 900 * 24, 8);
  const first = await runGpuOp(op, values, dy);
  for (let i = 0; i < 3; i++) assertEquals(await runGpuOp(op, values, dy), first);
});

gpuTest("evaluation ends blocks with running statistics", async () => {
  await startGpu();
  const [rows, columns] = [130, 20];
  const results: Float32Array[][] = [];
  for (const backend of ["cpu", "webgpu"]) {
    await tf.setBackend(backend);
    const found = tf.tidy(() => {
      const [h, r] = [1, 2].map((i) => tf.tensor2d(normal(rows * columns, i), [rows, columns]));
      const v = Array.from(
        { length: 8 },
        (_, i) => tf.tensor1d(normal(columns, 10 + i).map(Math.abs)),
      );
      const first = {
        x: h!,
        weights: { weight: v[0]!, bias: v[1]!, before: v[2]! },
        running: { mean: v[3]!, variance: v[4]! },
      };
      const second = {
        x: r!,
        weights: { weight: v[5]!, bias: v[6]! },
        running: { mean: v[7]!, variance: v[4]! },
      };
      return [null, r!, second].map((residual) => blockEndEval(NO_TAPE, first, residual));
    });
    results.push(await Promise.all(found.map(async (t) => (await t.data<"float32">()).slice())));
    tf.dispose(found);
  }
  results[0]!.forEach((y, i) => assertClose(results[1]![i]!, y, 1e-6, `output ${i}`));
});
