/**
 * The typed arrays that stand for the types of `.npy` files.
 *
 * @module
 */

/** Arrays that hold an `.npy` file's numbers; booleans are bytes 0 and 1. */
export type NpyData =
  | Float16Array
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** The array class of each numeric type. */
export interface DataOf {
  f2: Float16Array<ArrayBuffer>;
  f4: Float32Array<ArrayBuffer>;
  f8: Float64Array<ArrayBuffer>;
  i1: Int8Array<ArrayBuffer>;
  i2: Int16Array<ArrayBuffer>;
  i4: Int32Array<ArrayBuffer>;
  i8: BigInt64Array<ArrayBuffer>;
  u1: Uint8Array<ArrayBuffer>;
  u2: Uint16Array<ArrayBuffer>;
  u4: Uint32Array<ArrayBuffer>;
  u8: BigUint64Array<ArrayBuffer>;
  b1: Uint8Array<ArrayBuffer>;
}

/** A type of numbers, text excluded. */
export type NpyNumericType = keyof DataOf;

/** The array class that holds each type. */
export const CLASSES: {
  readonly [T in NpyNumericType]: new (
    buffer: ArrayBuffer,
    offset?: number,
    length?: number,
  ) => DataOf[T];
} = {
  f2: Float16Array,
  f4: Float32Array,
  f8: Float64Array,
  i1: Int8Array,
  i2: Int16Array,
  i4: Int32Array,
  i8: BigInt64Array,
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
  u8: BigUint64Array,
  b1: Uint8Array,
};

const TYPES = new Map<unknown, NpyNumericType>([
  [Float16Array, "f2"],
  [Float32Array, "f4"],
  [Float64Array, "f8"],
  [Int8Array, "i1"],
  [Int16Array, "i2"],
  [Int32Array, "i4"],
  [BigInt64Array, "i8"],
  [Uint8Array, "u1"],
  [Uint16Array, "u2"],
  [Uint32Array, "u4"],
  [BigUint64Array, "u8"],
]);

/** The type that a typed array is written as. */
export function npyTypeOf(data: NpyData): NpyNumericType {
  return TYPES.get(data.constructor)!;
}

/** The bytes under a typed array. */
export function bytesOf(data: NpyData): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}

/** Turns the byte order of elements of `size` bytes, in place. */
export function swapBytes(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}
