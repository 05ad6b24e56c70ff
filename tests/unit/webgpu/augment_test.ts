import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor5D } from "@tensorflow/tfjs-core";
import { augmentParams } from "../../../stages/augment/definition.ts";
import { drawView, type View } from "../../../stages/augment/draws.ts";
import { type Policy, resolvePolicy } from "../../../stages/augment/policy.ts";
import {
  augmentView,
  clipLength,
  swapParts as swapPlainly,
  toStream as toStreamPlainly,
  viewMatrix,
} from "../../../stages/augment/reference.ts";
import { jointsOfParts } from "../../../stages/skeleton/parts.ts";
import { augmentViews, swapParts, toStream } from "../../../stages/tensor/augment_ops.ts";
import { drawnViews } from "../../../stages/tensor/drawn_views.ts";
import { viewDraws } from "../../../stages/tensor/webgpu/ops/drawn_views.ts";
import { normal } from "../simd/reference/reference_op.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";

interface Shape {
  readonly clips: number;
  readonly frames: number;
  readonly bodies: number;
}

/** One frame, one clip, one body; planes of less and more than a workgroup. */
const SHAPES: readonly Shape[] = [
  { clips: 1, frames: 1, bodies: 1 },
  { clips: 3, frames: 4, bodies: 2 },
  { clips: 2, frames: 7, bodies: 3 },
  { clips: 5, frames: 20, bodies: 1 },
];

/** Runs on clips, and gives the numbers and what a plain version makes of them, clip by clip. */
async function both(
  shape: Shape,
  run: (x: Tensor5D) => Tensor,
  plain: (clip: Float32Array, i: number) => Float32Array,
) {
  const backend = await startGpu();
  const length = clipLength(shape);
  const values = normal(shape.clips * length, shape.frames);
  const expected = new Float32Array(values.length);
  for (let i = 0; i < shape.clips; i++) {
    expected.set(plain(values.slice(i * length, (i + 1) * length), i), i * length);
  }
  const before = tf.memory().numTensors;
  const x = tf.tensor5d(values, [shape.clips, 3, shape.frames, 25, shape.bodies]);
  backend.profile = new Map();
  const y = run(x);
  const calls = [...backend.profile.values()].reduce((sum, { calls }) => sum + calls, 0);
  backend.profile = undefined;
  assertEquals(y.shape, x.shape);
  const actual = await y.data<"float32">();
  tf.dispose([x, y]);
  assertEquals(tf.memory().numTensors, before);
  return { values, actual, expected, calls };
}

/** Fails unless numbers of the size of 1 are equal to rounding. */
function assertNear(actual: Float32Array, expected: ArrayLike<number>, tolerance = 3e-6): void {
  assertEquals(actual.length, expected.length);
  actual.forEach((value, i) =>
    assert(
      Math.abs(value - expected[i]!) <= tolerance * Math.max(1, Math.abs(expected[i]!)),
      `number ${i}: ${value} for ${expected[i]}`,
    )
  );
}

gpuTest("views are those of the plain version, padded or not, in one call", async () => {
  for (const shape of SHAPES) {
    for (const wide of [0, 1, 5]) {
      const pad = Math.min(wide, shape.frames);
      const draws = Array.from({ length: shape.clips }, (_, i) => ({
        start: pad === 0 ? 0 : (7 * i + wide) % (2 * pad + 1),
        shear: normal(6, i),
        ...(i % 2 === 0 ? { angles: normal(3, 50 + i) } : {}),
      }));
      const { actual, expected, calls } = await both(
        shape,
        (x) => augmentViews(x, draws, pad),
        (clip, i) => augmentView(clip, shape, pad, draws[i]!),
      );
      assertNear(actual, expected);
      assertEquals(calls, 1);
    }
  }
  const clips = tf.zeros([2, 3, 4, 25, 1]) as Tensor5D;
  assertThrows(() => augmentViews(clips, [], 0), RangeError, "expected 2 draws, found 0");
  clips.dispose();
});

gpuTest("part swaps are exactly those of the plain version", async () => {
  for (const shape of SHAPES) {
    for (const parts of [[], [0], [1, 4], [0, 1, 2, 3, 4]]) {
      const tokens = Math.floor(shape.frames / 4);
      const t0 = tokens > 1 ? 1 : 0;
      const shift = parts.length % shape.clips;
      const draw = { shift, parts, joints: jointsOfParts(parts), t0, ct: tokens - t0 };
      const values = normal(shape.clips * clipLength(shape), shape.frames);
      const { actual } = await both(shape, (x) => swapParts(x, draw, 4), (clip) => clip);
      assertEquals(actual, swapPlainly(values, shape, draw, 4));
    }
  }
});

