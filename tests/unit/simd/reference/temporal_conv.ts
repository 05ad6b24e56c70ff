/** Convolution along time in float64. */
import type { Numbers, ReferenceOp } from "./reference_op.ts";

/** Sizes of a convolution of x (joints, frames, bodies, inner) with w (taps, inner, outer). */
export interface TemporalShape {
  readonly joints: number;
  readonly frames: number;
  readonly bodies: number;
  readonly inner: number;
  readonly outer: number;
  readonly taps: number;
  readonly stride: number;
}

/** y (joints, frames / stride, bodies, outer). */
export function temporalConv(
  { joints, frames, bodies, inner, outer, taps, stride }: TemporalShape,
): ReferenceOp {
  const steps = frames / stride;
  /** Every product: places in x, w and y. */
  const each = (visit: (x: number, w: number, y: number) => void) => {
    for (let v = 0; v < joints; v++) {
      for (let t = 0; t < steps; t++) {
        for (let k = 0; k < taps; k++) {
          const s = stride * t + k - (taps - 1) / 2;
          if (s < 0 || s >= frames) continue;
          for (let b = 0; b < bodies; b++) {
            const x = ((v * frames + s) * bodies + b) * inner;
            const y = ((v * steps + t) * bodies + b) * outer;
            for (let c = 0; c < inner; c++) {
              for (let o = 0; o < outer; o++) visit(x + c, (k * inner + c) * outer + o, y + o);
            }
          }
        }
      }
    }
  };
  const sizes = [joints * frames * bodies * inner, taps * inner * outer];
  return {
    sizes,
    forward: ([xs, ws]: readonly Numbers[]) => {
      const ys = new Float64Array(joints * steps * bodies * outer);
      each((x, w, y) => ys[y]! += xs![x]! * ws![w]!);
      return ys;
    },
    gradient: ([xs, ws], dy) => {
      const [dx, dw] = sizes.map((size) => new Float64Array(size)) as [Float64Array, Float64Array];
      each((x, w, y) => {
        dx[x]! += dy[y]! * ws![w]!;
        dw[w]! += dy[y]! * xs![x]!;
      });
      return [dx, dw];
    },
  };
}
