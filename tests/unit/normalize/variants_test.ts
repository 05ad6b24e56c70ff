import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type Centre, centre } from "../../../stages/normalize/centre.ts";
import { normalizeParams } from "../../../stages/normalize/definition.ts";
import { normalizeClip, UnusableClip } from "../../../stages/normalize/normalize_clip.ts";
import { type Resize, resize, usedFrames } from "../../../stages/normalize/resize.ts";
import { rotate } from "../../../stages/normalize/rotate.ts";
import { Draws } from "./draws.ts";
import { normalizeReference, type RawClip } from "./reference.ts";

const CENTRES = normalizeParams.shape.centre.unwrap().options;
const RESIZES = normalizeParams.shape.resize.unwrap().options;
const ROTATIONS = normalizeParams.shape.yRotation.unwrap().options;

/** A walk with gaps: frames without the first, the second or any body, also at both ends. */
function walk(draws: Draws, frames: number, bodies: number): RawClip {
  const body = () => {
    const joints = Array.from({ length: 25 }, () => [0, 0, 0].map(() => draws.between(-1, 1)));
    const step = [0, 0, 3].map((z) => z + draws.between(-0.5, 0.5));
    return (t: number) =>
      joints.map((joint, v) =>
        joint.map((x, c) =>
          x + step[c]! + 0.02 * t * step[(c + 1) % 3]! + 0.1 * Math.sin(t + v + c)
        )
      );
  };
  const shapes = Array.from({ length: bodies }, body);
  const nothing = Array.from({ length: 25 }, () => [0, 0, 0]);
  return Array.from(
    { length: frames },
    (_, t) => shapes.map((shape) => draws.next() < 0.25 ? nothing : shape(t)),
  );
}

const flat = (raw: RawClip) => Float32Array.from(raw.flat(3));

/** As float32 numbers, so that both sides begin with the same. */
const rounded = (raw: RawClip): RawClip =>
  raw.map((frame) => frame.map((body) => body.map((joint) => joint.map(Math.fround))));

Deno.test("every choice of centre, length and rotation agrees with a plain float64 reference", () => {
  const draws = new Draws(6);
  const T = 12;
  let compared = 0;
  for (const centre of CENTRES) {
    for (const resize of RESIZES) {
      for (const yRotation of ROTATIONS) {
        for (const frames of [1, 7, 12, 31]) {
          const bodies = 1 + Math.floor(draws.next() * 2);
          const raw = rounded(walk(draws, frames, bodies));
          const expected = normalizeReference(raw, { centre, resize, yRotation, frames: T });
          const out = new Float32Array(3 * T * 25 * bodies).fill(NaN);
          const run = () =>
            normalizeClip(flat(raw), bodies, { centre, resize, yRotation, frames: T }, out);
          if (expected === undefined) {
            assertThrows(run, UnusableClip, "no frame has a");
            continue;
          }
          run();
          const place = `${centre} ${resize} ${yRotation} of ${frames} frames, ${bodies} bodies`;
          for (let c = 0; c < 3; c++) {
            for (let t = 0; t < T; t++) {
              for (let v = 0; v < 25; v++) {
                for (let m = 0; m < bodies; m++) {
                  const value = out[((c * T + t) * 25 + v) * bodies + m]!;
                  const wanted = expected[t]![m]![v]![c]!;
                  if (Math.abs(value - wanted) > 2e-5) {
                    assertAlmostEquals(value, wanted, 2e-5, `${place}: ${[c, t, v, m]}`);
                  }
                  compared++;
                }
              }
            }
          }
        }
      }
    }
  }
  assert(compared > 500_000, `${compared}`);
});

const SIZE = 75;
const used = (raw: Float32Array, how: Resize) => usedFrames(raw, 1, how);

/** One body whose frame t has t + 1 everywhere. */
function numbered(frames: number): Float32Array {
  return Float32Array.from({ length: frames * SIZE }, (_, i) => 1 + Math.floor(i / SIZE));
}

function resized(frames: number, to: number, how: Resize): number[] {
  const raw = numbered(frames);
  const out = resize(raw, 1, used(raw, how), to, how);
  return Array.from({ length: to }, (_, t) => out[t * SIZE + 7]!);
}

Deno.test("frames are repeated, skipped, cropped, padded and looped as their formulas say", () => {
  assertEquals(resized(3, 4, "nearest"), [1, 2, 2, 3]);
  assertEquals(resized(2, 4, "nearest"), [1, 1, 2, 2]);
  assertEquals(resized(8, 4, "nearest"), [2, 4, 6, 8]);
  assertEquals(resized(9, 4, "centreCrop"), [3, 4, 5, 6]);
  assertEquals(resized(10, 4, "centreCrop"), [4, 5, 6, 7]);
  assertEquals(resized(3, 4, "centreCrop"), [1, 2, 3, 0]);
  assertEquals(resized(9, 4, "pad"), [1, 2, 3, 4]);
  assertEquals(resized(2, 4, "pad"), [1, 2, 0, 0]);
  assertEquals(resized(3, 8, "loop"), [1, 2, 3, 1, 2, 3, 1, 2]);
  assertEquals(resized(9, 4, "loop"), [1, 2, 3, 4]);
  assertEquals(resized(2, 4, "linear"), [1, 1.25, 1.75, 2]);
});

