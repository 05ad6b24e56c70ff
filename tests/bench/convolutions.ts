/**
 * Speed of the convolutions' kernels by shape, in GFLOP/s of the multiply-adds that the definition needs
 * (products with padding not counted, edges of the graph counted one by one; Winograd's form does fewer and is
 * credited with all), beside a bare product of 512 x
 * 512 matrices held in the cache. `deno run -A tests/bench/convolutions.ts [threads] [filter]`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { adjacency } from "../../stages/model/graph.ts";
import { EdgeTensors } from "../../stages/tensor/ops/graph_conv.ts";
import {
  graphConvForward,
  graphConvInputGradient,
  graphConvKernelGradients,
} from "../../stages/tensor/simd/graph_conv_jobs.ts";
import { matrixProduct } from "../../stages/tensor/simd/matrix_product.ts";
import {
  temporalConvForward,
  temporalConvInputGradient,
  temporalConvKernelGradient,
} from "../../stages/tensor/simd/temporal_conv_jobs.ts";
import { winogradPays } from "../../stages/tensor/simd/winograd_jobs.ts";
import { startSimd } from "../unit/simd/kernels.ts";

/** Runs of each, of which the fastest counts: other work on the machine only slows. */
const RUNS = Number(Deno.env.get("RUNS") ?? 9);

/** inner, outer, frames, bodies, taps (0: graph convolution), stride. */
const SHAPES = [
  [16, 16, 64, 64, 9, 1],
  [32, 32, 32, 64, 9, 1],
  [32, 32, 64, 64, 9, 2],
  [64, 64, 16, 64, 9, 1],
  [64, 64, 32, 64, 9, 2],
  [64, 64, 64, 32, 9, 1],
  [128, 128, 32, 32, 9, 1],
  [128, 128, 16, 32, 9, 1],
  [128, 128, 8, 32, 9, 1],
  [256, 256, 16, 32, 9, 1],
  [16, 32, 64, 64, 1, 2],
  [64, 256, 16, 64, 1, 1],
  [3, 16, 64, 64, 0, 1],
  [16, 16, 64, 64, 0, 1],
  [16, 32, 64, 64, 0, 1],
  [32, 32, 32, 64, 0, 1],
  [32, 64, 32, 64, 0, 1],
  [64, 64, 16, 64, 0, 1],
  [64, 256, 16, 64, 0, 1],
  [64, 64, 64, 32, 0, 1],
  [128, 128, 32, 32, 0, 1],
  [256, 256, 16, 32, 0, 1],
] as const;

/** Fewest seconds that something took. */
function fastest(run: () => unknown): number {
  let best = Infinity;
  for (let i = 0; i < RUNS; i++) {
    const begun = performance.now();
    tf.tidy(() => void run());
    best = Math.min(best, performance.now() - begun);
  }
  return best / 1e3;
}

/** Pairs of frames of x and y that a tap connects. */
function meetings(frames: number, taps: number, stride: number): number {
  let count = 0;
  for (let t = 0; t < frames; t += stride) {
    for (let k = 0; k < taps; k++) {
      const s = t + k - (taps - 1) / 2;
      if (s >= 0 && s < frames) count++;
    }
  }
  return count;
}

const threads = Number(Deno.args[0] ?? navigator.hardwareConcurrency);
const filter = Deno.args[1] ?? "";
const backend = await startSimd(threads);
const edges = new EdgeTensors(adjacency(), 3, 25);
const joints = 25;
const [a, b] = [tf.randomNormal([512, 512]), tf.randomNormal([512, 512])];
const bare = 2 * 512 ** 3 / fastest(() => matrixProduct(a, b)) / 1e9;
console.log(`${threads} threads, bare product ${bare.toFixed(1)} GFLOP/s; fastest of ${RUNS}`);
for (const [inner, outer, frames, bodies, taps, stride] of SHAPES) {
  const name = `${taps === 0 ? "graph" : `time ${taps}/${stride}`} ${inner}->${outer}` +
    ` T ${frames} B ${bodies}`;
  if (!name.includes(filter)) continue;
  const x = tf.randomNormal([joints, frames, bodies, inner]) as Tensor4D;
  const dy = tf.randomNormal([joints, frames / stride, bodies, outer]) as Tensor4D;
  const speeds: string[] = [];
  const measure = (what: string, flop: number, run: () => unknown) => {
    const seconds = fastest(run);
    const speed = flop / seconds / 1e9;
    speeds.push(
      `${what} ${speed.toFixed(1)} (${Math.round(100 * speed / bare)} %, ${
        (1e3 * seconds).toFixed(2)
      } ms)`,
    );
  };
  if (taps === 0) {
    const w = tf.randomNormal([3, inner, outer]) as Tensor3D;
    const own = {
      w,
      b: tf.randomNormal<tf.Rank.R2>([3, outer]),
      importance: tf.randomNormal<tf.Rank.R3>([3, joints, joints]),
    };
    const flop = 2 * edges.edges.length * frames * bodies * inner * outer;
    const forward = (moments: boolean) =>
      graphConvForward(backend, x, w, own.b, own.importance, edges, { moments });
    measure("y", flop, () => forward(false));
    measure("with moments", flop, () => forward(true));
    measure("dx", flop, () => graphConvInputGradient(backend, dy, w, own.importance, edges));
    measure("dw", flop, () => graphConvKernelGradients(backend, x, dy, own, edges));
  } else {
    const w = tf.randomNormal([taps, inner, outer]) as Tensor3D;
    const coefficients = tf.randomNormal<tf.Rank.R2>([4, inner]);
    const flop = 2 * joints * meetings(frames, taps, stride) * bodies * inner * outer;
    const direct = { direct: true };
    measure("y", flop, () => temporalConvForward(backend, x, w, stride));
    measure(
      "with moments",
      flop,
      () => temporalConvForward(backend, x, w, stride, { moments: true }),
    );
    measure(
      "and normalised",
      flop,
      () => temporalConvForward(backend, x, w, stride, { moments: true, normalised: coefficients }),
    );
    measure("dx", flop, () => temporalConvInputGradient(backend, dy, w, stride));
    measure("dw", flop, () => temporalConvKernelGradient(backend, x, dy, taps, stride));
    if (winogradPays({ frames, taps, stride, inner, outer })) {
      measure("direct y", flop, () => temporalConvForward(backend, x, w, stride, direct));
      measure("dx", flop, () => temporalConvInputGradient(backend, dy, w, stride, direct));
      measure("dw", flop, () => temporalConvKernelGradient(backend, x, dy, taps, stride, direct));
    }
  }
  console.log(`${name.padEnd(26)} ${speeds.join(", ")}`);
  tf.dispose([x, dy]);
}
backend.pool.stop();
