/** Operations in the tiles that GPUs begin with, which an adapter in software does not use by itself. */
import { adjacency, PARTITIONS } from "../../../stages/model/graph.ts";
import { JOINTS } from "../../../stages/skeleton/joints.ts";
import { attention } from "../../../stages/tensor/ops/attention.ts";
import { EdgeTensors, graphConv } from "../../../stages/tensor/ops/graph_conv.ts";
import { infoNce } from "../../../stages/tensor/ops/info_nce.ts";
import { linear } from "../../../stages/tensor/ops/linear.ts";
import { graphTables } from "../../../stages/tensor/webgpu/graph_edges.ts";
import { DEFAULT_TILES, setTileTable, startTiles } from "../../../stages/tensor/webgpu/tiles.ts";
import type { TensorOp } from "../simd/op_run.ts";
import { assertLikeDefinition, gpuTest, startGpu } from "./gpu_run.ts";

/** Runs something in a GPU's tiles, and again with those of many rows for few as well. */
async function inGpuTiles(run: () => Promise<void>): Promise<void> {
  await startGpu();
  startTiles(false);
  try {
    await run();
    setTileTable({ "16x16": DEFAULT_TILES["many x 64"]! });
    await run();
  } finally {
    startTiles(true);
  }
}

gpuTest("graphConv gives what its definition gives in a GPU's tiles", () =>
  inGpuTiles(async () => {
    const edges = new EdgeTensors(adjacency(), PARTITIONS, JOINTS);
    graphTables(edges, PARTITIONS);
    const [frames, bodies] = [10, 7];
    for (const [inner, outer] of [[16, 16], [20, 72]] as const) {
      const op: TensorOp = {
        shapes: [
          [JOINTS, frames, bodies, inner],
          [PARTITIONS, inner, outer],
          [PARTITIONS, outer],
          [PARTITIONS, JOINTS, JOINTS],
        ],
        run: (tape, x, w, b, importance) => graphConv(tape, x, w, b, importance, edges),
      };
      await assertLikeDefinition(op, JOINTS * frames * bodies * outer, inner);
    }
    edges.dispose();
  }));

gpuTest(
  "a dense layer gives what its definition gives in a GPU's tiles",
  () =>
    inGpuTiles(async () => {
      for (const [rows, inner, outer] of [[8, 36, 60], [70, 33, 130]] as const) {
        const op = { shapes: [[rows, inner], [outer, inner], [outer]], run: linear };
        await assertLikeDefinition(op, rows * outer, rows);
      }
    }),
);

gpuTest("attention gives what its definition gives in a GPU's tiles", () =>
  inGpuTiles(async () => {
    const [bodies, tokens, width, heads] = [2, 70, 32, 4];
    const op: TensorOp = {
      shapes: [[bodies, tokens, width], [3 * width, width], [3 * width], [width, width], [width]],
      run: (tape, x, qkv, qkvBias, out, outBias) =>
        attention(tape, x, { qkv, qkvBias, out, outBias }, heads),
    };
    await assertLikeDefinition(op, bodies * tokens * width, 1, { gradient: 1e-4 }, (values) => {
      for (const w of [1, 3]) values[w]!.forEach((v, i) => values[w]![i] = v / Math.sqrt(width));
    });
  }));

gpuTest(
  "the contrastive loss is that of its definition in a GPU's tiles",
  () =>
    inGpuTiles(async () => {
      const [n, size, keys] = [9, 36, 300];
      const op: TensorOp = {
        shapes: [[n, size], [n, size], [keys, size]],
        constant: [1, 2],
        run: (tape, q, k, queue) => infoNce(tape, q, k, queue, null, 0.2).loss,
      };
      await assertLikeDefinition(op, 1, 1, {}, (values) => {
        for (const rows of values) {
          for (let at = 0; at < rows.length; at += size) {
            const length = Math.hypot(...rows.subarray(at, at + size));
            for (let i = at; i < at + size; i++) rows[i]! /= length;
          }
        }
      });
    }),
);
