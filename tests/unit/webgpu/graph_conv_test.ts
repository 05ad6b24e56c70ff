import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { adjacency, PARTITIONS } from "../../../stages/model/graph.ts";
import { JOINTS } from "../../../stages/skeleton/joints.ts";
import { EdgeTensors, graphConv, type GraphEdge } from "../../../stages/tensor/ops/graph_conv.ts";
import { NO_TAPE } from "../../../stages/tensor/tape.ts";
import { graphTables } from "../../../stages/tensor/webgpu/graph_edges.ts";
import { type Moments, momentsOf } from "../../../stages/tensor/webgpu/moments.ts";
import { DEFAULT_TILES, setTileTable } from "../../../stages/tensor/webgpu/tiles.ts";
import { drawInputs, type TensorOp } from "../simd/op_run.ts";
import { columnMoments } from "../simd/reference/batch_norm.ts";
import { assertLikeDefinition, gpuTest, runGpuOp, startGpu } from "./gpu_run.ts";

const LONG = Deno.env.has("SKELRUN_LONG");

type Sizes = readonly [frames: number, bodies: number, inner: number, outer: number];

/** Edges whose tables are made, since tests count tensors. */
function edgeTensors(edges: readonly GraphEdge[], joints: number): EdgeTensors {
  const tensors = new EdgeTensors(edges, PARTITIONS, joints);
  graphTables(tensors, PARTITIONS);
  return tensors;
}

function opOf(edges: EdgeTensors, [frames, bodies, inner, outer]: Sizes): TensorOp {
  const joints = edges.arriving.length;
  return {
    shapes: [
      [joints, frames, bodies, inner],
      [PARTITIONS, inner, outer],
      [PARTITIONS, outer],
      [PARTITIONS, joints, joints],
    ],
    run: (tape, x, w, b, importance) => graphConv(tape, x, w, b, importance, edges),
  };
}

/** Compares with the definition. */
async function check(
  edges: readonly GraphEdge[],
  joints: number,
  sizes: Sizes,
  seed: number,
  change?: (values: readonly Float32Array[]) => void,
): Promise<void> {
  await startGpu();
  const tensors = edgeTensors(edges, joints);
  const [frames, bodies, , outer] = sizes;
  const outputs = joints * frames * bodies * outer;
  await assertLikeDefinition(opOf(tensors, sizes), outputs, seed, {}, change);
  tensors.dispose();
}

/** Graphs whose joints have an edge to themselves and others as drawn, of all partitions. */
const graphs = fc.integer({ min: 1, max: 5 }).chain((joints) => {
  const joint = fc.integer({ min: 0, max: joints - 1 });
  const edge = fc.record({
    partition: fc.integer({ min: 0, max: PARTITIONS - 1 }),
    from: joint,
    to: joint,
    weight: fc.constantFrom(1, 0.5, 1 / 3),
  });
  return fc.array(edge, { maxLength: 9 }).map((more) => {
    const itself = Array.from({ length: joints }, (_, v) => ({
      partition: v % PARTITIONS,
      from: v,
      to: v,
      weight: 1,
    }));
    return { joints, edges: [...itself, ...more] };
  });
});

const sizes = fc.tuple(
  fc.integer({ min: 1, max: 9 }),
  fc.constantFrom(1, 3, 8, 17),
  fc.constantFrom(1, 3, 4, 15, 16, 20),
  fc.constantFrom(1, 3, 4, 18, 32),
);

gpuTest("graphConv gives what its definition gives on any graph and shape", async () => {
  const property = fc.asyncProperty(graphs, sizes, async ({ joints, edges }, shape) => {
    await check(edges, joints, shape, 3);
  });
  await fc.assert(property, { numRuns: LONG ? 60 : 5, seed: 5 });
});

gpuTest("graphConv on the skeleton gives what its definition gives", async () => {
  const absent = ([x]: readonly Float32Array[]) => x!.fill(0);
  await check(adjacency(), JOINTS, [1, 1, 3, 16], 1);
  await check(adjacency(), JOINTS, [9, 8, 16, 16], 2);
  await check(adjacency(), JOINTS, [2, 3, 20, 15], 3);
  await check(adjacency(), JOINTS, [2, 3, 15, 36], 3);
  await check(adjacency(), JOINTS, [3, 2, 16, 16], 4, absent);
});

gpuTest("graphConv sums many rows in slices", async () => {
  const edges = [[0, 0], [1, 1], [0, 1]].map(([from, to], partition) => ({
    partition,
    from: from!,
    to: to!,
    weight: 0.5,
  }));
  await check(edges, 2, [75, 70, 4, 8], 5);
});

