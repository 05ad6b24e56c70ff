/**
 * What a pickle holds, once read: plain values, and references to what is left in the file.
 *
 * @module
 */
import type { NpyHeader } from "./npy_header.ts";
import { UnusableInput } from "./unusable_input.ts";

/** A pickle that is broken, too large, or asks for more than plain data. */
export class PickleError extends UnusableInput {
  override readonly name: string = "PickleError";
}

/**
 * How the bytes of a long text or byte string stand in the file: as they are, as UTF-8, as one line
 * of protocol 0 with `\u` escapes, or as one line in quotes.
 */
export type SliceForm = "bytes" | "utf8" | "escaped" | "quoted";

/** A long text or byte string, left where it lies in the file. */
export class PickleSlice {
  /** What it is; byte strings of Python 2 are texts. */
  readonly kind: "text" | "bytes";
  /** See {@link SliceForm}. */
  readonly form: SliceForm;
  /** Where it begins, in bytes from the start of the file. */
  readonly offset: number;
  /** Bytes that it takes in the file. */
  readonly length: number;

  constructor(kind: "text" | "bytes", form: SliceForm, offset: number, length: number) {
    this.kind = kind;
    this.form = form;
    this.offset = offset;
    this.length = length;
  }
}

/** An array of numpy's: its shape and type, and where its elements are. */
export class PickleArray {
  /** Shape, type and byte order; `dataOffset` is 0. */
  readonly header: NpyHeader;
  /** Its elements: in the file, or in memory where they are few. */
  readonly data: PickleSlice | Uint8Array;
  /** Where the elements are stored transposed: which of the stored axes each of its axes is. */
  readonly axes: readonly number[] | undefined;

  constructor(header: NpyHeader, data: PickleSlice | Uint8Array, axes?: readonly number[]) {
    this.header = header;
    this.data = data;
    this.axes = axes;
  }
}

/** A value that holds no others. */
export type PickleLiteral =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleSlice;

/**
 * A value. A list is an array, a tuple a frozen one, a dictionary a `Map`; whole numbers that a
 * number cannot hold are bigints; byte strings are `Uint8Array`, long ones and long texts
 * {@link PickleSlice}. Byte strings of Python 2 (`str`) are texts, one character a byte.
 */
export type PickleValue =
  | PickleLiteral
  | PickleArray
  | readonly PickleValue[]
  | Map<PickleKey, PickleValue>
  | Set<PickleKey>;

/** What may be a key of a dictionary or stand in a set. */
export type PickleKey = null | boolean | number | bigint | string;

/** What a value is, for messages. */
export function describePickleValue(value: unknown): string {
  if (value === null) return "None";
  if (value === undefined) return "nothing";
  if (value instanceof PickleArray) return `an array of shape (${value.header.shape.join(", ")})`;
  if (value instanceof PickleSlice) {
    return `${value.kind === "text" ? "a text" : "bytes"} of ${value.length} bytes`;
  }
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof Map) return "a dictionary";
  if (value instanceof Set) return "a set";
  if (Array.isArray(value)) {
    const kind = Object.isFrozen(value) ? "a tuple" : "a list";
    return `${kind} of ${value.length}`;
  }
  if (typeof value === "string") {
    return `the text ${JSON.stringify(value.length > 40 ? value.slice(0, 40) + "..." : value)}`;
  }
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "number" || typeof value === "bigint"
    ? `the number ${value}`
    : "an object";
}