Deno.test("linear takes the true extent where linearPrefix counts frames and cuts the end", () => {
  const raw = numbered(6);
  raw.fill(0, 0, SIZE); // the body comes late
  raw.fill(0, 3 * SIZE, 4 * SIZE); // and is lost once
  assertEquals(used(raw, "linearPrefix"), { first: 0, length: 4 });
  assertEquals(used(raw, "linear"), { first: 1, length: 5 });
  raw.fill(0);
  assertEquals(used(raw, "linear").length, 0);
});

Deno.test("centring on the first body keeps the distance of a second; on its start also its walk", () => {
  const raw = new Float32Array(2 * 2 * SIZE);
  for (const [at, x] of [[0, 1], [1, 5], [2, 2], [3, 6]] as const) {
    for (let i = at * SIZE; i < (at + 1) * SIZE; i += 3) raw[i] = x;
  }
  const xs = (how: Centre) => {
    const moved = raw.slice();
    centre(moved, 2, how);
    return [0, 1, 2, 3].map((at) => moved[at * SIZE]!);
  };
  assertEquals(xs("ownSpineShoulder"), [0, 0, 0, 0]);
  assertEquals(xs("firstSpineMid"), [0, 4, 0, 4]);
  assertEquals(xs("startSpineMid"), [0, 4, 1, 5]);
  assertEquals(xs("none"), [1, 5, 2, 6]);
});

Deno.test("without the first body in a frame the last origin holds; empty slots stay empty", () => {
  const raw = new Float32Array(4 * 2 * SIZE);
  const put = (frame: number, body: number, x: number) => {
    const at = (frame * 2 + body) * SIZE;
    for (let i = at; i < at + SIZE; i += 3) raw[i] = x;
  };
  put(0, 1, 7); // before the first body comes
  put(1, 0, 2);
  put(1, 1, 8);
  put(2, 1, 9); // the first body is lost
  put(3, 0, 4);
  centre(raw, 2, "firstSpineBase");
  const xs = Array.from({ length: 8 }, (_, at) => raw[at * SIZE]!);
  assertEquals(xs, [0, 5, 0, 6, 0, 7, 0, 0]);
});

Deno.test("atan2 follows a body that turns past the camera's line; firstFrame keeps its turning", () => {
  const angles = [0.6, 0.2, -0.3, -2, 3];
  const clip = new Float32Array(angles.length * SIZE);
  for (const [t, angle] of angles.entries()) {
    for (const [joint, side] of [[8, 0.2], [4, -0.2]] as const) {
      clip[t * SIZE + joint * 3] = side * Math.cos(angle);
      clip[t * SIZE + joint * 3 + 2] = side * Math.sin(angle);
    }
  }
  const after = (how: "atan2" | "firstFrame") => {
    const turned = clip.slice();
    rotate(turned, 1, how);
    return angles.map((_, t) => {
      const line = (c: number) => turned[t * SIZE + 8 * 3 + c]! - turned[t * SIZE + 4 * 3 + c]!;
      return Math.atan2(line(2), line(0));
    });
  };
  after("atan2").forEach((angle) => assertAlmostEquals(angle, 0, 1e-6));
  after("firstFrame").forEach((angle, t) => assertAlmostEquals(angle, angles[t]! - 0.6, 1e-6));
});

Deno.test("a clip that lacks what a choice needs says so", () => {
  const out = new Float32Array(3 * 8 * 25 * 2);
  const second = new Float32Array(5 * 2 * SIZE);
  for (let t = 0; t < 5; t++) second.fill(1, (t * 2 + 1) * SIZE, (t * 2 + 2) * SIZE);
  const run = (resize: Resize, centre: Centre) =>
    normalizeClip(second.slice(), 2, { frames: 8, resize, centre, yRotation: "none" }, out);
  assertThrows(() => run("linearPrefix", "none"), UnusableClip, "no frame has a first body (its");
  assertThrows(() => run("linear", "startSpineMid"), UnusableClip, "on which to centre");
  assertThrows(
    () =>
      normalizeClip(new Float32Array(750), 2, { frames: 8, resize: "pad", yRotation: "none" }, out),
    UnusableClip,
    "no frame has a body (all coordinates are 0)",
  );
  run("linear", "none");
  const rooted = Float32Array.from({ length: 5 * 2 * SIZE }, (_, i) => i % SIZE < 3 ? 0 : 1);
  assertThrows(
    () => normalizeClip(rooted.slice(), 2, { frames: 8, yRotation: "none" }, out),
    UnusableClip,
    "resize linear does without it",
  );
  normalizeClip(rooted.slice(), 2, { frames: 8, resize: "linear", yRotation: "none" }, out);
});
