import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { adjacency } from "../../../stages/model/graph.ts";
import { EdgeTensors, graphConv, type GraphEdge } from "../../../stages/tensor/ops/graph_conv.ts";
import { graphConvForward } from "../../../stages/tensor/simd/graph_conv_jobs.ts";
import { normalisationOf } from "../../../stages/tensor/simd/ops/batch_norm.ts";
import { startSimd } from "./kernels.ts";
import { assertClose, drawInputs, runOp, type TensorOp } from "./op_run.ts";
import { columnMoments } from "./reference/batch_norm.ts";
import * as reference from "./reference/graph_conv.ts";
import { assertGradient, normal } from "./reference/reference_op.ts";

const LONG = Deno.env.get("SKELRUN_LONG") !== undefined;

/** Every joint has an edge to itself, others as drawn, some twice between the same joints. */
const graphs = fc.integer({ min: 1, max: 5 }).chain((joints) =>
  fc.record({
    joints: fc.constant(joints),
    more: fc.array(
      fc.record({
        partition: fc.integer({ min: 0, max: 2 }),
        from: fc.integer({ min: 0, max: joints - 1 }),
        to: fc.integer({ min: 0, max: joints - 1 }),
        weight: fc.constantFrom(1, 0.5, 1 / 3),
      }),
      { maxLength: 8 },
    ),
  })
).map(({ joints, more }) => {
  const itself = Array.from({ length: joints }, (_, v) => ({
    partition: v % 3,
    from: v,
    to: v,
    weight: 1,
  }));
  const place = ({ partition, from, to }: GraphEdge) => `${partition} ${from} ${to}`;
  const byPlace = new Map([...itself, ...more].map((edge) => [place(edge), edge]));
  // The last partition has an edge, so that there are three of them.
  byPlace.set("2 0 0", { partition: 2, from: 0, to: 0, weight: 0.25 });
  return { joints, edges: [...byPlace.values()] };
});

const shapes = fc.record({
  graph: graphs,
  frames: fc.integer({ min: 1, max: 9 }),
  bodies: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(64, 70)),
  inner: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(16, 20, 68)),
  outer: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(16, 20, 72)),
});

function opOf(
  edges: EdgeTensors,
  [joints, frames, bodies, inner, outer]: readonly [number, number, number, number, number],
): TensorOp {
  return {
    shapes: [[joints, frames, bodies, inner], [3, inner, outer], [3, outer], [3, joints, joints]],
    run: (tape, x, w, b, importance) => graphConv(tape, x, w, b, importance, edges),
  };
}

Deno.test("the float64 graph convolution has the gradient of central differences", () => {
  // An edge's gradient is of the others' size only if all of E are on edges, as here.
  const edges = [0, 1].flatMap((from) =>
    [0, 1].flatMap((to) =>
      [0, 1, 2].map((partition) => ({ partition, from, to, weight: 1 / (1 + to + partition) }))
    )
  );
  assertGradient(
    reference.graphConv({ edges, partitions: 3, joints: 2, rows: 3, inner: 2, outer: 3 }),
    1,
  );
});

for (const relaxed of [true, false]) {
  Deno.test(`graphConv gives what its definition gives on any graph and shape (relaxed SIMD: ${relaxed})`, async () => {
    await startSimd(2, { relaxed });
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer({ min: 0, max: 1000 }), async (shape, seed) => {
        const { graph: { joints, edges }, frames, bodies, inner, outer } = shape;
        const exact = reference.graphConv({
          edges,
          partitions: 3,
          joints,
          rows: frames * bodies,
          inner,
          outer,
        });
        for (const backend of ["simd", "cpu"] as const) {
          await tf.setBackend(backend);
          const tensors = new EdgeTensors(edges, 3, joints);
          const op = opOf(tensors, [joints, frames, bodies, inner, outer]);
          const { values, dy } = drawInputs(op, joints * frames * bodies * outer, seed);
          const gradients = exact.gradient(values, dy);
          const found = await runOp(backend, op, values, dy);
          assertClose(found.output, exact.forward(values), 3e-6, `${backend}: y`);
          gradients.forEach((gradient, i) =>
            assertClose(found.gradients[i]!, gradient, 2e-5, `${backend}: input ${i}`)
          );
          tensors.dispose();
        }
      }),
      { numRuns: LONG ? 300 : relaxed ? 30 : 8 },
    );
  });
}

Deno.test("graphConv on the skeleton, wide and in many blocks, gives what its definition gives", async () => {
  await startSimd(2);
  for (
    const [frames, bodies, inner, outer] of [
      [16, 40, 16, 16],
      [4, 16, 64, 72],
      [3, 5, 130, 136],
      [1, 1, 3, 16],
    ] as const
  ) {
    const run = async (backend: "simd" | "cpu") => {
      await tf.setBackend(backend);
      const edges = new EdgeTensors(adjacency(), 3, 25);
      const op = opOf(edges, [25, frames, bodies, inner, outer]);
      const { values, dy } = drawInputs(op, 25 * frames * bodies * outer, 5);
      // A body that is not there.
      values[0]!.fill(0, 0, frames * inner);
      const found = await runOp(backend, op, values, dy);
      edges.dispose();
      return found;
    };
    const [own, other] = [await run("simd"), await run("cpu")];
    assertClose(own.output, other.output, 1e-5, "y");
    own.gradients.forEach((found, i) =>
      assertClose(found, other.gradients[i]!, 5e-5, `input ${i}`)
    );
  }
});

Deno.test("graphConv gives the same bytes on 1, 2 and 3 threads, and again", async () => {
  let first: Awaited<ReturnType<typeof runOp>> | undefined;
  for (const threads of [1, 2, 3, 2]) {
    await startSimd(threads);
    const edges = new EdgeTensors(adjacency(), 3, 25);
    const op = opOf(edges, [25, 20, 33, 20, 24]);
    const { values, dy } = drawInputs(op, 25 * 20 * 33 * 24, 6);
    const found = await runOp("simd", op, values, dy);
    edges.dispose();
    first ??= found;
    assertEquals(found.output, first.output);
    assertEquals(found.gradients, first.gradients);
  }
});

Deno.test("the moments that graphConv hands out are those of its output", async () => {
  const backend = await startSimd(2);
  const edges = new EdgeTensors(adjacency(), 3, 25);
  for (const [frames, bodies, inner, outer] of [[20, 33, 16, 16], [3, 2, 3, 13]] as const) {
    tf.tidy(() => {
      const { y, moments } = graphConvForward(
        backend,
        tf.tensor4d(normal(25 * frames * bodies * inner, 1), [25, frames, bodies, inner]),
        tf.tensor3d(normal(3 * inner * outer, 2), [3, inner, outer]),
        tf.tensor2d(normal(3 * outer, 3, 100), [3, outer]),
        tf.tensor3d(normal(3 * 625, 4), [3, 25, 25]),
        edges,
        { moments: true },
      );
      const ones = { weight: tf.ones([outer]) as never, bias: tf.zeros([outer]) as never };
      const { statistics } = normalisationOf(y, ones, moments);
      const rows = y.size / outer;
      const [means, variances] = [statistics.mean.dataSync(), statistics.variance.dataSync()];
      columnMoments(y.dataSync(), outer).forEach(({ mean, variance }, c) => {
        assert(Math.abs(means[c]! - mean) <= 1e-6 * Math.sqrt(variance), `mean ${c}`);
        const unbiased = variance * rows / (rows - 1);
        assert(Math.abs(variances[c]! - unbiased) <= 1e-6 * unbiased, `variance ${c}`);
      });
    });
  }
  edges.dispose();
});
