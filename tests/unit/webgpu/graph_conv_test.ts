import { adjacency, PARTITIONS } from "../../../stages/model/graph.ts";
import { JOINTS } from "../../../stages/skeleton/joints.ts";
import { EdgeTensors, graphConv, type GraphEdge } from "../../../stages/tensor/ops/graph_conv.ts";
import { graphTables } from "../../../stages/tensor/webgpu/graph_edges.ts";
import type { TensorOp } from "../simd/op_run.ts";
import { assertLikeDefinition, gpuTest, startGpu } from "./gpu_run.ts";

type Sizes = readonly [frames: number, bodies: number, inner: number, outer: number];

/** Compares with the definition; `change` alters x, w, b and importance. */
async function check(
  edges: readonly GraphEdge[],
  joints: number,
  [frames, bodies, inner, outer]: Sizes,
  change?: (values: readonly Float32Array[]) => void,
): Promise<void> {
  await startGpu();
  const tensors = new EdgeTensors(edges, PARTITIONS, joints);
  graphTables(tensors, PARTITIONS); // made beforehand, since tensors are counted
  const op: TensorOp = {
    shapes: [
      [joints, frames, bodies, inner],
      [PARTITIONS, inner, outer],
      [PARTITIONS, outer],
      [PARTITIONS, joints, joints],
    ],
    run: (tape, x, w, b, importance) => graphConv(tape, x, w, b, importance, tensors),
  };
  await assertLikeDefinition(op, joints * frames * bodies * outer, frames + outer, {}, change);
  tensors.dispose();
}

gpuTest(
  "graphConv on the skeleton gives what its definition gives, at sizes of all kinds",
  async () => {
    for (
      const sizes of [
        [1, 1, 3, 16],
        [3, 5, 16, 16],
        [5, 7, 16, 32],
        [4, 4, 6, 9],
        [2, 3, 20, 3],
      ] as const
    ) {
      await check(adjacency(), JOINTS, sizes);
    }
  },
);
