/**
 * Weights, queue and clips of a trajectory by rule, so that a file need not hold them (method section
 * 7.1, `docs/golden_form.md`).
 *
 * @module
 */
import type { SafeTensor } from "../formats/safetensors.ts";
import { type ParameterSpec, volume } from "../model/parameters.ts";
import { JOINTS } from "../skeleton/joints.ts";
import { TRAJECTORY_FRAMES, type TrajectoryConfig } from "./trajectory_file.ts";

/** Bodies of the made-up clips. */
export const TRAJECTORY_BODIES = 2;

/** First seeds by network, before `off` is added. */
export const FILL_SEEDS = {
  query: 1,
  key: 1001,
  predictor: 2001,
  predictor_s: 3001,
  predictor_ns: 4001,
  queue: 5001,
} as const;

/**
 * Values of [-1, 1) by a linear congruential generator: s <- 1664525 s + 1013904223 mod 2^32,
 * u = 2 s / 2^32 - 1.
 */
export function congruential(count: number, seed: number): Float64Array {
  const values = new Float64Array(count);
  let state = seed >>> 0;
  for (let i = 0; i < count; i++) {
    state = (1664525 * state + 1013904223) % 2 ** 32;
    values[i] = state / 2 ** 32 * 2 - 1;
  }
  return values;
}

/**
 * Weights of a network: the k-th parameter is filled from seed + k; running statistics are fresh.
 *
 * @param specs Of the network, in order.
 * @param seed With `off` added.
 */
export function filledWeights(
  specs: readonly ParameterSpec[],
  seed: number,
): Map<string, SafeTensor> {
  const weights = new Map<string, SafeTensor>();
  let k = 0;
  for (const { name, shape, role, kind, fanIn } of specs) {
    const size = volume(shape);
    let data: Float32Array;
    if (role === "mean" || role === "variance") {
      data = new Float32Array(size).fill(role === "mean" ? 0 : 1);
    } else {
      const u = congruential(size, seed + k++);
      const scale = Math.sqrt(3 / fanIn);
      // Rounded to float32 by name: this also runs where arrays are wider.
      data = Float32Array.from(
        u,
        (x) => Math.fround(kind === "weight" ? x * scale : kind === "bias" ? 0.1 * x : 1 + 0.1 * x),
      );
    }
    weights.set(name, { dtype: "F32", shape, data });
  }
  return weights;
}

/** The queue: (F, K) filled row by row, columns scaled to length 1; given as K rows of F. */
export function filledQueue(size: number, keys: number, seed: number): Float32Array {
  const u = congruential(size * keys, seed).map(Math.fround);
  const rows = new Float32Array(size * keys);
  for (let key = 0; key < keys; key++) {
    let squares = 0;
    for (let f = 0; f < size; f++) squares += u[f * keys + key]! ** 2;
    const length = Math.max(Math.sqrt(squares), 1e-12);
    for (let f = 0; f < size; f++) rows[key * size + f] = u[f * keys + key]! / length;
  }
  return rows;
}

/** The two views of a step: sines in time, joint, body and clip, the second body of half the clips zero. */
export function trajectoryClips(
  { N, phase }: Pick<TrajectoryConfig, "N" | "phase">,
  step: number,
): { query: Float32Array; key: Float32Array } {
  const p = phase + 0.37 * step;
  const clips = (
    value: (n: number, c: number, t: number, v: number, m: number) => number,
  ) => {
    const out = new Float32Array(N * 3 * TRAJECTORY_FRAMES * JOINTS * TRAJECTORY_BODIES);
    let i = 0;
    for (let n = 0; n < N; n++) {
      for (let c = 0; c < 3; c++) {
        for (let t = 0; t < TRAJECTORY_FRAMES; t++) {
          for (let v = 0; v < JOINTS; v++) {
            for (let m = 0; m < TRAJECTORY_BODIES; m++, i++) {
              if (m === 0 || n >= Math.floor(N / 2)) out[i] = Math.fround(value(n, c, t, v, m));
            }
          }
        }
      }
    }
    return out;
  };
  return {
    query: clips((n, c, t, v, m) => Math.sin(0.05 * (c + 1) * t + 0.3 * v + 0.7 * m + 1.1 * n + p)),
    key: clips((n, c, t, v, m) =>
      Math.sin(0.052 * (c + 1) * t + 0.31 * v + 0.7 * m + 1.1 * n + 0.2 + p)
    ),
  };
}
