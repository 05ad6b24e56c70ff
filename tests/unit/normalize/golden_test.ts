import { assertAlmostEquals } from "@std/assert";
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
