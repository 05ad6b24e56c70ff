/**
 * `.npy` files too large for memory, read by rows. Reads are positional, so that any number of them
 * may be under way at once.
 *
 * @module
 */
import { type FileHandle, open } from "node:fs/promises";
import {
  bytesOf,
  CLASSES,
  type NpyData,
  type NpyNumericType,
  npyTypeOf,
  swapBytes,
} from "./npy_data.ts";
import {
  elementCount,
  LONGEST_HEADER,
  NpyError,
  type NpyHeader,
  type NpyType,
  parseNpyHeader,
} from "./npy_header.ts";

/** An `.npy` file whose rows (entries of its first axis) are read as they are needed. */
export class NpyFile {
  readonly shape: readonly number[];
  readonly type: NpyType;
  /** Elements of one row. */
  readonly rowLength: number;
  readonly #handle: FileHandle;
  readonly #header: NpyHeader;
  readonly #file: string;

  /** Called by {@link openNpy}. */
  constructor(handle: FileHandle, header: NpyHeader, file: string) {
    this.#handle = handle;
    this.#header = header;
    this.#file = file;
    this.shape = header.shape;
    this.type = header.type;
    this.rowLength = elementCount(header.shape.slice(1));
  }

  /**
   * Reads rows `from .. to - 1` by position, so that calls may overlap in time.
   *
   * @param into Receives the elements from its beginning; a new array where it is left out.
   * @returns The elements, `(to - from) * rowLength` of them.
   * @throws {RangeError} If there are no such rows, or `into` is too short or of another type.
   */
  async readRows<T extends NpyData = Float32Array>(from: number, to: number, into?: T): Promise<T> {
    const { itemSize, littleEndian, dataOffset } = this.#header;
    if (!(from >= 0 && from <= to && to <= this.shape[0]!)) {
      throw new RangeError(`${this.#file}: no rows ${from} to ${to} of ${this.shape[0]}`);
    }
    const type = this.type as NpyNumericType;
    const length = (to - from) * this.rowLength;
    if (into !== undefined && (!(into instanceof CLASSES[type]) || into.length < length)) {
      throw new RangeError(
        `${this.#file}: expected room for ${length} elements of ${type}, got ${into.length} of ` +
          `${npyTypeOf(into)}`,
      );
    }
    const data = into ?? new CLASSES[type](new ArrayBuffer(length * itemSize));
    const bytes = bytesOf(data).subarray(0, length * itemSize);
    await readFully(this.#handle, bytes, dataOffset + from * this.rowLength * itemSize, this.#file);
    if (!littleEndian) swapBytes(bytes, itemSize);
    return data as T;
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** Closes the file at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function readFully(handle: FileHandle, bytes: Uint8Array, at: number, file: string) {
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, at + done);
    if (bytesRead === 0) throw new NpyError(`${file}: the file ends at byte ${at + done}`);
    done += bytesRead;
  }
}

/**
 * Opens a file of numbers to read rows from.
 *
 * @throws {NpyError} If it is broken, its size does not fit its shape, it holds text, has no axes or
 * is in Fortran order.
 */
export async function openNpy(path: string): Promise<NpyFile> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const head = new Uint8Array(Math.min(size, LONGEST_HEADER));
    await readFully(handle, head, 0, path);
    const header = parseNpyHeader(head, path);
    const expected = header.dataOffset + elementCount(header.shape) * header.itemSize;
    if (size !== expected) {
      throw new NpyError(
        `${path}: expected ${expected} bytes for shape (${header.shape.join(", ")}), found ${size}`,
      );
    }
    if (header.type === "str" || header.shape.length === 0) {
      throw new NpyError(`${path}: expected numbers in rows, found text or a single number`);
    }
    if (header.fortranOrder && header.shape.length > 1) {
      throw new NpyError(
        `${path}: rows cannot be read from Fortran order: save numpy.ascontiguousarray(array)`,
      );
    }
    return new NpyFile(handle, header, path);
  } catch (error) {
    await handle.close();
    throw error;
  }
}