gpuTest("streams are exactly those of the plain version", async () => {
  for (const shape of SHAPES) {
    for (const stream of ["joint", "motion", "bone"] as const) {
      const { actual, expected } = await both(
        shape,
        (x) => toStream(x, stream),
        (clip) => toStreamPlainly(clip, shape, stream),
      );
      assertEquals(actual, expected);
    }
  }
});

/** Policies with crops of many sizes, and everything else switched on or off. */
function policies(): Policy[] {
  const of = (params: Record<string, unknown>, frames: number, seed = 3) =>
    resolvePolicy(augmentParams.parse({ seed, ...params }), frames);
  const turned = { rotate: { degrees: [180, 30, 17] }, resize: { shortest: 0.3 } };
  return [
    of({}, 64),
    of(turned, 64, 2 ** 40 + 5),
    of({ ...turned, shear: { enabled: true, amplitude: 1.5 } }, 4),
    of({ crop: { enabled: false }, shear: { enabled: false } }, 20),
  ];
}

gpuTest(
  "draws made on the device are those of the CPU: integers alike, numbers to rounding",
  async () => {
    await startGpu();
    const indices = Uint32Array.from({ length: 3000 }, (_, i) => i * i * 7919 % 4_000_000_000);
    for (const policy of policies()) {
      for (const view of ["query", "key"] as const satisfies readonly View[]) {
        for (const epoch of [1, 300]) {
          const drawn = tf.tidy(() => viewDraws({ policy, view, epoch, indices }));
          const numbers = await drawn.data<"float32">();
          drawn.dispose();
          let starts = 0;
          indices.forEach((sample, i) => {
            const draw = drawView(policy, view, epoch, sample);
            const own = numbers.subarray(12 * i, 12 * i + 12);
            assertEquals(own[3], draw.start);
            starts += draw.start;
            const span = draw.span ?? { from: 0, length: policy.frames - 1 };
            const matrix = viewMatrix(draw);
            for (const row of [0, 1, 2]) {
              assertNear(
                own.subarray(4 * row, 4 * row + 3),
                matrix.subarray(3 * row, 3 * row + 3),
                1e-6,
              );
            }
            // What is left of the clip beside the span is a difference of numbers of its length.
            const close = 2 ** -23 * policy.frames;
            assert(Math.abs(own[7]! - span.from) <= close, `${own[7]} for ${span.from}`);
            assert(Math.abs(own[11]! - span.length) <= close, `${own[11]} for ${span.length}`);
          });
          assertEquals(starts > 0, policy.crop.starts > 1);
        }
      }
    }
  },
);

gpuTest(
  "words that would make some starts likelier than others are thrown away on the device too",
  async () => {
    await startGpu();
    const [first] = policies();
    const policy = { ...first!, crop: { ...first!.crop, starts: 3 * 2 ** 30 } };
    const indices = Uint32Array.from({ length: 500 }, (_, i) => i);
    const drawn = tf.tidy(() => viewDraws({ policy, view: "key", epoch: 3, indices }));
    const numbers = await drawn.data<"float32">();
    drawn.dispose();
    indices.forEach((sample, i) => {
      const { start } = drawView(policy, "key", 3, sample);
      assertEquals(numbers[12 * i + 3], Math.fround(start));
    });
  },
);

gpuTest("views of draws on the device are those of the plain version, spans too", async () => {
  const indices = Uint32Array.of(5, 0, 123_456, 2);
  for (const policy of policies()) {
    const shape = { clips: 4, frames: policy.frames, bodies: 2 };
    const draws = { policy, view: "key", epoch: 2, indices } as const;
    const { actual, expected, calls } = await both(
      shape,
      (x) => drawnViews(x, draws),
      (clip, i) =>
        augmentView(clip, shape, policy.crop.pad, drawView(policy, "key", 2, indices[i]!)),
    );
    // A frame's place is known to 2^-24 of the clip's length, which spans turn into numbers.
    assertNear(actual, expected, 3e-6 * policy.frames);
    assertEquals(calls, 2);
  }
});

gpuTest("turning by any angle keeps to rounding what it should", async () => {
  await startGpu();
  const policy = resolvePolicy(
    augmentParams.parse({
      seed: 9,
      rotate: { degrees: [180, 180, 180] },
      shear: { enabled: false },
    }),
    8,
  );
  const indices = Uint32Array.from({ length: 2000 }, (_, i) => i);
  const drawn = tf.tidy(() => viewDraws({ policy, view: "query", epoch: 1, indices }));
  const numbers = await drawn.data<"float32">();
  drawn.dispose();
  for (let i = 0; i < indices.length; i++) {
    const row = (r: number) => numbers.subarray(12 * i + 4 * r, 12 * i + 4 * r + 3);
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) {
        const dot = row(a).reduce((sum, value, k) => sum + value * row(b)[k]!, 0);
        assert(Math.abs(dot - (a === b ? 1 : 0)) < 1e-6, `clip ${i}: ${dot}`);
      }
    }
  }
});
