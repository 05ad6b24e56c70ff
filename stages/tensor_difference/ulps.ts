/**
 * How far apart two floating-point numbers are, in units in the last place: the number of steps from
 * one representable number to the next that lead from one to the other.
 *
 * @module
 */

/** Floating-point arrays: half, single and double precision. */
export type FloatArray = Float16Array | Float32Array | Float64Array;

/**
 * Distances in ulps between the elements of two arrays of one type.
 *
 * @param a Any length.
 * @param b The same class and length.
 * @returns Gives the distance at an index: 0 for equal numbers and for the two zeros, 1 from the
 * largest finite number to infinity, undefined where either is no number (NaN).
 */
export function ulpDistances(
  a: FloatArray,
  b: FloatArray,
): (index: number) => bigint | undefined {
  const [first, second] = [placesOf(a), placesOf(b)];
  return (index) => {
    if (Number.isNaN(a[index]) || Number.isNaN(b[index])) return undefined;
    const distance = BigInt(first(index)) - BigInt(second(index));
    return distance < 0n ? -distance : distance;
  };
}

/** The distance of two double-precision numbers in ulps; undefined if either is NaN. */
export function ulpsBetween(a: number, b: number): bigint | undefined {
  return ulpDistances(Float64Array.of(a), Float64Array.of(b))(0);
}

/** Each element's place among all numbers of its type in ascending order; both zeros are at 0. */
function placesOf(data: FloatArray): (index: number) => number | bigint {
  const { buffer, byteOffset, length } = data;
  if (data instanceof Float64Array) {
    const bits = new BigInt64Array(buffer, byteOffset, length);
    return (i) => bits[i]! >= 0n ? bits[i]! : -(bits[i]! & 0x7fffffffffffffffn);
  }
  if (data instanceof Float32Array) {
    const bits = new Int32Array(buffer, byteOffset, length);
    return (i) => bits[i]! >= 0 ? bits[i]! : -(bits[i]! & 0x7fffffff);
  }
  const bits = new Int16Array(buffer, byteOffset, length);
  return (i) => bits[i]! >= 0 ? bits[i]! : -(bits[i]! & 0x7fff);
}
