/**
 * Writes `.npz` files, array by array and row by row, so that memory holds one row. The same arrays
 * give the same bytes: dates are those that numpy writes, 1 January 1980.
 *
 * @module
 */
import { type FileHandle, open } from "node:fs/promises";
import { ZipWriter } from "@zip.js/zip.js";
import { encodeNpyStrings } from "./npy.ts";
import { bytesOf, type NpyData, type NpyNumericType, npyTypeOf } from "./npy_data.ts";
import { elementCount, formatNpyHeader } from "./npy_header.ts";

/** Sizes from here on take zip64 fields. */
const ZIP64_FROM = 2 ** 32 - 2 ** 20;

/** The local time that zip files cannot go below, whatever the time zone. */
const DATE = new Date(1980, 0, 1);

/** An `.npz` file in the making. */
export class NpzWriter {
  readonly #zip: ZipWriter<unknown>;
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #deflate: boolean;

  private constructor(path: string, handle: FileHandle, deflate: boolean) {
    this.#path = path;
    this.#handle = handle;
    this.#deflate = deflate;
    const file = new WritableStream<Uint8Array>({
      write: async (bytes) => {
        for (let done = 0; done < bytes.length;) {
          done += (await handle.write(bytes, done)).bytesWritten;
        }
      },
    });
    this.#zip = new ZipWriter(file, { useWebWorkers: false, extendedTimestamp: false });
  }

  /**
   * Begins a file, which must not exist yet.
   *
   * @param deflate Pack the arrays, as `numpy.savez_compressed` does.
   */
  static async create(path: string, deflate = false): Promise<NpzWriter> {
    return new NpzWriter(path, await open(path, "wx"), deflate);
  }

  /**
   * Adds an array of numbers.
   *
   * @param rows Its rows in C order, any whole number of them at a time; each may be changed again
   * once the next is asked for.
   * @throws {RangeError} If they are not of the type, or not as many as the shape says.
   */
  async add(
    name: string,
    type: NpyNumericType,
    shape: readonly number[],
    rows: AsyncIterable<NpyData>,
  ): Promise<void> {
    const path = this.#path;
    const expected = elementCount(shape);
    const header = formatNpyHeader(type, shape);
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield header;
      let found = 0;
      for await (const data of rows) {
        found += data.length;
        if (npyTypeOf(data) !== type || found > expected) break;
        yield bytesOf(data).slice();
      }
      if (found !== expected) {
        throw new RangeError(
          `${path}: ${name}: expected ${expected} elements of ${type}, found ${found} or others`,
        );
      }
    }
    await this.#entry(name, bytes(), header.length + expected * itemBytes(type));
  }

  /** Adds an array of texts of shape (n,). */
  async addStrings(name: string, texts: readonly string[]): Promise<void> {
    const bytes = encodeNpyStrings(texts);
    await this.#entry(name, [bytes], bytes.length);
  }

  /** Completes the file. */
  async close(): Promise<void> {
    await this.#zip.close();
    await this.#handle.sync();
    await this.#handle.close();
  }

  /** Closes the file as it is: for the error path. */
  async abandon(): Promise<void> {
    await this.#handle.close();
  }

  async #entry(
    name: string,
    bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    size: number,
  ): Promise<void> {
    await this.#zip.add(`${name}.npy`, ReadableStream.from(bytes), {
      level: this.#deflate ? 6 : 0,
      lastModDate: DATE,
      zip64: size >= ZIP64_FROM,
    });
  }
}

function itemBytes(type: NpyNumericType): number {
  return type === "b1" ? 1 : Number(type.slice(1));
}
