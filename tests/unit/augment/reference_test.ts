import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  augmentView,
  crop,
  croppedFrame,
  drawnOutFrame,
  drawOut,
  rotationMatrix,
  shear,
  shearMatrix,
  swapParts,
  toStream,
} from "../../../stages/augment/reference.ts";

const V = 25;

/** A clip (3, T, 25, M) whose value at (c, t, v, m) a formula gives. */
function clipOf(
  frames: number,
  bodies: number,
  value: (c: number, t: number, v: number, m: number) => number,
): Float32Array {
  const clip = new Float32Array(3 * frames * V * bodies);
  let at = 0;
  for (let c = 0; c < 3; c++) {
    for (let t = 0; t < frames; t++) {
      for (let v = 0; v < V; v++) for (let m = 0; m < bodies; m++) clip[at++] = value(c, t, v, m);
    }
  }
  return clip;
}

/** Checks every element of a clip against a formula. */
function assertClip(
  clip: Float32Array,
  frames: number,
  bodies: number,
  value: (c: number, t: number, v: number, m: number) => number,
): void {
  assertEquals(clip, clipOf(frames, bodies, value));
}

Deno.test("a crop pads with the mirror image, edge frames included", () => {
  const starts = (frames: number, pad: number, start: number) =>
    Array.from({ length: frames }, (_, t) => croppedFrame(t, start, pad, frames));
  // Six frames, padding two: 1 0 | 0 1 2 3 4 5 | 5 4.
  assertEquals(starts(6, 2, 0), [1, 0, 0, 1, 2, 3]);
  assertEquals(starts(6, 2, 1), [0, 0, 1, 2, 3, 4]);
  assertEquals(starts(6, 2, 2), [0, 1, 2, 3, 4, 5]);
  assertEquals(starts(6, 2, 3), [1, 2, 3, 4, 5, 5]);
  assertEquals(starts(6, 2, 4), [2, 3, 4, 5, 5, 4]);
});

Deno.test("a crop of 64 frames begins with frame 9 at start 0 and ends with frame 54 at start 20", () => {
  const clip = clipOf(64, 1, (c, t, v) => 10_000 * c + 100 * t + v);
  const first = crop(clip, { frames: 64, bodies: 1 }, 10, 0);
  assertClip(first, 64, 1, (c, t, v) => 10_000 * c + 100 * (t < 10 ? 9 - t : t - 10) + v);
  const last = crop(clip, { frames: 64, bodies: 1 }, 10, 20);
  assertClip(last, 64, 1, (c, t, v) => 10_000 * c + 100 * (t < 54 ? t + 10 : 117 - t) + v);
  assertEquals(crop(clip, { frames: 64, bodies: 1 }, 10, 10), clip);
});

Deno.test("a shear is x + a0 y + b0 z, a1 x + y + b1 z, a2 x + b2 y + z", () => {
  const factors = [0.5, -0.25, 0.125, 0.25, -0.5, 0.375];
  assertEquals(
    shearMatrix(factors),
    Float32Array.of(1, 0.5, 0.25, -0.25, 1, -0.5, 0.125, 0.375, 1),
  );
  // (8, 16, 32): x' = 8 + 8 + 8 = 24; y' = -2 + 16 - 16 = -2; z' = 1 + 6 + 32 = 39.
  const sheared = shear(clipOf(4, 2, (c) => [8, 16, 32][c]!), factors);
  assertClip(sheared, 4, 2, (c) => [24, -2, 39][c]!);
  // The same matrix for all frames, joints and bodies: linear in the clip.
  const clip = clipOf(4, 2, (c, t, v, m) => (c === 1 ? 1 : 0) * (8 * t + 16 * v + m));
  assertClip(
    shear(clip, factors),
    4,
    2,
    (c, t, v, m) => [0.5, 1, 0.375][c]! * (8 * t + 16 * v + m),
  );
});

Deno.test("a view is cropped, then sheared", () => {
  const clip = clipOf(6, 1, (c, t) => (c === 2 ? 4 * t : 0));
  const draw = { start: 0, shear: Float32Array.of(0, 0, 0, 0.5, 0.25, 0) };
  const view = augmentView(clip, { frames: 6, bodies: 1 }, 2, draw);
  const frames = [1, 0, 0, 1, 2, 3];
  assertClip(view, 6, 1, (c, t) => [2, 1, 4][c]! * frames[t]!);
});

Deno.test("a swap takes drawn frames and joints, all channels and bodies, from clip i + shift", () => {
  const [frames, bodies, size] = [16, 2, 4];
  const value = (n: number, c: number, t: number, v: number, m: number) =>
    100_000 * n + 10_000 * c + 100 * t + 4 * v + m;
  const batch = new Float32Array(size * 3 * frames * V * bodies);
  for (let n = 0; n < size; n++) {
    const clip = clipOf(frames, bodies, (c, t, v, m) => value(n, c, t, v, m));
    batch.set(clip, n * clip.length);
  }
  const before = batch.slice();
  const joints = [16, 17, 18, 19];
  const draw = { shift: 2, parts: [3], joints, t0: 1, ct: 2 };
  const mixed = swapParts(batch, { frames, bodies }, draw, 4);
  assertEquals(batch, before);
  const partners = [2, 3, 0, 1];
  for (let n = 0; n < size; n++) {
    const length = 3 * frames * V * bodies;
    assertClip(
      mixed.slice(n * length, (n + 1) * length),
      frames,
      bodies,
      (c, t, v, m) => value(t >= 4 && t <= 11 && v >= 16 && v <= 19 ? partners[n]! : n, c, t, v, m),
    );
  }
});

