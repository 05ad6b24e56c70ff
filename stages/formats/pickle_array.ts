/**
 * The elements of arrays in a pickle.
 *
 * @module
 */
import { decodeElements, type NpyArray } from "./npy.ts";
import { elementCount } from "./npy_header.ts";
import { pickleRawBytes } from "./pickle_escapes.ts";
import { type PickleArray, PickleSlice } from "./pickle_value.ts";

/**
 * An array's elements, in C order.
 *
 * @param bytes What stands for it in the file.
 * @throws {Error} If they are too few or too many.
 */
export function arrayElements(array: PickleArray, bytes: PickleSlice | Uint8Array): NpyArray {
  const { header } = array;
  if (bytes instanceof PickleSlice) throw new Error("expected the bytes of a number");
  const form = array.data instanceof PickleSlice ? array.data.form : "bytes";
  const raw = pickleRawBytes(bytes, form);
  const needed = elementCount(header.shape) * header.itemSize;
  if (raw.length !== needed) {
    throw new Error(
      `expected ${needed} bytes for shape (${header.shape.join(", ")}), found ${raw.length}`,
    );
  }
  return decodeElements(raw.slice(), header, "an array");
}
