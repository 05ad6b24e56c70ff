import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { centre } from "../../../stages/normalize/centre.ts";
import { validLength } from "../../../stages/normalize/length.ts";
import { normalizeClip, UnusableClip } from "../../../stages/normalize/normalize_clip.ts";
import { resample } from "../../../stages/normalize/resample.ts";
import { rotate } from "../../../stages/normalize/rotate.ts";

const BODY = 25 * 3;

/** A body with all joints at the origin but the shoulders, which are `v` apart around (0, 1, 0). */
function shoulders(v: [x: number, y: number, z: number]): Float32Array {
  const body = new Float32Array(BODY);
  v.forEach((value, c) => {
    body[8 * 3 + c] = value / 2 + (c === 1 ? 1 : 0);
    body[4 * 3 + c] = -value / 2 + (c === 1 ? 1 : 0);
  });
  return body;
}

function shoulderLine(clip: Float32Array, at: number): number[] {
  return [0, 1, 2].map((c) => clip[at + 8 * 3 + c]! - clip[at + 4 * 3 + c]!);
}

function assertClose(actual: ArrayLike<number>, expected: number[], tolerance = 1e-6): void {
  assertEquals(actual.length, expected.length);
  expected.forEach((value, i) => assertAlmostEquals(actual[i]!, value, tolerance, `element ${i}`));
}

Deno.test("the length counts frames whose first body's spine base is off the origin", () => {
  const raw = new Float32Array(6 * 2 * BODY);
  raw[0 * 2 * BODY + 0] = 1;
  raw[2 * 2 * BODY + 1] = -1; // y alone
  raw[5 * 2 * BODY + 2] = 1e-30; // z alone, and after frames without a body
  raw[3 * 2 * BODY + BODY] = 1; // the second body does not count
  raw[4 * 2 * BODY + 3] = 1; // nor does another joint
  assertEquals(validLength(raw, 2), 3);
  assertEquals(validLength(new Float32Array(6 * BODY), 1), 0);
});

Deno.test("centring makes each body's own spine-shoulder joint the origin in each frame", () => {
  const raw = Float32Array.from(
    { length: 2 * 2 * BODY },
    (_, i) => Math.floor(i / BODY) * 100 + i % 7,
  );
  raw.fill(0, 3 * BODY); // no second body in the second frame
  const before = raw.slice();
  centre(raw, 2);
  for (const body of [0, 1, 2]) {
    for (let joint = 0; joint < 25; joint++) {
      for (let c = 0; c < 3; c++) {
        const at = body * BODY;
        const expected = before[at + joint * 3 + c]! - before[at + 20 * 3 + c]!;
        assertEquals(raw[at + joint * 3 + c], expected);
      }
    }
  }
  assert(raw.subarray(3 * BODY).every((value) => value === 0));
});

Deno.test("resampling doubles, keeps and halves with half-pixel centres and clamped edges", () => {
  const pairs = (...values: number[]) => Float32Array.from(values.flatMap((v) => [v, 10 * v]));
  assertClose(resample(pairs(1, 5), 2, 4, 2), [1, 10, 2, 20, 4, 40, 5, 50]);
  assertClose(resample(pairs(1, 2, 4, 8), 4, 4, 2), [1, 10, 2, 20, 4, 40, 8, 80]);
  assertClose(resample(pairs(1, 2, 4, 8), 4, 2, 2), [1.5, 15, 6, 60]);
});

Deno.test("resampling a single frame repeats it", () => {
  assertEquals(resample(Float32Array.of(3, 4), 1, 4, 2), Float32Array.of(3, 4, 3, 4, 3, 4, 3, 4));
});

Deno.test("resampling shrinks without anti-aliasing: two neighbours make each frame", () => {
  // f = (d + 0.5) 10 / 3 - 0.5 = 7/6, 4.5, 47/6.
  const squares = Float32Array.from({ length: 10 }, (_, i) => i * i);
  assertClose(resample(squares, 10, 3, 1), [1 + 3 / 6, 16 + 9 / 2, 49 + 15 * 5 / 6], 1e-5);
});

Deno.test("resampling uses the first frames alone", () => {
  assertClose(resample(Float32Array.of(1, 5, 99, 99), 2, 4, 1), [1, 2, 4, 5]);
});

Deno.test("rotation lays the shoulder line along x, whichever way it leans", () => {
  for (const degrees of [10, 80, 100, 170, -10, -80, -100, -170]) {
    const angle = degrees * Math.PI / 180;
    const clip = shoulders([0.4 * Math.cos(angle), 0.1, 0.4 * Math.sin(angle)]);
    rotate(clip, 1);
    // The 1e-4 beside the shoulder's width turns it by up to a degree too little.
    assertClose(shoulderLine(clip, 0), [0.4, 0.1, 0], 0.01);
    assertAlmostEquals(Math.hypot(shoulderLine(clip, 0)[0]!, shoulderLine(clip, 0)[2]!), 0.4, 1e-6);
  }
});

