/**
 * `.npz`, numpy's format for several arrays by name: a zip archive of `.npy` files, stored or
 * deflated. Arrays are read row by row from where they lie; none is in memory as a whole unless asked
 * for, and nothing is unpacked to disk.
 *
 * @module
 */
import { decodeNpy, type NpyArray } from "./npy.ts";
import { CLASSES, type NpyData, type NpyNumericType, swapBytes } from "./npy_data.ts";
import {
  elementCount,
  LONGEST_HEADER,
  NpyError,
  type NpyHeader,
  parseNpyHeader,
} from "./npy_header.ts";
import { UnusableInput } from "./unusable_input.ts";
import { openZip, type ZipMember, type ZipSource } from "./zip_source.ts";

/** A broken `.npz` file; the message names file and array. */
export class NpzError extends UnusableInput {
  override readonly name: string = "NpzError";
}

/** No row is larger, in bytes. */
const LARGEST_ROW = 64 * 2 ** 20;

/** An open `.npz` file. */
export class NpzFile {
  /** Names of its arrays, without `.npy`, in the order in which they are stored. */
  readonly names: readonly string[];
  readonly #path: string;
  readonly #zip: ZipSource;
  readonly #members: ReadonlyMap<string, ZipMember>;

  /** Called by {@link openNpz}. */
  constructor(path: string, zip: ZipSource, members: ReadonlyMap<string, ZipMember>) {
    this.#path = path;
    this.#zip = zip;
    this.#members = members;
    this.names = [...members.keys()];
  }

  /**
   * An array's type and shape.
   *
   * @throws {NpzError} If there is no such array or it is broken.
   */
  async header(name: string): Promise<NpyHeader> {
    return await this.#guarded(name, async (member, label) => {
      const reader = new PieceReader(member);
      try {
        return await readHeader(reader, member, label);
      } finally {
        await reader.close();
      }
    });
  }

  /**
   * A whole array.
   *
   * @param atMost Bytes it may have.
   * @throws {NpzError} If there is no such array, it is larger, or broken.
   */
  async array(name: string, atMost: number): Promise<NpyArray> {
    return await this.#guarded(name, async (member, label) => {
      if (member.size > atMost) {
        throw new NpyError(`${label}: expected at most ${atMost} bytes, found ${member.size}`);
      }
      return decodeNpy(await member.read(), label);
    });
  }

  /**
   * An array of numbers row by row (entries of its first axis), in order. Only when the last row has
   * come without an error were the ones before it whole: the check sum stands at the end.
   *
   * @returns Each row's elements in C order; the array is the same each time, to be copied from.
   * @throws {NpzError} If there is no such array, it holds text, has no axes, is in Fortran order, or
   * is broken.
   */
  async *rows(name: string): AsyncGenerator<NpyData> {
    const member = this.#member(name);
    const reader = new PieceReader(member);
    try {
      const label = this.#label(name);
      const { shape, type, itemSize, littleEndian, fortranOrder } = await readHeader(
        reader,
        member,
        label,
      );
      const bytes = elementCount(shape.slice(1)) * itemSize;
      if (type === "str" || shape.length === 0 || bytes === 0 || bytes > LARGEST_ROW) {
        throw new NpyError(
          `${label}: expected rows of 1 to ${LARGEST_ROW} bytes of numbers, found ${type} of ` +
            `shape (${shape.join(", ")})`,
        );
      }
      if (fortranOrder && shape.length > 1) {
        throw new NpyError(
          `${label}: rows cannot be read from Fortran order: save numpy.ascontiguousarray(array)`,
        );
      }
      const row = new Uint8Array(bytes);
      const data = new CLASSES[type as NpyNumericType](row.buffer);
      for (let i = 0; i < shape[0]!; i++) {
        await reader.fill(row);
        if (!littleEndian) swapBytes(row, itemSize);
        yield data;
      }
      await reader.end();
    } catch (error) {
      throw this.#wrapped(name, error);
    } finally {
      await reader.close();
    }
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#zip.close();
  }

  /** Closes the file at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #label(name: string): string {
    return `${this.#path}: ${name}.npy`;
  }

  #member(name: string): ZipMember {
    const member = this.#members.get(name);
    if (member !== undefined) return member;
    throw new NpzError(
      `${this.#path}: expected an array called ${name}, found ${this.names.join(", ") || "none"}`,
    );
  }

  #wrapped(name: string, error: unknown): Error {
    if (error instanceof NpzError) return error;
    const { message } = error as Error;
    return new NpzError(error instanceof NpyError ? message : `${this.#label(name)}: ${message}`);
  }

  async #guarded<T>(
    name: string,
    act: (member: ZipMember, label: string) => Promise<T>,
  ): Promise<T> {
    try {
      return await act(this.#member(name), this.#label(name));
    } catch (error) {
      throw this.#wrapped(name, error);
    }
  }
}

/** Reads a member in pieces of the lengths asked for. */
class PieceReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();

  constructor(member: ZipMember) {
    this.#reader = member.stream().getReader();
  }

  /** Fills an array, or as much of it as there is; returns how many bytes that were. */
  async some(into: Uint8Array): Promise<number> {
    let done = 0;
    while (done < into.length) {
      if (this.#chunk.length === 0 && !await this.#next()) break;
      const part = this.#chunk.subarray(0, into.length - done);
      into.set(part, done);
      done += part.length;
      this.#chunk = this.#chunk.subarray(part.length);
    }
    return done;
  }

  async fill(into: Uint8Array): Promise<void> {
    const found = await this.some(into);
    if (found !== into.length) throw new Error("it ends inside a row");
  }

  /** Reads on to the end, where damage may show; nothing may be left. */
  async end(): Promise<void> {
    do {
      if (this.#chunk.length > 0) throw new Error("more bytes follow its last row");
    } while (await this.#next());
  }

  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }

  async #next(): Promise<boolean> {
    const { value, done } = await this.#reader.read();
    if (!done) this.#chunk = value;
    return !done;
  }
}

async function readHeader(
  reader: PieceReader,
  member: ZipMember,
  label: string,
): Promise<NpyHeader> {
  const head = new Uint8Array(LONGEST_HEADER);
  // Ten bytes say how long the header is; twelve where its length takes four bytes.
  let length = await reader.some(head.subarray(0, 12));
  if (length === 12) {
    const view = new DataView(head.buffer);
    const whole = head[6] === 1 ? 10 + view.getUint16(8, true) : 12 + view.getUint32(8, true);
    if (whole >= 12 && whole <= LONGEST_HEADER) {
      length += await reader.some(head.subarray(12, whole));
    }
  }
  const header = parseNpyHeader(head.subarray(0, length), label);
  const expected = header.dataOffset + elementCount(header.shape) * header.itemSize;
  if (member.size !== expected || header.dataOffset !== length) {
    throw new NpyError(
      `${label}: expected ${expected} bytes for shape (${header.shape.join(", ")}), found ` +
        `${member.size}`,
    );
  }
  return header;
}

/**
 * Opens a file.
 *
 * @throws {UnusableInput} If it is no zip archive, its directory is damaged, or two arrays have one
 * name.
 */
export async function openNpz(path: string): Promise<NpzFile> {
  const zip = await openZip(path);
  const members = new Map<string, ZipMember>();
  for (const member of zip.members) {
    if (!member.path.endsWith(".npy")) continue;
    const name = member.path.slice(0, -".npy".length);
    if (members.has(name)) {
      await zip.close();
      throw new NpzError(`${path}: two arrays are called ${name}: save the file again`);
    }
    members.set(name, member);
  }
  return new NpzFile(path, zip, members);
}