gpuTest("graphConv gives what its definition gives by the tiles of GPUs, too", async () => {
  await startGpu();
  setTileTable(DEFAULT_TILES);
  try {
    await check(adjacency(), JOINTS, [3, 50, 16, 20], 9);
    await check(adjacency(), JOINTS, [2, 70, 20, 68], 10);
  } finally {
    setTileTable({});
  }
});

gpuTest("the tables of a graph's edges are made once and freed with the edges", async () => {
  await startGpu();
  const before = tf.memory().numTensors;
  const edges = new EdgeTensors(adjacency(), PARTITIONS, JOINTS);
  const { tensor } = graphTables(edges, PARTITIONS);
  assert(graphTables(edges, PARTITIONS).tensor === tensor);
  edges.dispose();
  assertEquals([tensor.isDisposed, tf.memory().numTensors], [true, before]);
});

gpuTest("graphConv gives the same bytes again", async () => {
  await startGpu();
  const edges = edgeTensors(adjacency(), JOINTS);
  const op = opOf(edges, [6, 5, 12, 16]);
  const { values, dy } = drawInputs(op, JOINTS * 30 * 16, 6);
  const first = await runGpuOp(op, values, dy);
  for (let i = 0; i < 3; i++) assertEquals(await runGpuOp(op, values, dy), first);
  edges.dispose();
});

gpuTest("graphConv takes weights that are views of a flat buffer", async () => {
  const backend = await startGpu();
  const edges = edgeTensors(adjacency(), JOINTS);
  const op = opOf(edges, [2, 3, 4, 5]);
  const { values } = drawInputs(op, 0, 7);
  const starts = [0, 1, 2, 3].map((i) =>
    64 * (1 + values.slice(0, i).reduce((sum, v) => sum + Math.ceil(v.length / 64), 0))
  );
  const buffer = new Float32Array(starts[3]! + values[3]!.length);
  starts.forEach((at, i) => buffer.set(values[i]!, at));
  const found = tf.tidy(() => {
    const flat = tf.tensor1d(buffer);
    const views = starts.map((at, i) => backend.view(flat, at, op.shapes[i]!));
    const tensors = values.map((v, i) => tf.tensor(v, op.shapes[i] as number[]));
    return [views, tensors].map((inputs) => tf.keep(op.run(NO_TAPE, ...inputs as never[])));
  });
  const [own, other] = await Promise.all(found.map((tensor) => tensor.data()));
  assertEquals(own, other);
  tf.dispose(found);
  edges.dispose();
});

gpuTest("the moments that graphConv hands out are those of its output", async () => {
  await startGpu();
  const edges = edgeTensors(adjacency(), JOINTS);
  for (const shape of [[9, 33, 16, 16], [3, 2, 15, 13], [2, 70, 4, 36]] as const) {
    const op = opOf(edges, shape);
    const { values } = drawInputs(op, 0, 8);
    values[2] = values[2]!.map((bias) => 100 * bias);
    let moments: Moments | undefined;
    const kept: Tensor[] = tf.tidy(() => {
      const inputs = values.map((v, i) => tf.tensor(v, op.shapes[i] as number[]));
      const y = op.run(NO_TAPE, ...inputs as never[]);
      moments = momentsOf(y, shape[3]);
      return [y, moments.parts].map((tensor) => tf.keep(tensor));
    });
    const [y, parts] = await Promise.all(kept.map((tensor) => tensor.data<"float32">()));
    tf.dispose(kept);
    const { rows, group } = moments!;
    assertEquals(group, shape[0] * shape[1], "slices end at joints");
    const columns = shape[3];
    const per = Math.ceil(group! / rows);
    assertEquals(parts!.length, JOINTS * per * 2 * columns);
    for (let joint = 0; joint < JOINTS; joint++) {
      for (let slice = 0; slice < per; slice++) {
        const first = joint * group! + slice * rows;
        const last = joint * group! + Math.min(group!, (slice + 1) * rows);
        const own = parts!.subarray((joint * per + slice) * 2 * columns);
        columnMoments(y!.subarray(first * columns, last * columns), columns).forEach(
          ({ mean, variance }, c) => {
            const deviation = Math.sqrt(variance);
            assert(Math.abs(own[c]! - mean) <= 1e-6 * (Math.abs(mean) + deviation), `mean ${c}`);
            const squares = variance * (last - first);
            const gap = Math.abs(own[columns + c]! - squares);
            assert(gap <= 1e-5 * squares + 1e-6 * mean ** 2, `squares ${c}`);
          },
        );
      }
    }
  }
  edges.dispose();
});
