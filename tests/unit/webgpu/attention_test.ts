import { assert, assertEquals } from "@std/assert";
import { attention } from "../../../stages/tensor/ops/attention.ts";
import { setFused } from "../../../stages/tensor/fused.ts";
import {
  attentionCandidates,
  attentionClass,
} from "../../../stages/tensor/webgpu/attention_tiles.ts";
import { setTileTable } from "../../../stages/tensor/webgpu/tiles.ts";
import { WEBGPU_OPS } from "../../../stages/tensor/webgpu/webgpu_ops.ts";
import { assertClose, drawInputs, largestOf, type TensorOp } from "../simd/op_run.ts";
import * as reference from "../simd/reference/attention.ts";
import { assertLikeDefinition, gpuTest, runGpuOp, startGpu } from "./gpu_run.ts";

const LONG = Deno.env.has("SKELRUN_LONG");

function attentionOp(bodies: number, tokens: number, width: number, heads: number): TensorOp {
  const d = width;
  return {
    shapes: [[bodies, tokens, d], [3 * d, d], [3 * d], [d, d], [d]],
    run: (tape, x, qkv, qkvBias, out, outBias) =>
      attention(tape, x, { qkv, qkvBias, out, outBias }, heads),
  };
}

/** Bodies, tokens, D, heads and scale: one token, odd depths, ends of blocks, several blocks, deep heads. */
const SHAPES = [
  [1, 1, 1, 1, 1],
  [2, 7, 24, 8, 0.3],
  [3, 16, 16, 2, 1],
  [1, 33, 10, 1, 1],
  [2, 40, 64, 2, 0.3],
  [1, 262, 68, 1, 0.3],
] as const;

gpuTest(
  "attention gives what it does in float64, forward and backward, also without a body",
  async () => {
    for (const [bodies, tokens, width, heads, scale] of SHAPES) {
      const op = attentionOp(bodies, tokens, width, heads);
      const { values, dy } = drawInputs(op, bodies * tokens * width, tokens, scale);
      // Scores of a spread that softmax tells apart, whatever the width.
      for (const w of [1, 3]) {
        values[w]!.forEach((v, i) => values[w]![i] = 2 * v / Math.sqrt(width));
      }
      // A body that is not there: all of its tokens are the same.
      if (bodies > 1) values[0]!.fill(0, 0, tokens * width);
      const exact = reference.attention(bodies, tokens, width, heads);
      const found = await runGpuOp(op, values, dy);
      const what = `${bodies}x${tokens}x${width}/${heads}`;
      assertClose(found.output, exact.forward(values), 5e-6, `${what}: output`);
      const gradients = exact.gradient(values, dy);
      // A gradient may be a small difference of large numbers, hence the largest of all as unit.
      const floor = Math.max(...gradients.map(largestOf));
      found.gradients.forEach((gradient, i) =>
        assertClose(gradient, gradients[i]!, 2e-5, `${what}: gradient of input ${i}`, floor)
      );
    }
  },
);

gpuTest(
  "attention is the same by every cut that the tile table may have, but for rounding",
  async () => {
    await startGpu();
    // Depth, tokens and heads; deep heads take long to compile.
    const shapes = [[8, 70, 2], [12, 300, 1], [32, 41, 1], [64, 33, 1]] as const;
    for (const [depth, tokens, heads] of LONG ? shapes : shapes.slice(0, 1)) {
      const name = attentionClass(depth), width = depth * heads;
      const op = attentionOp(1, tokens, width, heads);
      const { values, dy } = drawInputs(op, tokens * width, tokens, width ** -0.5);
      const usual = await runGpuOp(op, values, dy);
      for (const tile of attentionCandidates(name).slice(0, LONG ? undefined : 1)) {
        setTileTable({ [name]: tile });
        const found = await runGpuOp(op, values, dy);
        setTileTable({});
        assertClose(found.output, usual.output, 5e-6, `${name}: output`);
        found.gradients.forEach((gradient, i) =>
          assertClose(gradient, usual.gradients[i]!, 2e-5, `${name}: input ${i}`)
        );
      }
    }
  },
);

gpuTest("no tensor of attention grows with the square of the tokens", async () => {
  const backend = await startGpu();
  const largest = async (tokens: number) => {
    const op = attentionOp(1, tokens, 8, 4);
    const { values, dy } = drawInputs(op, tokens * 8, 1);
    let most = 0;
    const empty = backend.empty;
    backend.empty = (shape, dtype) => {
      most = Math.max(most, shape.reduce((count, n) => count * n, 1));
      return empty.call(backend, shape, dtype) as never;
    };
    await runGpuOp(op, values, dy);
    backend.empty = empty;
    return most;
  };
  // The projections, three numbers for each of the input, are the largest.
  assertEquals(await largest(64), 3 * 8 * 64);
  assertEquals(await largest(640), 3 * 8 * 640);
});

gpuTest("attention has the gradients that are wanted, and no others", async () => {
  const op = attentionOp(2, 7, 8, 2);
  for (const constant of [[0], [1, 2, 3, 4], [0, 1, 2], [0, 3, 4]]) {
    await assertLikeDefinition({ ...op, constant }, 2 * 7 * 8, 1, { gradient: 5e-5 }, (values) => {
      for (const w of [1, 3]) values[w]!.forEach((v, i) => values[w]![i] = v / 3);
    });
  }
});

gpuTest("attention holds where exponentials of float32 would overflow", async () => {
  const [bodies, tokens, width, heads] = [1, 20, 8, 2];
  const op = attentionOp(bodies, tokens, width, heads);
  const { values, dy } = drawInputs(op, tokens * width, 1, 4);
  const exact = reference.attention(bodies, tokens, width, heads);
  const { output, gradients } = await runGpuOp(op, values, dy);
  // Scores of hundreds are exact to some 1e-5 of themselves only.
  assertClose(output, exact.forward(values), 1e-3, "output");
  for (const gradient of gradients) assert(gradient.every(Number.isFinite));
});

gpuTest(
  "attention is that of the library's kernels over as many tokens as a clip has",
  async () => {
    const [bodies, tokens, width, heads] = [1, 400, 64, 8];
    const op = attentionOp(bodies, tokens, width, heads);
    const { values, dy } = drawInputs(op, bodies * tokens * width, 3, width ** -0.5);
    const own = await runGpuOp(op, values, dy);
    setFused("webgpu", {});
    const definition = await runGpuOp(op, values, dy);
    setFused("webgpu", WEBGPU_OPS);
    assertClose(own.output, definition.output, 1e-5, "output");
    own.gradients.forEach((gradient, i) =>
      assertClose(gradient, definition.gradients[i]!, 5e-5, `input ${i}`)
    );
  },
);

gpuTest("attention gives the same bytes again and again", async () => {
  await startGpu();
  const op = attentionOp(3, 50, 32, 4);
  const { values, dy } = drawInputs(op, 3 * 50 * 32, 5);
  const first = await runGpuOp(op, values, dy);
  for (let i = 0; i < 3; i++) assertEquals(await runGpuOp(op, values, dy), first);
});
