/**
 * The bytes of a pickle, read in order through a small window, so that arrays can be passed over
 * without reading them.
 *
 * @module
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { PickleError } from "./pickle_value.ts";

/** Bytes that can be read at any place. */
export interface PickleBytes {
  /** What to call them in an error. */
  readonly file: string;
  readonly size: number;
  /** Fills `into` from byte `at` on and returns how many bytes there were. */
  readAt(into: Uint8Array, at: number): number;
  close(): void;
}

/** The bytes of a file, which stays open. */
export function pickleFileBytes(file: string): PickleBytes {
  const handle = openSync(file, "r");
  return {
    file,
    size: fstatSync(handle).size,
    readAt: (into, at) => {
      let done = 0;
      while (done < into.length) {
        const read = readSync(handle, into, done, into.length - done, at + done);
        if (read === 0) break;
        done += read;
      }
      return done;
    },
    close: () => closeSync(handle),
  };
}

/** Bytes in memory. */
export function pickleMemoryBytes(bytes: Uint8Array, file: string): PickleBytes {
  return {
    file,
    size: bytes.length,
    readAt: (into, at) => {
      const part = bytes.subarray(at, at + into.length);
      into.set(part);
      return part.length;
    },
    close: () => {},
  };
}

/** Bytes fetched after a jump; twice as many each time while reading goes on in order. */
const SMALLEST_WINDOW = 4096;
const LARGEST_WINDOW = 256 * 1024;

/** Reads numbers, bytes and lines in order. Every method throws {@link PickleError} at the end. */
export class PickleInput {
  readonly #bytes: PickleBytes;
  readonly #buffer = new Uint8Array(LARGEST_WINDOW);
  readonly #view = new DataView(this.#buffer.buffer);
  /** The window holds the file's bytes `#from .. #from + #length - 1`; `#at` counts inside it. */
  #from = 0;
  #length = 0;
  #at = 0;
  #window = SMALLEST_WINDOW;

  constructor(bytes: PickleBytes) {
    this.#bytes = bytes;
  }

  /** The byte that is read next. */
  get position(): number {
    return this.#from + this.#at;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#bytes.size - this.position;
  }

  /** An error at a place in the file. */
  error(message: string, at: number = this.position): PickleError {
    return new PickleError(`${this.#bytes.file}: byte ${at}: ${message}`);
  }

  /** One byte. */
  u8(): number {
    return this.#buffer[this.#take(1)]!;
  }

  /** Two bytes, little endian. */
  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  /** Four bytes, little endian, without sign. */
  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Four bytes, little endian, with sign. */
  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  /** Eight bytes, little endian, without sign, as a length. */
  length64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  /** A floating-point number of eight bytes, big endian. */
  f64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  /** A copy of some bytes, at most 64 KiB. */
  copy(length: number): Uint8Array<ArrayBuffer> {
    const at = this.#take(length);
    return this.#buffer.slice(at, at + length);
  }

  /** Some bytes, at most 64 KiB, as text of one character a byte. */
  latin1(length: number): string {
    const at = this.#take(length);
    return latin1Text(this.#buffer.subarray(at, at + length));
  }

  /** Passes over bytes without reading them, and returns where they begin. */
  skip(length: number): number {
    const start = this.position;
    if (!(length >= 0 && length <= this.left)) throw this.#ended(length);
    if (this.#at + length <= this.#length) {
      this.#at += length;
    } else {
      this.#from = start + length;
      this.#at = this.#length = 0;
      this.#window = SMALLEST_WINDOW;
    }
    return start;
  }

  /** Passes over the rest of a line and its newline; returns where it is, without the newline. */
  line(): { readonly offset: number; readonly length: number } {
    const offset = this.position;
    for (;;) {
      const end = this.#buffer.subarray(0, this.#length).indexOf(0x0a, this.#at);
      if (end >= 0) {
        this.#at = end + 1;
        return { offset, length: this.#from + end - offset };
      }
      this.#at = this.#length;
      if (this.left === 0) throw this.error("the file ends inside a line", offset);
      this.#fill(1);
    }
  }

  /** A short line as text of one character a byte: numbers and names. */
  shortLine(longest: number): string {
    const { offset, length } = this.line();
    if (length > longest) {
      throw this.error(`expected a line of at most ${longest} bytes, found ${length}`, offset);
    }
    return latin1Text(this.slice(offset, length));
  }

  /** Bytes at any place, apart from the order of reading. */
  slice(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    if (this.#bytes.readAt(bytes, offset) !== length) {
      throw this.error("the file has become shorter", offset);
    }
    return bytes;
  }

  #ended(wanted: number): PickleError {
    return this.error(
      `expected ${wanted} more bytes, found ${Math.max(0, this.left)}: the file is cut short or ` +
        "damaged",
    );
  }

  #take(length: number): number {
    if (this.#at + length > this.#length) this.#fill(length);
    const at = this.#at;
    this.#at += length;
    return at;
  }

  /** Makes sure that `length` bytes are in the window. */
  #fill(length: number): void {
    if (length > this.left) throw this.#ended(length);
    const kept = this.#length - this.#at;
    this.#buffer.copyWithin(0, this.#at, this.#length);
    this.#from += this.#at;
    this.#at = 0;
    const end = Math.min(LARGEST_WINDOW, Math.max(kept + length, this.#window));
    this.#length = kept +
      this.#bytes.readAt(this.#buffer.subarray(kept, end), this.#from + kept);
    this.#window = Math.min(LARGEST_WINDOW, 2 * this.#window);
    if (this.#length < length) throw this.#ended(length);
  }
}

/** Text of one character a byte. */
export function latin1Text(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return text;
}
