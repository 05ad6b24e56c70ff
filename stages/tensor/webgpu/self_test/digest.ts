/**
 * What is kept of a tensor that must come out: sums of its pieces with weights of both signs, so that
 * a few numbers tell whether any of many is wrong.
 *
 * A number that is wrong by as much as numbers are large here on average moves its piece's sum by that
 * much, while rounding of all of them moves it by a ten-thousandth of it at most.
 *
 * @module
 */
import { xorshift } from "./self_test_case.ts";

/** Pieces of a tensor, if it has as many numbers. */
const PIECES = 8;

/** Share of a piece's length (its root of the sum of squares) by which its sum may be off. */
const TOLERANCE = 2e-4;

/** Numbers as large as this count as rounding where all of a piece are zero but for rounding. */
const NOISE = 0.3;

/** By piece: its sum with weights, and its length. */
export function digestOf(values: Float32Array): Float32Array<ArrayBuffer> {
  const pieces = Math.max(1, Math.min(PIECES, values.length));
  const digest = new Float32Array(2 * pieces);
  let state = 0x2545f491;
  for (let piece = 0; piece < pieces; piece++) {
    const [from, to] = bounds(values.length, pieces, piece);
    let [sum, squares] = [0, 0];
    for (let i = from; i < to; i++) {
      const value = values[i]!;
      state = xorshift(state);
      // 0.5 .. 1.5, so that a few equal faults do not cancel each other.
      const weight = (state >>> 8) * 2 ** -24 + 0.5;
      sum += state & 1 ? -weight * value : weight * value;
      squares += value * value;
    }
    digest[2 * piece] = sum;
    digest[2 * piece + 1] = Math.sqrt(squares);
  }
  return digest;
}

/**
 * How far values are from those that a digest was made of, in tolerances: above 1 is wrong; infinite where
 * a value is not a number.
 */
export function distance(values: Float32Array, digest: Float32Array): number {
  const found = digestOf(values);
  if (found.length !== digest.length) return Infinity;
  const pieces = digest.length / 2;
  let worst = 0;
  for (let piece = 0; piece < pieces; piece++) {
    const [from, to] = bounds(values.length, pieces, piece);
    const length = Math.max(digest[2 * piece + 1]!, NOISE * Math.sqrt(to - from));
    const gap = Math.abs(found[2 * piece]! - digest[2 * piece]!);
    if (Number.isNaN(gap)) return Infinity;
    worst = Math.max(worst, gap / (TOLERANCE * length));
  }
  return worst;
}

/** A distance as a share of how large the numbers are. */
export function share(distance: number): number {
  return distance * TOLERANCE;
}

function bounds(count: number, pieces: number, piece: number): [number, number] {
  return [Math.floor(count * piece / pieces), Math.floor(count * (piece + 1) / pieces)];
}
