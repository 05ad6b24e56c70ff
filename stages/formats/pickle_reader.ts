/**
 * Reads Python pickles, protocols 0 to 5, without running anything: a pickle is a small program, and
 * of that program only what makes plain data is carried out. Numbers, texts, lists, tuples,
 * dictionaries, sets and numpy's arrays are read; any other name is refused (`pickle_globals.ts`).
 *
 * The file is read in order through a window of 256 KiB. Long texts and byte strings, and with them the
 * elements of arrays, stay in the file until they are asked for, so that memory grows with the number
 * of objects (about 2 KiB for a clip of an annotation file), not with the arrays.
 *
 * @module
 */
import type { NpyArray } from "./npy.ts";
import { arrayElements } from "./pickle_array.ts";
import { pickleRawBytes, pickleText } from "./pickle_escapes.ts";
import { type PickleBytes, pickleFileBytes, PickleInput } from "./pickle_input.ts";
import { PickleMachine } from "./pickle_machine.ts";
import { checkNesting } from "./pickle_nesting.ts";
import { PickleArray, PickleError, PickleSlice, type PickleValue } from "./pickle_value.ts";

/** What a pickle may cost. */
export interface PickleLimits {
  /** Memory that its objects may take, in bytes as estimated while reading. */
  readonly memory: number;
  /** Lists, dictionaries and tuples inside one another. */
  readonly depth: number;
}

/** Enough for the annotations of a quarter of a million clips. */
export const PICKLE_LIMITS: PickleLimits = { memory: 768 * 2 ** 20, depth: 64 };

/** A pickle whose structure has been read; its arrays are read when they are asked for. */
export class PickleFile {
  /** What it holds. */
  readonly value: PickleValue;
  readonly #bytes: PickleBytes;

  /** Called by {@link readPickle}. */
  constructor(bytes: PickleBytes, value: PickleValue) {
    this.#bytes = bytes;
    this.value = value;
  }

  /**
   * The elements of one of its arrays, in C order, the caller's own.
   *
   * @param name What to call it in an error.
   * @throws {PickleError} If they are not as many as its shape says.
   */
  array(array: PickleArray, name: string): NpyArray {
    const { data } = array;
    try {
      return arrayElements(array, data instanceof PickleSlice ? this.#read(data) : data);
    } catch (error) {
      if (error instanceof PickleError) throw error;
      throw new PickleError(`${this.#bytes.file}: ${name}: ${(error as Error).message}`);
    }
  }

  /**
   * A long text.
   *
   * @throws {PickleError} If it is none.
   */
  text(slice: PickleSlice): string {
    try {
      return pickleText(this.#read(slice), slice.form);
    } catch (error) {
      if (error instanceof PickleError) throw error;
      throw new PickleError(`${this.#bytes.file}: byte ${slice.offset}: found a broken text`);
    }
  }

  /**
   * A long byte string.
   *
   * @throws {PickleError} If it is none.
   */
  bytes(slice: PickleSlice): Uint8Array {
    try {
      return pickleRawBytes(this.#read(slice), slice.form);
    } catch (error) {
      if (error instanceof PickleError) throw error;
      throw new PickleError(
        `${this.#bytes.file}: byte ${slice.offset}: ${(error as Error).message}`,
      );
    }
  }

  /** Closes the file. */
  close(): void {
    this.#bytes.close();
  }

  /** Closes the file at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  #read({ offset, length }: PickleSlice): Uint8Array {
    const bytes = new Uint8Array(length);
    if (this.#bytes.readAt(bytes, offset) !== length) {
      throw new PickleError(`${this.#bytes.file}: byte ${offset}: the file has become shorter`);
    }
    return bytes;
  }
}

/**
 * Reads a pickle from bytes that can be read at any place.
 *
 * @throws {PickleError} If it is broken, asks for a name that is not allowed, or costs more than
 * `limits`; the message names file and byte.
 */
export function readPickle(bytes: PickleBytes, limits: PickleLimits = PICKLE_LIMITS): PickleFile {
  const input = new PickleInput(bytes);
  const value = new PickleMachine(input, limits.memory).run();
  if (input.left > 0) {
    throw input.error(`expected the end of the file after one pickle, found ${input.left} bytes`);
  }
  const fault = checkNesting(value, limits.depth);
  if (fault !== undefined) throw new PickleError(`${bytes.file}: ${fault}`);
  return new PickleFile(bytes, value as PickleValue);
}

/**
 * Opens a pickle; see {@link readPickle}.
 *
 * @param path The file, which stays open until the result is closed.
 */
export function openPickle(path: string, limits: PickleLimits = PICKLE_LIMITS): PickleFile {
  const bytes = pickleFileBytes(path);
  try {
    return readPickle(bytes, limits);
  } catch (error) {
    bytes.close();
    throw error;
  }
}
