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
  const ordered = array.axes === undefined
    ? raw.slice()
    : transposed(raw, header.shape, array.axes, header.itemSize);
  return decodeElements(ordered, header, "an array");
}

/**
 * Elements in the order of an array's own axes.
 *
 * @param shape The array's shape.
 * @param axes Which of the axes of `bytes`, which are in C order, each of its axes is.
 */
function transposed(
  bytes: Uint8Array,
  shape: readonly number[],
  axes: readonly number[],
  itemSize: number,
): Uint8Array<ArrayBuffer> {
  const rank = shape.length;
  // How far apart neighbours along each of the array's axes are in `bytes`.
  const steps = new Array<number>(rank);
  for (let stored = rank - 1, step = itemSize; stored >= 0; stored--) {
    const axis = axes.indexOf(stored);
    steps[axis] = step;
    step *= shape[axis]!;
  }
  // The last axes lie together where they are in their places.
  let outer = rank;
  let run = itemSize;
  while (outer > 0 && axes[outer - 1] === outer - 1) run *= shape[--outer]!;
  const out = new Uint8Array(bytes.length);
  const at = new Array<number>(outer).fill(0);
  for (let to = 0, from = 0; to < out.length; to += run) {
    out.set(bytes.subarray(from, from + run), to);
    for (let axis = outer - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++at[axis]! < shape[axis]!) break;
      from -= steps[axis]! * shape[axis]!;
      at[axis] = 0;
    }
  }
  return out;
}
