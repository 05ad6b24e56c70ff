/**
 * The header of an `.npy` file: what its numbers are and how many. Read from bytes, written to bytes.
 * Format: numpy's "NPY format" page, versions 1.0, 2.0 and 3.0.
 *
 * @module
 */

/** A broken or unsupported `.npy` file; the message names the file. */
export class NpyError extends Error {
  override name = "NpyError";
}

/** Kinds of numbers that are read and written; `str` is numpy's `U`, text of a fixed width. */
export type NpyType =
  | "f2"
  | "f4"
  | "f8"
  | "i1"
  | "i2"
  | "i4"
  | "i8"
  | "u1"
  | "u2"
  | "u4"
  | "u8"
  | "b1"
  | "str";

/** What a header says. */
export interface NpyHeader {
  readonly type: NpyType;
  /** Bytes of one element. */
  readonly itemSize: number;
  readonly littleEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the data begin, in bytes from the start of the file. */
  readonly dataOffset: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const SIZES: Readonly<Record<Exclude<NpyType, "str">, number>> = {
  f2: 2,
  f4: 4,
  f8: 8,
  i1: 1,
  i2: 2,
  i4: 4,
  i8: 8,
  u1: 1,
  u2: 2,
  u4: 4,
  u8: 8,
  b1: 1,
};

/** As many bytes as any header read here may take: enough for both to be parsed in one read. */
export const LONGEST_HEADER = 65536;

/** Number of elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * What numpy's short name of a type says, such as `<f4`.
 *
 * @param file What to call the array in an error.
 * @throws {NpyError} If it is of a type that is not read.
 */
export function describeNpyType(
  descr: string,
  file: string,
): Pick<NpyHeader, "type" | "itemSize" | "littleEndian"> {
  const match = /^([<>|=])?([a-zA-Z?])(\d*)$/.exec(descr);
  if (match !== null) {
    const littleEndian = match[1] !== ">";
    const kind = match[2] === "?" ? "b1" : match[2]! + match[3]!;
    if (match[2] === "U" && Number(match[3]) > 0) {
      return { type: "str", itemSize: 4 * Number(match[3]), littleEndian };
    }
    if (Object.hasOwn(SIZES, kind)) {
      const type = kind as keyof typeof SIZES;
      return { type, itemSize: SIZES[type], littleEndian };
    }
    if (match[2] === "O") {
      throw new NpyError(
        `${file}: holds pickled Python objects, which are never read: save plain numbers or text ` +
          `(numpy.save with allow_pickle=False says which array is at fault)`,
      );
    }
  }
  throw new NpyError(
    `${file}: unsupported type ${JSON.stringify(descr)}: expected floats, integers, booleans or ` +
      `unicode text (f2 f4 f8 i1..i8 u1..u8 b1 U)`,
  );
}

function field(text: string, key: string, pattern: string, file: string): string | undefined {
  const match = new RegExp(`['"]${key}['"]\\s*:\\s*(?:${pattern})`).exec(text);
  if (match === null) {
    throw new NpyError(
      `${file}: the .npy header has no valid ${key}: ${JSON.stringify(text.slice(0, 200).trim())}`,
    );
  }
  return match[1];
}

/**
 * Reads a header.
 *
 * @param bytes The first {@link LONGEST_HEADER} bytes of the file, or all of it.
 * @param file What to call it in an error.
 * @throws {NpyError} If it is no `.npy` file or of a type that is not read.
 */
export function parseNpyHeader(bytes: Uint8Array, file: string): NpyHeader {
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new NpyError(`${file}: not an .npy file (it does not begin with \\x93NUMPY)`);
  }
  const major = bytes[6]!;
  if (bytes.length < 12 || major < 1 || major > 3) {
    throw new NpyError(
      bytes.length < 12
        ? `${file}: the .npy file ends inside its header`
        : `${file}: .npy version ${major}.${bytes[7]} is not known (1.0 to 3.0 are)`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataOffset = start + length;
  if (length > LONGEST_HEADER - 12) {
    throw new NpyError(`${file}: an .npy header of ${length} bytes is longer than any sound one`);
  }
  if (dataOffset > bytes.length) {
    throw new NpyError(`${file}: the .npy file ends inside its header`);
  }
  const text = new TextDecoder().decode(bytes.subarray(start, dataOffset));
  const descr = field(text, "descr", "['\"]([^'\"]*)['\"]|(?=\\[)", file);
  if (descr === undefined) {
    throw new NpyError(
      `${file}: a structured (record) array; save each field as an array of its own`,
    );
  }
  const fortranOrder = field(text, "fortran_order", "(True|False)", file) === "True";
  const sizes = field(text, "shape", "\\(([\\d\\s,L]*)\\)", file)!;
  const shape = sizes.split(",").map((size) => size.trim().replace(/L$/, "")).filter((size) =>
    size !== ""
  ).map(Number);
  if (!shape.every(Number.isSafeInteger) || !Number.isSafeInteger(elementCount(shape))) {
    throw new NpyError(`${file}: the shape (${sizes}) is too large`);
  }
  return { ...describeNpyType(descr, file), fortranOrder, shape, dataOffset };
}

/**
 * Writes a header of version 1.0, little endian, C order.
 *
 * @param type What the data are.
 * @param shape Their shape.
 * @param itemSize Bytes of one element; needed for `str` alone.
 * @param atLeast Pad the header to this many bytes, so that a longer shape fits later.
 * @returns Its bytes, a multiple of 64.
 */
export function formatNpyHeader(
  type: NpyType,
  shape: readonly number[],
  itemSize = 0,
  atLeast = 0,
): Uint8Array<ArrayBuffer> {
  const one = type === "str" ? 0 : SIZES[type];
  const descr = type === "str" ? `<U${itemSize / 4}` : `${one === 1 ? "|" : "<"}${type}`;
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const total = Math.max(Math.ceil((10 + text.length + 1) / 64) * 64, atLeast);
  const bytes = new Uint8Array(total).fill(0x20);
  bytes.set([...MAGIC, 1, 0, (total - 10) & 255, (total - 10) >> 8]);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[total - 1] = 0x0a;
  return bytes;
}
