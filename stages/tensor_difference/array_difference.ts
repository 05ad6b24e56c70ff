/**
 * Where two tensors of one type and shape differ, and by how much.
 *
 * @module
 */
import { bytesOf, type NpyData } from "../formats/npy_data.ts";
import { type FloatArray, ulpDistances } from "./ulps.ts";

/** Elements as they are in memory, or texts. */
export type Elements = NpyData | readonly string[];

/** A tensor in C order. */
export interface Tensor {
  /** Such as `f4`, `F32` or `str`; tensors of two types are never held against each other. */
  readonly type: string;
  /** Sizes of its axes. */
  readonly shape: readonly number[];
  /** As many as the product of the shape. */
  readonly data: Elements;
}

/**
 * How two tensors differ, in words: in type, in shape, or in their values, such as
 * `first differs at [3, 0] by 1 ulp (0.5 / 0.50000006); 12 of 64 values differ, by at most 3 ulps`.
 * Numbers differ if their bits do, so that 0 and -0 are two, and a NaN equals itself.
 *
 * @returns Undefined where all bits are the same.
 */
export function tensorDifference(a: Tensor, b: Tensor): string | undefined {
  if (a.type !== b.type) return `type ${a.type} / ${b.type}`;
  const [shapeA, shapeB] = [`[${a.shape.join(", ")}]`, `[${b.shape.join(", ")}]`];
  if (shapeA !== shapeB) return `shape ${shapeA} / ${shapeB}`;
  const differs = inequality(a.data, b.data);
  const distance = isFloat(a.data) ? ulpDistances(a.data, b.data as FloatArray) : undefined;
  let first = -1;
  let count = 0;
  let greatest = 0n;
  let unmeasured = 0;
  for (let i = 0; i < a.data.length; i++) {
    if (!differs(i)) continue;
    if (first < 0) first = i;
    count++;
    const ulps = distance?.(i);
    if (ulps === undefined) unmeasured++;
    else if (ulps > greatest) greatest = ulps;
  }
  if (first < 0) return undefined;
  const here = distance?.(first);
  const by = here === undefined ? "" : ` by ${ulpText(here)}`;
  const values = `${valueText(a.data[first]!)} / ${valueText(b.data[first]!)}`;
  const noNumber = distance !== undefined && unmeasured > 0 ? `, ${unmeasured} of them NaN` : "";
  const most = distance === undefined || unmeasured === count
    ? ""
    : `, by at most ${ulpText(greatest)}`;
  return `first differs at [${indexOf(first, a.shape).join(", ")}]${by} (${values}); ` +
    `${count} of ${a.data.length} values differ${noNumber}${most}`;
}

/** A distance in words: `1 ulp`, `3 ulps`. */
export function ulpText(ulps: bigint): string {
  return `${ulps.toLocaleString("en-US")} ${ulps === 1n ? "ulp" : "ulps"}`;
}

function isFloat(data: Elements): data is FloatArray {
  return data instanceof Float16Array || data instanceof Float32Array ||
    data instanceof Float64Array;
}

/** Tells whether the elements at an index differ, by their bits. */
function inequality(a: Elements, b: Elements): (index: number) => boolean {
  if (!isFloat(a)) return (i) => a[i] !== b[i];
  const [first, second] = [bitsOf(a), bitsOf(b as FloatArray)];
  return (i) => first[i] !== second[i];
}

function bitsOf(data: FloatArray): Uint16Array | Uint32Array | BigUint64Array {
  const { buffer, byteOffset, byteLength } = bytesOf(data);
  const length = byteLength / data.BYTES_PER_ELEMENT;
  if (data instanceof Float64Array) return new BigUint64Array(buffer, byteOffset, length);
  if (data instanceof Float32Array) return new Uint32Array(buffer, byteOffset, length);
  return new Uint16Array(buffer, byteOffset, length);
}

function indexOf(flat: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (const size of [...shape].reverse()) {
    index.unshift(flat % size);
    flat = Math.floor(flat / size);
  }
  return index;
}

function valueText(value: number | bigint | string): string {
  return typeof value === "string"
    ? JSON.stringify(value)
    : Object.is(value, -0)
    ? "-0"
    : `${value}`;
}
