import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { layerNorm } from "../../../stages/tensor/ops/layer_norm.ts";
import type { Tape } from "../../../stages/tensor/tape.ts";
import { assertLikeDefinition, gpuTest } from "./gpu_run.ts";

function op(shape: readonly number[]) {
  const size = shape.at(-1)!;
  return {
    shapes: [shape, [size], [size]],
    run: (tape: Tape, x: Tensor, weight: Tensor1D, bias: Tensor1D) =>
      layerNorm(tape, x, weight, bias),
  };
}

const SHAPES = [[1, 4], [3, 7, 12], [1030, 64], [70, 256], [90, 75], [33, 1], [9, 600], [5, 3]];

gpuTest(
  "layer normalisation gives what its definition gives, whatever the size of a row",
  async () => {
    for (const [i, shape] of SHAPES.entries()) {
      await assertLikeDefinition(op(shape), shape.reduce((a, b) => a * b), i);
    }
  },
);

gpuTest(
  "layer normalisation holds its digits far from 0, and rows of zeros give the bias",
  async () => {
    const far = ([x]: readonly Float32Array[]) => {
      for (let i = 0; i < x!.length; i++) x![i]! += 300;
      x!.fill(0, 0, 2 * 64);
    };
    const tolerance = { output: 1e-4, gradient: 1e-4 };
    await assertLikeDefinition(op([40, 64]), 40 * 64, 8, tolerance, far);
  },
);