Deno.test("rotation is by the angle whose cosine is vx / (n + 1e-4)", () => {
  const clip = shoulders([0.3, 0, 0.4]);
  clip.set([1, 2, 3], 0);
  rotate(clip, 1);
  const phi = Math.acos(0.3 / (0.5 + 1e-4));
  // theta = -phi: x' = cos x + sin z; z' = -sin x + cos z.
  const [x, z] = [Math.cos(phi) + 3 * Math.sin(phi), 3 * Math.cos(phi) - Math.sin(phi)];
  assertClose(clip.subarray(0, 3), [x, 2, z], 1e-6);
});

Deno.test("one sign holds for the whole clip: a frame that leans the other way turns too far", () => {
  const [phi, n] = [0.5, 0.4];
  const clip = new Float32Array(3 * BODY);
  clip.set(shoulders([n * Math.cos(phi), 0, n * Math.sin(phi)]), 0);
  clip.set(shoulders([n * Math.cos(phi), 0, n * Math.sin(phi)]), BODY);
  clip.set(shoulders([n * Math.cos(phi), 0, -n * Math.sin(phi)]), 2 * BODY);
  rotate(clip, 1);
  assertClose(shoulderLine(clip, 0), [n, 0, 0], 1e-3);
  assertClose(
    shoulderLine(clip, 2 * BODY),
    [n * Math.cos(2 * phi), 0, -n * Math.sin(2 * phi)],
    1e-3,
  );
});

Deno.test("each body has its own sign, and a body of zeros stays one", () => {
  const clip = new Float32Array(2 * 3 * BODY);
  for (const frame of [0, 1]) {
    clip.set(shoulders([0, 0, 0.4]), frame * 3 * BODY);
    clip.set(shoulders([0, 0, -0.4]), frame * 3 * BODY + BODY);
  }
  rotate(clip, 3);
  for (const at of [0, BODY, 3 * BODY, 4 * BODY]) {
    assertClose(shoulderLine(clip, at), [0.4, 0, 0], 1e-3);
  }
  assert(clip.subarray(2 * BODY, 3 * BODY).every((value) => value === 0));
});

/** A clip of `frames` frames with `bodies` lively bodies. */
function lively(frames: number, bodies: number): Float32Array {
  const raw = new Float32Array(frames * bodies * BODY);
  for (let t = 0; t < frames; t++) {
    for (let m = 0; m < bodies; m++) {
      for (let i = 0; i < BODY; i++) {
        raw[(t * bodies + m) * BODY + i] = Math.sin(0.1 * t * (1 + i % 3) + i + 2 * m) + 2;
      }
    }
  }
  return raw;
}

Deno.test("a clip of one body is the first body of the same clip with two", () => {
  for (const yRotation of ["clipSign", "none"] as const) {
    const one = new Float32Array(3 * 16 * 25);
    const two = new Float32Array(3 * 16 * 25 * 2);
    normalizeClip(lively(30, 1), 1, { frames: 16, yRotation }, one);
    normalizeClip(lively(30, 2), 2, { frames: 16, yRotation }, two);
    assertEquals(one, two.filter((_, i) => i % 2 === 0));
  }
});

Deno.test("without rotation a clip as long as the result is centred alone, as (3, T, 25, M)", () => {
  const raw = lively(8, 2);
  const out = new Float32Array(3 * 8 * 25 * 2);
  normalizeClip(raw.slice(), 2, { frames: 8, yRotation: "none" }, out);
  for (const [c, t, v, m] of [[0, 0, 0, 0], [1, 3, 7, 1], [2, 7, 24, 1], [0, 5, 20, 0]] as const) {
    const at = (t * 2 + m) * BODY;
    const expected = Math.fround(raw[at + v * 3 + c]! - raw[at + 20 * 3 + c]!);
    assertEquals(out[((c * 8 + t) * 25 + v) * 2 + m], expected);
  }
});

Deno.test("a clip that cannot be used says why", () => {
  const out = new Float32Array(3 * 8 * 25 * 2);
  const options = { frames: 8, yRotation: "clipSign" } as const;
  const refuse = (raw: Float32Array, reason: string) =>
    assertThrows(() => normalizeClip(raw, 2, options, out), UnusableClip, reason);
  refuse(new Float32Array(5 * 2 * BODY), "no frame has a first body");
  refuse(new Float32Array(0), "no frame has a first body");
  const raw = lively(5, 2);
  raw[(3 * 2 + 1) * BODY + 6 * 3 + 2] = NaN;
  refuse(raw, "z of the left wrist is NaN in frame 4 of 5");
  raw[0] = -Infinity;
  refuse(raw, "x of the spine base is -Infinity in frame 1 of 5");
  const huge = lively(5, 2);
  huge[0] = 3e38;
  huge[20 * 3] = -3e38;
  refuse(huge, "too large");
});
