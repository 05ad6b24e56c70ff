import { assertAlmostEquals, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { normalizeClip } from "../../../stages/normalize/normalize_clip.ts";

const LENGTH = 103;

/** The raw clip of method section 2's golden values, as (frames, 2, 25, 3). */
function goldenRaw(frames: number): Float32Array {
  const raw = new Float32Array(frames * 2 * 25 * 3);
  for (let t = 0; t < LENGTH; t++) {
    for (let v = 0; v < 25; v++) {
      for (let c = 0; c < 3; c++) {
        const base = 0.05 * (c + 1) * t + 0.3 * v;
        const lift = c === 2 ? 3 : 0;
        raw[((t * 2 + 0) * 25 + v) * 3 + c] = Math.sin(base) + lift;
        if (t >= 20 && t < 60) raw[((t * 2 + 1) * 25 + v) * 3 + c] = Math.sin(base + 0.7) + lift;
      }
    }
  }
  return raw;
}

const GOLDEN: [c: number, t: number, v: number, m: number, value: number][] = [
  [0, 0, 3, 0, -1.482645],
  [1, 0, 3, 0, 1.050826],
  [2, 0, 3, 0, 0.093220],
  [0, 10, 7, 0, 1.072204],
  [2, 10, 7, 0, 1.481670],
  [0, 31, 11, 1, 1.749526],
  [2, 31, 11, 1, -0.611958],
  [0, 63, 19, 0, -0.031541],
  [1, 63, 19, 0, 0.284184],
  [2, 63, 19, 0, 0.186634],
  [0, 12, 0, 1, 0.094417],
  [0, 20, 20, 0, 0],
];

for (const frames of [LENGTH, 300]) {
  Deno.test(`a clip of ${LENGTH} frames, ${frames} stored, has the golden coordinates`, () => {
    const out = new Float32Array(3 * 64 * 25 * 2);
    normalizeClip(goldenRaw(frames), 2, { frames: 64, yRotation: "clipSign" }, out);
    for (const [c, t, v, m, value] of GOLDEN) {
      assertAlmostEquals(out[((c * 64 + t) * 25 + v) * 2 + m]!, value, 1e-5, `${[c, t, v, m]}`);
    }
    let sum = 0;
    const magnitude = [0, 0];
    out.forEach((value, i) => {
      sum += value;
      magnitude[i % 2]! += Math.abs(value);
    });
    assertAlmostEquals(sum, 212.215551, 1e-5 * 212);
    assertAlmostEquals(magnitude[0]!, 3388.705702, 1e-4);
    assertAlmostEquals(magnitude[1]!, 1325.870381, 1e-4);
  });
}

/** A clip with gaps in both bodies, of numbers that need no function of the machine's. */
function wandering(clip: number, frames: number, bodies: number): Float32Array {
  const raw = new Float32Array(frames * bodies * 75);
  for (let t = 0; t < frames; t++) {
    for (let m = 0; m < bodies; m++) {
      if ((t + 3 * m + clip) % 11 === 0 || (m === 1 && t < frames / 3)) continue;
      for (let i = 0; i < 75; i++) {
        const noise = ((t * 31 + i * 17 + m * 101 + clip * 7) * 2654435761 >>> 8) % 2001 - 1000;
        raw[(t * bodies + m) * 75 + i] = noise / 4096 + (i % 3 === 2 ? 3 : 0) + t / 64;
      }
    }
  }
  return raw;
}

Deno.test("what is normalised as released keeps its bytes", () => {
  // The digest is of the code before there was anything to choose. It may change with the version of
  // V8, whose arc cosine is in it, and with nothing else.
  const hash = createHash("sha256");
  for (const [clip, frames] of [1, 2, 9, 50, 64, 103, 300].entries()) {
    for (const bodies of [1, 2]) {
      for (const yRotation of ["clipSign", "none"] as const) {
        for (const length of [64, 16]) {
          const out = new Float32Array(3 * length * 25 * bodies);
          normalizeClip(wandering(clip + 1, frames, bodies), bodies, {
            frames: length,
            yRotation,
          }, out);
          hash.update(out);
        }
      }
    }
  }
  assertEquals(
    hash.digest("hex"),
    "98f34efc4053052fe673921aec451e1afbc09fe48961a71b9a4e3599884c7382",
  );
});
