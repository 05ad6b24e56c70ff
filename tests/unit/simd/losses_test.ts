import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { crossEntropy } from "../../../stages/tensor/ops/cross_entropy.ts";
import { infoNce, normalizeRows } from "../../../stages/tensor/ops/info_nce.ts";
import { NO_TAPE, type Tape } from "../../../stages/tensor/tape.ts";
import { startSimd } from "./kernels.ts";
import { assertClose, drawInputs, runOp, type TensorOp } from "./op_run.ts";
import { assertGradient, normal, type ReferenceOp } from "./reference/reference_op.ts";
import * as reference from "./reference/softmax_losses.ts";

const LONG = Deno.env.get("SKELRUN_LONG") !== undefined;
const runs = { numRuns: LONG ? 300 : 40, seed: 4 };

/** Holds both a kernel and its definition against float64. */
async function assertOp(
  op: TensorOp,
  exact: ReferenceOp,
  { values, dy }: ReturnType<typeof drawInputs>,
  tolerance: number,
  floor?: number,
): Promise<void> {
  for (const backend of ["simd", "cpu"] as const) {
    const found = await runOp(backend, op, values, dy);
    const expected = exact.forward(values).subarray(0, found.output.length);
    assertClose(found.output, expected, tolerance, `${backend}: output`, floor);
    const [gradient] = exact.gradient(values, dy);
    assertClose(found.gradients[0]!, gradient!, tolerance, `${backend}: gradient`, floor);
  }
}

/** Rows of length 1. */
function unitRows(rows: number, width: number, seed: number): Float32Array<ArrayBuffer> {
  const values = normal(rows * width, seed);
  return Float32Array.from(reference.normalizeRows(rows, width).forward([values]));
}

Deno.test("the float64 losses have the gradients of central differences", () => {
  assertGradient(reference.normalizeRows(3, 4), 1);
  assertGradient(reference.crossEntropy([0, 2, 1], 3), 2);
  const [keys, queue] = [normal(12, 1), normal(28, 2)];
  for (const extra of [null, normal(12, 3)]) {
    const op = reference.infoNce(3, 4, { keys, queue, extra, tau: 0.5 });
    // Of the three outputs the loss alone has a gradient.
    assertGradient({ ...op, forward: (inputs) => op.forward(inputs).subarray(0, 1) }, 3);
  }
});

Deno.test("rows are normalised as by the definition, forward and backward, zeros too", async () => {
  await startSimd(2);
  const sizes = fc.integer({ min: 1, max: 20 });
  await fc.assert(
    fc.asyncProperty(sizes, sizes, async (rows, width) => {
      const op: TensorOp = {
        shapes: [[rows, width]],
        run: (tape, x) => normalizeRows(tape, x),
      };
      const drawn = drawInputs(op, rows * width, width);
      // The gradient of a row of length 1 alone is exactly none.
      if (width === 1) drawn.dy.fill(0);
      await assertOp(op, reference.normalizeRows(rows, width), drawn, 3e-6);
      drawn.values[0]!.fill(0, 0, width);
      for (const backend of ["simd", "cpu"] as const) {
        const { output } = await runOp(backend, op, drawn.values, drawn.dy);
        assert(output.subarray(0, width).every((value) => value === 0));
      }
    }),
    runs,
  );
});

Deno.test("cross-entropy is that of the definition, forward and backward", async () => {
  await startSimd(2);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 9 }).chain((classes) =>
        fc.tuple(
          fc.constant(classes),
          fc.array(fc.nat(classes - 1), { minLength: 1, maxLength: 9 }),
        )
      ),
      fc.constantFrom(1, 30),
      async ([classes, labels], scale) => {
        const op: TensorOp = {
          shapes: [[labels.length, classes]],
          run: (tape: Tape, x: Tensor2D) => {
            const oneHot = labels.flatMap((label) =>
              Array.from({ length: classes }, (_, c) => +(c === label))
            );
            return crossEntropy(tape, x, tf.tensor2d(oneHot, [labels.length, classes]));
          },
        };
        const drawn = drawInputs(op, 1, labels.length, scale);
        // Where the classes are sure, what is left is rounding alone.
        await assertOp(op, reference.crossEntropy(labels, classes), drawn, 3e-6, 0.1);
      },
    ),
    runs,
  );
});

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

