import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import {
  augmentView,
  clipLength,
  swapParts as swapPlainly,
  toStream as toStreamPlainly,
} from "../../../stages/augment/reference.ts";
import { jointsOfParts } from "../../../stages/skeleton/parts.ts";
import { augmentViews, swapParts, toStream } from "../../../stages/tensor/augment_ops.ts";
import { startSimd } from "./kernels.ts";
import { normal } from "./reference/reference_op.ts";

const LONG = Deno.env.get("SKELRUN_LONG") !== undefined;
const runs = { numRuns: LONG ? 200 : 20, seed: 10 };
const shapes = fc.record({
  clips: fc.integer({ min: 1, max: 5 }),
  frames: fc.integer({ min: 1, max: 20 }),
  bodies: fc.integer({ min: 1, max: 3 }),
});

interface Shape {
  readonly clips: number;
  readonly frames: number;
  readonly bodies: number;
}

/** Runs on clips, and gives the numbers and what a plain version makes of them, clip by clip. */
function both(
  shape: Shape,
  run: (x: tf.Tensor5D) => Tensor,
  plain: (clip: Float32Array, i: number) => Float32Array,
) {
  const length = clipLength(shape);
  const values = normal(shape.clips * length, shape.frames);
  const expected = new Float32Array(values.length);
  for (let i = 0; i < shape.clips; i++) {
    expected.set(plain(values.slice(i * length, (i + 1) * length), i), i * length);
  }
  const before = tf.memory().numTensors;
  const actual = tf.tidy(() => {
    const x = tf.tensor5d(values, [shape.clips, 3, shape.frames, 25, shape.bodies]);
    const y = run(x);
    assertEquals(y.shape, x.shape);
    return y.dataSync<"float32">().slice();
  });
  assertEquals(tf.memory().numTensors, before);
  return { values, actual, expected };
}

Deno.test("views are those of the plain version, padded or not", async () => {
  await startSimd(2);
  fc.assert(
    fc.property(shapes, fc.nat(20), (shape, wide) => {
      const pad = Math.min(wide, shape.frames);
      const draws = Array.from({ length: shape.clips }, (_, i) => ({
        start: pad === 0 ? 0 : (7 * i + wide) % (2 * pad + 1),
        shear: normal(6, i),
        ...(i % 2 === 0 ? { angles: normal(3, 50 + i) } : {}),
        ...(i % 3 === 0 ? { span: { from: 0.25, length: 0.6 * (shape.frames - 1) } } : {}),
      }));
      const { actual, expected } = both(
        shape,
        (x) => augmentViews(x, draws, pad),
        (clip, i) => augmentView(clip, shape, pad, draws[i]!),
      );
      expected.forEach((value, i) => assert(Math.abs(value - actual[i]!) < 1e-5));
    }),
    runs,
  );
  const clips = tf.zeros([2, 3, 4, 25, 1]) as tf.Tensor5D;
  assertThrows(() => augmentViews(clips, [], 0), RangeError, "expected 2 draws, found 0");
  clips.dispose();
});

Deno.test("part swaps are exactly those of the plain version", async () => {
  await startSimd(2);
  fc.assert(
    fc.property(shapes, fc.subarray([0, 1, 2, 3, 4]), fc.nat(9), (shape, parts, drawn) => {
      const tokens = Math.floor(shape.frames / 4);
      const t0 = tokens === 0 ? 0 : drawn % tokens;
      const draw = {
        shift: drawn % shape.clips,
        parts,
        joints: jointsOfParts(parts),
        t0,
        ct: tokens - t0,
      };
      const length = clipLength(shape);
      const values = normal(shape.clips * length, shape.frames);
      const expected = swapPlainly(values, shape, draw, 4);
      const { actual } = both(shape, (x) => swapParts(x, draw, 4), (clip) => clip);
      assertEquals(actual, expected);
    }),
    runs,
  );
});

Deno.test("streams are exactly those of the plain version", async () => {
  await startSimd(2);
  fc.assert(
    fc.property(shapes, fc.constantFrom("joint", "motion", "bone"), (shape, stream) => {
      const { actual, expected } = both(
        shape,
        (x) => toStream(x, stream),
        (clip) => toStreamPlainly(clip, shape, stream),
      );
      assertEquals(actual, expected);
    }),
    runs,
  );
});
