/** Means over tokens and bodies, and layer normalisation, in float64. */
import type { Numbers, ReferenceOp } from "./reference_op.ts";

/** Mean of the rows of a matrix (rows, columns). */
export function meanOfRows(rows: number, columns: number): ReferenceOp {
  return {
    sizes: [rows * columns],
    forward: ([x]) => {
      const y = new Float64Array(columns);
      for (let i = 0; i < rows * columns; i++) y[i % columns]! += x![i]! / rows;
      return y;
    },
    gradient: (_, dy) => [
      Float64Array.from({ length: rows * columns }, (_, i) => dy[i % columns]! / rows),
    ],
  };
}

/** Means over the tokens of f mask and of f (1 - mask); f and mask are (bodies, tokens, size). */
export function maskPool(bodies: number, tokens: number, size: number): ReferenceOp {
  const numbers = bodies * tokens * size;
  /** Where a number goes in a part of the result. */
  const home = (i: number) => Math.floor(i / (tokens * size)) * size + i % size;
  return {
    sizes: [numbers, numbers],
    forward: ([f, mask]) => {
      const y = new Float64Array(2 * bodies * size);
      for (let i = 0; i < numbers; i++) {
        y[home(i)]! += f![i]! * mask![i]! / tokens;
        y[bodies * size + home(i)]! += f![i]! * (1 - mask![i]!) / tokens;
      }
      return y;
    },
    gradient: ([f, mask], dy) => {
      const [df, dMask] = [new Float64Array(numbers), new Float64Array(numbers)];
      for (let i = 0; i < numbers; i++) {
        const [salient, other] = [dy[home(i)]!, dy[bodies * size + home(i)]!];
        df[i] = (salient * mask![i]! + other * (1 - mask![i]!)) / tokens;
        dMask[i] = (salient - other) * f![i]! / tokens;
      }
      return [df, dMask];
    },
  };
}

/** Mean over the bodies of each clip: (clips, bodies, size) to (clips, size). */
export function meanOfBodies(clips: number, bodies: number, size: number): ReferenceOp {
  const home = (i: number) => Math.floor(i / (bodies * size)) * size + i % size;
  const numbers = clips * bodies * size;
  return {
    sizes: [numbers],
    forward: ([x]) => {
      const y = new Float64Array(clips * size);
      for (let i = 0; i < numbers; i++) y[home(i)]! += x![i]! / bodies;
      return y;
    },
    gradient: (_, dy) => [Float64Array.from({ length: numbers }, (_, i) => dy[home(i)]! / bodies)],
  };
}

function unitOf(x: Numbers, row: number, size: number) {
  const values = Array.from({ length: size }, (_, j) => x[row * size + j]!);
  const mean = values.reduce((sum, value) => sum + value, 0) / size;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
  const inverse = 1 / Math.sqrt(variance + 1e-5);
  return { inverse, unit: values.map((value) => (value - mean) * inverse) };
}

/** Largest inverse deviation of the rows of x (rows, size). */
export function steepestRow(x: Numbers, size: number): number {
  let largest = 0;
  for (let row = 0; row < x.length / size; row++) {
    largest = Math.max(largest, unitOf(x, row, size).inverse);
  }
  return largest;
}

/** Rows (rows, size) normalised each, times a weight, plus a bias. */
export function layerNorm(rows: number, size: number): ReferenceOp {
  return {
    sizes: [rows * size, size, size],
    forward: ([x, weight, bias]) => {
      const y = new Float64Array(rows * size);
      for (let row = 0; row < rows; row++) {
        unitOf(x!, row, size).unit.forEach((value, j) =>
          y[row * size + j] = value * weight![j]! + bias![j]!
        );
      }
      return y;
    },
    gradient: ([x, weight], dy) => {
      const dx = new Float64Array(rows * size);
      const [dWeight, dBias] = [new Float64Array(size), new Float64Array(size)];
      for (let row = 0; row < rows; row++) {
        const { inverse, unit } = unitOf(x!, row, size);
        const inner = unit.map((_, j) => dy[row * size + j]! * weight![j]!);
        const level = inner.reduce((sum, d) => sum + d, 0) / size;
        const slope = inner.reduce((sum, d, j) => sum + d * unit[j]!, 0) / size;
        unit.forEach((value, j) => {
          dx[row * size + j] = (inner[j]! - level - value * slope) * inverse;
          dWeight[j]! += dy[row * size + j]! * value;
          dBias[j]! += dy[row * size + j]!;
        });
      }
      return [dx, dWeight, dBias];
    },
  };
}
