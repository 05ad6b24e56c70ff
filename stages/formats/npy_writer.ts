/**
 * Writes an `.npy` file row by row, when the number of rows is known only at the end: the header is
 * padded to a fixed length and written again on closing.
 *
 * @module
 */
import { type FileHandle, open } from "node:fs/promises";
import { bytesOf, type NpyData, type NpyNumericType, npyTypeOf } from "./npy_data.ts";
import { elementCount, formatNpyHeader } from "./npy_header.ts";

/** Long enough for any shape that fits this project's artifacts, and a multiple of 64. */
const HEADER_BYTES = 192;

/** An `.npy` file that grows by whole rows (entries of its first axis). */
export class NpyWriter {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #type: NpyNumericType;
  readonly #rowShape: readonly number[];
  readonly #rowLength: number;
  #rows = 0;
  #at = HEADER_BYTES;

  private constructor(
    handle: FileHandle,
    path: string,
    type: NpyNumericType,
    rowShape: readonly number[],
  ) {
    this.#handle = handle;
    this.#path = path;
    this.#type = type;
    this.#rowShape = rowShape;
    this.#rowLength = elementCount(rowShape);
  }

  /**
   * Begins a file, which must not exist yet. Until {@link close} it says that it has no rows.
   *
   * @param rowShape The shape of one row; empty for a plain list of numbers.
   */
  static async create(
    path: string,
    type: NpyNumericType,
    rowShape: readonly number[],
  ): Promise<NpyWriter> {
    const handle = await open(path, "wx");
    const writer = new NpyWriter(handle, path, type, rowShape);
    await writer.#writeAt(formatNpyHeader(type, [0, ...rowShape], 0, HEADER_BYTES), 0);
    return writer;
  }

  /** Rows written so far. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Appends whole rows. `data` may be changed again once the promise has resolved.
   *
   * @throws {RangeError} If `data` is of another type or no whole number of rows.
   */
  async write(data: NpyData): Promise<void> {
    const rows = data.length / this.#rowLength;
    if (npyTypeOf(data) !== (this.#type === "b1" ? "u1" : this.#type) || !Number.isInteger(rows)) {
      throw new RangeError(
        `${this.#path}: expected whole rows of ${this.#rowLength} ${this.#type}, got ` +
          `${data.length} ${npyTypeOf(data)}`,
      );
    }
    await this.#writeAt(bytesOf(data), this.#at);
    this.#at += data.byteLength;
    this.#rows += rows;
  }

  async #writeAt(bytes: Uint8Array, at: number): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await this.#handle.write(
        bytes,
        done,
        bytes.length - done,
        at + done,
      );
      done += bytesWritten;
    }
  }

  /** Writes the final shape, syncs the file to disk and closes it. Returns the number of rows. */
  async close(): Promise<number> {
    const shape = [this.#rows, ...this.#rowShape];
    await this.#writeAt(formatNpyHeader(this.#type, shape, 0, HEADER_BYTES), 0);
    await this.#handle.sync();
    await this.#handle.close();
    return this.#rows;
  }

  /** Closes the file as it is, without its rows: for the error path. */
  async abandon(): Promise<void> {
    await this.#handle.close();
  }
}