Deno.test("InfoNCE is that of the definition, forward and backward", async () => {
  await startSimd(2);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 21 }),
      fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 250, max: 530 })),
      fc.boolean(),
      fc.constantFrom(0.07, 0.2, 1),
      async (rows, width, size, more, tau) => {
        const contrasts = {
          keys: unitRows(rows, width, 1),
          queue: unitRows(size, width, 2),
          extra: more ? unitRows(rows, width, 3) : null,
          tau,
        };
        const exact = reference.infoNce(rows, width, contrasts);
        const op = infoNceOp(rows, width, contrasts);
        const values = [unitRows(rows, width, 4)];
        const drawn = { values, dy: normal(1, size) };
        const [gradient] = exact.gradient(values, drawn.dy);
        // Where every share is right already, what is left is rounding alone.
        const flat = gradient!.every((g) =>
          Math.abs(g) < 1e-3 * Math.abs(drawn.dy[0]!) / tau / rows
        );
        if (!flat) await assertOp(op, exact, drawn, 3e-5);
        const [q, k, negatives] = [values[0]!, contrasts.keys, contrasts.queue]
          .map((v) => tf.tensor2d(v, [v.length / width, width])) as [Tensor2D, Tensor2D, Tensor2D];
        await tf.setBackend("simd");
        const [, positive, negative] = exact.forward(values);
        tf.tidy(() => {
          const found = infoNce(NO_TAPE, q, k, negatives, null, tau);
          assertAlmostEquals(found.positive.dataSync()[0]!, positive!, 1e-6);
          assertAlmostEquals(found.negative.dataSync()[0]!, negative!, 1e-6);
        });
        tf.dispose([q, k, negatives] as Tensor[]);
      },
    ),
    runs,
  );
});

Deno.test("InfoNCE where exponentials of float32 would overflow, and of more queries than fit a thread's scratch", async () => {
  const backend = await startSimd(2);
  const contrasts = {
    keys: Float32Array.of(-1, 0),
    queue: Float32Array.of(1, 0, 0, 1),
    extra: null,
    tau: 1e-3,
  };
  const far = infoNceOp(1, 2, contrasts);
  const { output } = await runOp("simd", far, [Float32Array.of(1, 0)], Float32Array.of(1));
  assertEquals([...output], [2000]);

  const [rows, width, size] = [2400, 128, 300];
  const many = {
    keys: unitRows(rows, width, 1),
    queue: unitRows(size, width, 2),
    extra: unitRows(rows, width, 3),
    tau: 0.2,
  };
  const values = [unitRows(rows, width, 4)], dy = Float32Array.of(1);
  const found = await runOp("simd", infoNceOp(rows, width, many), values, dy);
  const exact = reference.infoNce(rows, width, many);
  assertClose(found.output, exact.forward(values).subarray(0, 1), 1e-6, "output");
  assertClose(found.gradients[0]!, exact.gradient(values, dy)[0]!, 1e-5, "gradient");
  assertEquals(backend.pool.bytes.now, 0);
});

Deno.test("InfoNCE has the same bytes on 1, 2 and 3 threads", async () => {
  const [rows, width] = [10, 16];
  const contrasts = {
    keys: unitRows(rows, width, 1),
    queue: unitRows(2000, width, 2),
    extra: null,
    tau: 0.1,
  };
  const bytes: Uint8Array[][] = [];
  for (const threads of [1, 2, 3, 3]) {
    await startSimd(threads);
    const op = infoNceOp(rows, width, contrasts);
    const { output, gradients } = await runOp(
      "simd",
      op,
      [unitRows(rows, width, 4)],
      Float32Array.of(1),
    );
    bytes.push([output, ...gradients].map((v) => new Uint8Array(v.buffer as ArrayBuffer)));
  }
  for (const other of bytes.slice(1)) assertEquals(other, bytes[0]!);
  await tf.setBackend("cpu");
});
