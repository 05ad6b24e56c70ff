import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { SwapDraw, ViewDraw } from "../../../stages/augment/draw_types.ts";
import {
  augmentView,
  clipLength,
  type ClipShape,
  swapParts as swapPlainly,
  toStream as toStreamPlainly,
} from "../../../stages/augment/reference.ts";
import { randomStream } from "../../../stages/random.ts";
import { jointsOfParts } from "../../../stages/skeleton/parts.ts";
import { augmentViews, swapParts, toStream } from "../../../stages/tensor/augment_ops.ts";
import { startCpu } from "../../../stages/tensor/cpu_backend.ts";

await startCpu();

const CLIPS = 4;

function batch({ frames, bodies }: ClipShape) {
  const values = new Float32Array(CLIPS * clipLength({ frames, bodies }));
  randomStream(3, "test/augment").fillUniform(values, -1, 1);
  return { values, clips: tf.tensor5d(values, [CLIPS, 3, frames, 25, bodies]) };
}

function gap(tensor: tf.Tensor, expected: Float32Array): number {
  const values = tensor.dataSync();
  assertEquals(values.length, expected.length);
  return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - values[i]!)), 0);
}

for (const shape of [{ frames: 16, bodies: 2 }, { frames: 12, bodies: 1 }]) {
  const title = `${shape.frames} frames, ${shape.bodies} bodies`;

  Deno.test(`views on the device are those of the plain version (${title})`, () => {
    const { values, clips } = batch(shape);
    const pad = Math.floor(shape.frames / 6);
    const stream = randomStream(4, "test/draws");
    const draws: ViewDraw[] = Array.from({ length: CLIPS }, (_, i) => {
      const shear = new Float32Array(6);
      stream.fillUniform(shear, -0.5, 0.5);
      return {
        start: [0, 2 * pad, pad, 1][i]!,
        shear,
        ...(i < 2 ? { angles: Float32Array.of(0.3, -0.2, 0.1 * i) } : {}),
        ...(i > 0 ? { span: { from: 0.7 * i, length: shape.frames / 2 + 0.3 } } : {}),
      };
    });
    const length = clipLength(shape);
    const expected = new Float32Array(values.length);
    draws.forEach((draw, i) => {
      const clip = values.slice(i * length, (i + 1) * length);
      expected.set(augmentView(clip, shape, pad, draw), i * length);
    });
    assert(gap(augmentViews(clips, draws, pad), expected) < 1e-6);
    const still = draws.map(() => ({ start: 0, shear: new Float32Array(6) }));
    assertEquals(gap(augmentViews(clips, still, 0), values), 0);
  });

  Deno.test(`a part swap on the device is exactly that of the plain version (${title})`, () => {
    const { values, clips } = batch(shape);
    const parts = [0, 4];
    const draw: SwapDraw = { shift: 3, parts, joints: jointsOfParts(parts), t0: 1, ct: 2 };
    assertEquals(gap(swapParts(clips, draw, 4), swapPlainly(values, shape, draw, 4)), 0);
  });

  for (const stream of ["joint", "motion", "bone"] as const) {
    Deno.test(`the ${stream} stream on the device is that of the plain version (${title})`, () => {
      const { values, clips } = batch(shape);
      const length = clipLength(shape);
      const expected = new Float32Array(values.length);
      for (let i = 0; i < CLIPS; i++) {
        const clip = values.slice(i * length, (i + 1) * length);
        expected.set(toStreamPlainly(clip, shape, stream), i * length);
      }
      assertEquals(gap(toStream(clips, stream), expected), 0);
    });
  }
}