Deno.test("a swap by 1 in a batch of three goes round: 0 from 1, 1 from 2, 2 from 0", () => {
  const length = 3 * 4 * V;
  const batch = new Float32Array(3 * length).map((_, i) => Math.floor(i / length));
  const draw = { shift: 1, parts: [], joints: [7], t0: 0, ct: 1 };
  const mixed = swapParts(batch, { frames: 4, bodies: 1 }, draw, 4);
  assertEquals([0, 1, 2].map((n) => mixed[n * length + 7]), [1, 2, 0]);
  assertEquals([0, 1, 2].map((n) => mixed[n * length + 8]), [0, 1, 2]);
});

Deno.test("the joint stream is the clip itself, in a new array", () => {
  const clip = clipOf(4, 2, (c, t, v, m) => c + t + v + m);
  const joint = toStream(clip, { frames: 4, bodies: 2 }, "joint");
  assertEquals(joint, clip);
  assertEquals(joint.buffer === clip.buffer, false);
});

Deno.test("the motion stream is the forward difference in time, 0 in the last frame", () => {
  // (t + 1)^2 - t^2 = 2 t + 1.
  const clip = clipOf(8, 2, (c, t, v, m) => (c + 1) * t * t + 10 * v + m);
  const motion = toStream(clip, { frames: 8, bodies: 2 }, "motion");
  assertClip(motion, 8, 2, (c, t) => t === 7 ? 0 : (c + 1) * (2 * t + 1));
});

Deno.test("the bone stream is joint minus parent, 0 at the root", () => {
  // Parents of the method's table, 1-based, joints 1 to 25.
  const table = "2 21 21 3 21 5 6 7 21 9 10 11 1 13 14 15 1 17 18 19 21 23 8 25 12";
  const parents = table.split(" ").map((parent) => Number(parent) - 1);
  const clip = clipOf(4, 2, (c, t, v, m) => (c + 1) * v * v + 3 * t + 5 * m);
  const bone = toStream(clip, { frames: 4, bodies: 2 }, "bone");
  assertClip(bone, 4, 2, (c, _t, v) => (c + 1) * (v * v - parents[v]! * parents[v]!));
  assertAlmostEquals(bone[20 * 2]!, 0, 0);
});

Deno.test("a turn is about x, then y, then z, and keeps lengths", () => {
  const quarter = Math.PI / 2;
  const turned = (angles: number[], [x, y, z]: [number, number, number]) => {
    const m = rotationMatrix(angles);
    return [0, 3, 6].map((row) =>
      // + 0 makes a zero of a negative zero.
      Math.round(1e6 * (m[row]! * x + m[row + 1]! * y + m[row + 2]! * z)) / 1e6 + 0
    );
  };
  assertEquals(turned([quarter, 0, 0], [0, 1, 0]), [0, 0, 1]);
  assertEquals(turned([0, quarter, 0], [0, 0, 1]), [1, 0, 0]);
  assertEquals(turned([0, 0, quarter], [1, 0, 0]), [0, 1, 0]);
  // y -> z by x, z -> x by y, x -> y by z.
  assertEquals(turned([quarter, quarter, quarter], [0, 1, 0]), [0, 1, 0]);
  const m = rotationMatrix([0.3, -1.1, 2]);
  for (const [a, b, product] of [[0, 0, 1], [0, 3, 0], [3, 6, 0], [6, 6, 1]] as const) {
    const sum = [0, 1, 2].reduce((total, k) => total + m[a + k]! * m[b + k]!, 0);
    assertAlmostEquals(sum, product, 1e-6);
  }
});

Deno.test("a view is turned before it is sheared", () => {
  const clip = clipOf(4, 1, (c) => c === 0 ? 1 : 0);
  const angles = Float32Array.of(0, 0, Math.PI / 2);
  const draw = { start: 0, shear: Float32Array.of(0.5, 0, 0, 0, 0, 0), angles };
  const view = augmentView(clip, { frames: 4, bodies: 1 }, 0, draw);
  // (1, 0, 0) turns to (0, 1, 0), and that shears to (0.5, 1, 0).
  clipOf(4, 1, (c) => [0.5, 1, 0][c]!).forEach((value, i) =>
    assertAlmostEquals(view[i]!, value, 1e-6)
  );
});

Deno.test("a part of a clip is drawn out by straight lines between frames", () => {
  const span = { from: 1, length: 1.5 };
  assertEquals([0, 1, 2, 3].map((t) => drawnOutFrame(t, span, 4)), [
    { frame: 1, share: 0 },
    { frame: 1, share: 0.5 },
    { frame: 2, share: 0 },
    { frame: 2, share: 0.5 },
  ]);
  const clip = clipOf(4, 2, (c, t, v) => 8 * t * t + v + 100 * c);
  const shape = { frames: 4, bodies: 2 };
  assertClip(drawOut(clip, shape, span), 4, 2, (c, t, v) => [8, 20, 32, 52][t]! + v + 100 * c);
  assertEquals(drawOut(clip, shape, { from: 0, length: 3 }), clip);
  const still = clipOf(1, 1, (c) => c);
  assertEquals(drawOut(still, { frames: 1, bodies: 1 }, { from: 0, length: 0 }), still);
});
