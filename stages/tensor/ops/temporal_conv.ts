/**
 * Convolution along time with a kernel of 9 frames (or 1, for strided residuals), zero padding of 4
 * (or 0) and stride 1 or 2 (method section 5). No bias: batch normalisation, which always follows,
 * takes it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { fused } from "../fused.ts";
import type { Tape } from "../tape.ts";

type Padding = [[number, number], [number, number], [number, number], [number, number]];

/**
 * y[v,t,b] = sum over k of x[v, stride t + k - padding, b] w[k].
 *
 * @param x (V, T, B, C).
 * @param w (taps, C, O), an odd number of taps.
 * @param stride 1 or 2; it divides T.
 * @returns (V, T / stride, B, O).
 */
export function temporalConv(tape: Tape, x: Tensor4D, w: Tensor3D, stride: number): Tensor4D {
  const own = fused().temporalConv;
  if (own !== undefined) return own(tape, x, w, stride);
  const [taps, inner, outer] = w.shape;
  const half = (taps - 1) / 2;
  const pad: Padding = [[0, 0], [half, half], [0, 0], [0, 0]];
  return tape.record([x, w], (save) => {
    const y = tf.conv2d(x, filter(w), [stride, 1], pad);
    const [xs, ws] = [save(x), save(w)];
    return [y, (dy, needs) => {
      const dy4 = dy as Tensor4D;
      let dx: Tensor | null = null;
      if (needs[0]) {
        dx = stride === 1
          // The same convolution with the kernel turned round.
          ? tf.conv2d(dy4, filter(tf.transpose(tf.reverse(ws, 0), [0, 2, 1]) as Tensor3D), 1, pad)
          : tf.conv2dTranspose(dy4, filter(ws), xs.shape, [stride, 1], pad);
      }
      const dw = tf.getBackend() === "cpu"
        ? kernelGradient(xs, dy4, taps, stride)
        : tf.engine().runKernel("Conv2DBackpropFilter", { x: xs, dy }, {
          strides: [stride, 1],
          pad,
          dataFormat: "NHWC",
          dimRoundingMode: undefined!,
          filterShape: [taps, 1, inner, outer],
        }) as Tensor;
      return [dx, tf.reshape(dw, w.shape)];
    }];
  });
}

function filter(w: Tensor3D): Tensor4D {
  const [taps, inner, outer] = w.shape;
  return tf.reshape(w, [taps, 1, inner, outer]);
}

/**
 * dW[k] = sum over v, t, b of x[v, stride t + k - padding, b]^T dy[v,t,b]: for each tap and joint one
 * product of two contiguous runs of frames, without padding or copies.
 */
function kernelGradient(x: Tensor4D, dy: Tensor4D, taps: number, stride: number): Tensor {
  const [joints, , bodies, inner] = x.shape;
  const [, steps, , outer] = dy.shape;
  const half = (taps - 1) / 2;
  // Frames of equal remainder by the stride lie together: (remainder, V, steps B, C).
  const phases = Array.from({ length: stride }, (_, phase) => framesOfPhase(x, stride, phase));
  const runs = tf.reshape(dy, [joints, steps * bodies, outer]);
  const gradients: Tensor[] = [];
  for (let k = 0; k < taps; k++) {
    // y[t] meets x[stride t + offset] = x[stride (t + shift) + phase]. All whole numbers, and written so
    // that V8 keeps them as such: a single -0 or 2.0 in a shape would turn the shapes of whatever
    // follows into floats, and tfjs's inner loops, which count by them, would take twice as long.
    const offset = k - half;
    const phase = (offset + half * stride) % stride;
    const shift = ((offset - phase) / stride) | 0;
    const first = shift < 0 ? -shift : 0;
    const last = Math.min(steps, steps - shift);
    const count = last - first;
    if (count <= 0) {
      gradients.push(tf.zeros([1, inner, outer]));
      continue;
    }
    const parts: Tensor[] = [];
    for (let joint = 0; joint < joints; joint++) {
      const a = tf.slice(phases[phase]!, [joint, (first + shift) * bodies], [1, count * bodies]);
      const b = tf.slice(runs, [joint, first * bodies], [1, count * bodies]);
      parts.push(
        tf.matMul(
          tf.reshape(a, [count * bodies, inner]) as Tensor2D,
          tf.reshape(b, [count * bodies, outer]) as Tensor2D,
          true,
        ),
      );
    }
    gradients.push(tf.reshape(tf.addN(parts), [1, inner, outer]));
  }
  return tf.concat(gradients);
}

/** Every `stride`-th frame from `phase` on: (V, T, B, C) -> (V, T / stride B, C). */
function framesOfPhase(x: Tensor4D, stride: number, phase: number): Tensor {
  const [joints, frames, bodies, inner] = x.shape;
  const steps = frames / stride;
  if (stride === 1) return tf.reshape(x, [joints, frames * bodies, inner]);
  const rows = tf.reshape(x, [joints * frames, bodies * inner]) as Tensor2D;
  const wanted = new Int32Array(joints * steps);
  for (let i = 0; i < wanted.length; i++) wanted[i] = i * stride + phase;
  const taken = tf.concat(Array.from(wanted, (row) => tf.slice(rows, [row], [1])));
  return tf.reshape(taken, [joints, steps * bodies, inner]);
}
