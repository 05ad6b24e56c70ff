/**
 * `.npy`, numpy's format for one array: whole files to and from memory, and (from
 * `npy_file.ts`) files too large for memory read by rows. For files whose length is known only at the
 * end see `npy_writer.ts`.
 *
 * Written are version 1.0, little endian, C order. Read are versions 1.0 to 3.0, both byte orders,
 * C order and, for whole files, Fortran order. Typed arrays are in the machine's byte order, which
 * is little endian wherever Deno runs.
 *
 * @module
 */
import {
  bytesOf,
  CLASSES,
  type DataOf,
  type NpyData,
  type NpyNumericType,
  npyTypeOf,
  swapBytes,
} from "./npy_data.ts";
import {
  elementCount,
  formatNpyHeader,
  NpyError,
  type NpyHeader,
  parseNpyHeader,
} from "./npy_header.ts";

export { NpyFile, openNpy } from "./npy_file.ts";
export { NpyError } from "./npy_header.ts";
export type { NpyData, NpyNumericType } from "./npy_data.ts";

/** An array in memory. `type` tells which class `data` is. */
export type NpyArray =
  | {
    [T in NpyNumericType]: {
      readonly type: T;
      readonly shape: readonly number[];
      readonly data: DataOf[T];
    };
  }[NpyNumericType]
  | { readonly type: "str"; readonly shape: readonly number[]; readonly data: readonly string[] };

function transpose(
  bytes: Uint8Array,
  shape: readonly number[],
  size: number,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length);
  const at = new Array<number>(shape.length).fill(0);
  for (let target = 0; target < bytes.length; target += size) {
    let source = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) source = source * shape[axis]! + at[axis]!;
    for (let b = 0; b < size; b++) out[target + b] = bytes[source * size + b]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++at[axis]! < shape[axis]!) break;
      at[axis] = 0;
    }
  }
  return out;
}

/** Elements from their bytes, which are taken over (and must begin at an 8-byte boundary). */
function elements(
  bytes: Uint8Array<ArrayBuffer>,
  header: NpyHeader,
  file: string,
): NpyArray["data"] {
  const { type, itemSize } = header;
  if (!header.littleEndian) swapBytes(bytes, type === "str" ? 4 : itemSize);
  if (type !== "str") {
    return new CLASSES[type](bytes.buffer, bytes.byteOffset, bytes.length / itemSize);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: elementCount(header.shape) }, (_, i) => {
    let text = "";
    for (let at = i * itemSize; at < (i + 1) * itemSize; at += 4) {
      const point = view.getUint32(at, true);
      if (point > 0x10ffff) throw new NpyError(`${file}: element ${i} is no unicode text`);
      text += String.fromCodePoint(point);
    }
    return text.replace(/\0+$/, "");
  });
}

/**
 * Reads a whole file from memory.
 *
 * @param bytes The file.
 * @param file What to call it in an error.
 * @throws {NpyError} If it is broken, cut short, longer than its shape says, or of a type that is
 * not read.
 */
export function decodeNpy(bytes: Uint8Array, file: string): NpyArray {
  const header = parseNpyHeader(bytes, file);
  const length = elementCount(header.shape) * header.itemSize;
  const found = bytes.length - header.dataOffset;
  if (found !== length) {
    throw new NpyError(
      `${file}: expected ${length} bytes of data for shape (${
        header.shape.join(", ")
      }), found ${found}`,
    );
  }
  return decodeElements(bytes.slice(header.dataOffset) as Uint8Array<ArrayBuffer>, header, file);
}

/**
 * An array from its header and its elements' bytes alone.
 *
 * @param bytes As many as the header says; taken over.
 * @param file What to call it in an error.
 * @throws {NpyError} If a text is no unicode.
 */
export function decodeElements(
  bytes: Uint8Array<ArrayBuffer>,
  header: NpyHeader,
  file: string,
): NpyArray {
  const { type, shape, fortranOrder, itemSize } = header;
  const body = fortranOrder ? transpose(bytes, shape, itemSize) : bytes;
  return { type, shape, data: elements(body, header, file) } as NpyArray;
}

/**
 * The bytes of an `.npy` file of numbers.
 *
 * @param data Elements in C order.
 * @param shape Their shape; its product is the number of elements.
 * @param type `b1` writes a `Uint8Array` of 0 and 1 as booleans.
 */
export function encodeNpy(
  data: NpyData,
  shape: readonly number[],
  type: NpyNumericType = npyTypeOf(data),
): Uint8Array<ArrayBuffer> {
  if (elementCount(shape) !== data.length) {
    throw new RangeError(`shape (${shape.join(", ")}) does not fit ${data.length} elements`);
  }
  const header = formatNpyHeader(type, shape);
  const bytes = new Uint8Array(header.length + data.byteLength);
  bytes.set(header);
  bytes.set(bytesOf(data), header.length);
  return bytes;
}

/** The bytes of an `.npy` file of texts, shape (n,), as numpy's `U` type. */
export function encodeNpyStrings(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  const points = texts.map((text) => Array.from(text, (c) => c.codePointAt(0)!));
  const width = points.reduce((widest, text) => Math.max(widest, text.length), 1);
  const header = formatNpyHeader("str", [texts.length], width * 4);
  const bytes = new Uint8Array(header.length + texts.length * width * 4);
  bytes.set(header);
  const view = new DataView(bytes.buffer, header.length);
  points.forEach((text, i) => text.forEach((p, j) => view.setUint32((i * width + j) * 4, p, true)));
  return bytes;
}

/**
 * Reads a whole file and insists on what it holds.
 *
 * @param type The type it must be of.
 * @param rank The number of axes it must have.
 * @throws {NpyError} If it holds something else.
 */
export async function readNpy<T extends NpyNumericType>(
  path: string,
  type: T,
  rank: number,
): Promise<{ readonly shape: readonly number[]; readonly data: DataOf[T] }> {
  const array = decodeNpy(await Deno.readFile(path), path);
  if (array.type !== type || array.shape.length !== rank) {
    throw new NpyError(
      `${path}: expected ${type} with ${rank} axes, found ${array.type} of shape ` +
        `(${array.shape.join(", ")})`,
    );
  }
  return { shape: array.shape, data: array.data as DataOf[T] };
}

/** Reads a whole file of texts of shape (n,). */
export async function readNpyStrings(path: string): Promise<readonly string[]> {
  const array = decodeNpy(await Deno.readFile(path), path);
  if (array.type !== "str" || array.shape.length !== 1) {
    throw new NpyError(`${path}: expected a list of texts, found ${array.type}`);
  }
  return array.data;
}
