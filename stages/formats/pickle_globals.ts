/**
 * The names that a pickle may call, and what stands in for them here. Nothing of Python's is ever run:
 * a call of an allowed name makes plain data, and any other name is refused.
 *
 * @module
 */
import { describeNpyType, type NpyHeader } from "./npy_header.ts";
import { pickleRawBytes } from "./pickle_escapes.ts";
import { wholeNumber } from "./pickle_literals.ts";
import { describePickleValue, PickleArray, PickleSlice } from "./pickle_value.ts";
import { arrayElements } from "./pickle_array.ts";

/** What a fault in a call says; the reader adds file and place. */
export class CallFault extends Error {}

/** An allowed name. */
export interface PickleGlobal {
  readonly name: string;
  /** Calls it. `undefined` where it is only ever handed to another call. */
  readonly call?: (args: readonly unknown[]) => unknown;
}

/** A type of numpy's; its byte order comes with its state. */
export class PickleDtype {
  readonly code: string;
  order = "|";

  constructor(code: string) {
    this.code = code;
  }

  /** What the elements are. */
  get type(): Pick<NpyHeader, "type" | "itemSize" | "littleEndian"> {
    return describeNpyType(`${this.order}${this.code}`, "array");
  }
}

/** An array before its state is known. */
export class UnfinishedArray {
  result: PickleArray | undefined;
}

function expected(what: string, found: unknown): CallFault {
  return new CallFault(`expected ${what}, found ${describePickleValue(found)}`);
}

/** A shape: a tuple of sizes that are whole and not negative. */
function shapeOf(value: unknown): number[] {
  const sizes = typeof value === "number" ? [value] : value;
  if (!Array.isArray(sizes) || sizes.length > 32) throw expected("the shape of an array", value);
  let product = 1;
  for (const size of sizes) {
    product *= Number(size);
    if (typeof size !== "number" || !(size >= 0) || !Number.isSafeInteger(product)) {
      throw new CallFault(`an array of shape (${sizes.map(String).join(", ")}) is impossible`);
    }
  }
  return sizes;
}

/** The elements of an array: bytes, or a text of one character a byte. */
function dataOf(value: unknown): PickleSlice | Uint8Array {
  if (value instanceof PickleSlice || value instanceof Uint8Array) return value;
  if (typeof value !== "string") throw expected("the bytes of an array", value);
  return latin1(value);
}

function latin1(text: string): Uint8Array {
  return pickleRawBytes(new TextEncoder().encode(text), "utf8");
}

/** An array whose bytes are as many as its shape needs; texts are counted when they are read. */
function makeArray(shape: unknown, dtype: unknown, fortran: boolean, data: unknown): PickleArray {
  if (!(dtype instanceof PickleDtype)) throw expected("the type of an array", dtype);
  const sizes = shapeOf(shape);
  const type = dtype.type;
  const bytes = dataOf(data);
  const header = { ...type, fortranOrder: fortran, shape: sizes, dataOffset: 0 };
  const needed = sizes.reduce((product, size) => product * size, header.itemSize);
  const exact = !(bytes instanceof PickleSlice) || bytes.form === "bytes";
  // A character takes one byte or, as an escape, up to ten.
  if (exact ? bytes.length !== needed : bytes.length < needed || bytes.length > 10 * needed + 2) {
    throw new CallFault(
      `expected ${needed} bytes for an array of shape (${sizes.join(", ")}), found ${bytes.length}`,
    );
  }
  return new PickleArray(header, bytes);
}

/** `_frombuffer(data, dtype, shape, order)`, with the order of axes behind it where that is `K`. */
function fromBuffer(args: readonly unknown[]): PickleArray {
  const [data, dtype, shape, order, axes] = args;
  if (args.length === 4 && (order === "C" || order === "F")) {
    return makeArray(shape, dtype, order === "F", data);
  }
  if (args.length !== 5 || order !== "K") throw expected("an array in the order C, F or K", order);
  const stored = makeArray(shape, dtype, false, data);
  const sizes = stored.header.shape;
  if (!isPermutation(axes, sizes.length)) throw expected("an order of axes", axes);
  const header = { ...stored.header, shape: axes.map((axis) => sizes[axis]!) };
  return new PickleArray(header, stored.data, axes);
}

function isPermutation(axes: unknown, count: number): axes is readonly number[] {
  return Array.isArray(axes) && axes.length === count &&
    [...axes].sort((a, b) => Number(a) - Number(b)).every((axis, i) => axis === i);
}

function newDtype([code]: readonly unknown[]): PickleDtype {
  if (typeof code !== "string") throw expected("the name of an array's type", code);
  const match = /^([<>|=]?)([a-zA-Z?]\d*)$/.exec(code);
  if (match === null) throw new CallFault(`cannot read arrays of type ${JSON.stringify(code)}`);
  const dtype = new PickleDtype(match[2]!);
  if (match[1] !== "") dtype.order = match[1]!;
  return dtype;
}

function newScalar(args: readonly unknown[]): unknown {
  if (args.length !== 2) throw expected("the type and bytes of a number", args);
  const [dtype, data] = args;
  const { data: values } = arrayElements(makeArray([], dtype, false, data), dataOf(data));
  const value: unknown = values[0];
  return typeof value === "bigint" ? wholeNumber(value) : value;
}

function items([values = []]: readonly unknown[]): readonly unknown[] {
  if (Array.isArray(values)) return values;
  if (values instanceof Set) return [...values];
  throw expected("a list", values);
}

function newMap(args: readonly unknown[]): Map<unknown, unknown> {
  if (args[0] instanceof Map) return new Map(args[0]);
  const map = new Map<unknown, unknown>();
  for (const pair of items(args)) {
    if (!Array.isArray(pair) || pair.length !== 2) throw expected("pairs", pair);
    map.set(hashable(pair[0]), pair[1]);
  }
  return map;
}

function encode([text, codec]: readonly unknown[]): unknown {
  if (codec !== "latin1" && codec !== "latin-1") throw expected("the code latin1", codec);
  if (text instanceof PickleSlice) {
    return new PickleSlice("bytes", text.form, text.offset, text.length);
  }
  if (typeof text !== "string") throw expected("a text", text);
  return latin1(text);
}

function byteString(args: readonly unknown[]): unknown {
  if (args.length === 0) return new Uint8Array();
  if (args.length === 2) return encode(args);
  if (args[0] instanceof Uint8Array || args[0] instanceof PickleSlice) return args[0];
  throw expected("bytes", args[0]);
}

/** What may be a key or stand in a set. */
export function hashable(value: unknown): unknown {
  if (value === null || ["string", "number", "bigint", "boolean"].includes(typeof value)) {
    return value;
  }
  throw expected("texts and numbers as keys of a dictionary or set", value);
}

const BUILTINS: Readonly<Record<string, PickleGlobal["call"]>> = {
  list: (args) => [...items(args)],
  tuple: (args) => Object.freeze([...items(args)]),
  dict: newMap,
  set: (args) => new Set(items(args).map(hashable)),
  frozenset: (args) => new Set(items(args).map(hashable)),
  bytes: byteString,
  bytearray: byteString,
};

const NUMPY: Readonly<Record<string, PickleGlobal["call"]>> = {
  "multiarray _reconstruct": () => new UnfinishedArray(),
  "multiarray scalar": newScalar,
  "numeric _frombuffer": fromBuffer,
};

/** Every allowed name, as `module name`. */
export const ALLOWED: ReadonlyMap<string, PickleGlobal> = new Map(
  ([
    ...["builtins", "__builtin__"].flatMap((module) =>
      Object.entries(BUILTINS).map(([name, call]) => [`${module} ${name}`, call] as const)
    ),
    ...["numpy.core", "numpy._core"].flatMap((module) =>
      Object.entries(NUMPY).map(([name, call]) => [`${module}.${name}`, call] as const)
    ),
    ["numpy dtype", newDtype],
    ["numpy ndarray", undefined],
    ["collections OrderedDict", newMap],
    ["_codecs encode", encode],
  ] as const).map(([name, call]) => [name, call === undefined ? { name } : { name, call }]),
);

/**
 * The byte order in the state of a type: version, order, then subarray, names and fields (None for
 * plain types), size of an element and alignment (-1 for numbers), and flags.
 */
function byteOrder(dtype: PickleDtype, state: unknown): string {
  const [version, order, subarray, names, fields, size, , flags = 0] = Array.isArray(state)
    ? state
    : [];
  const plain = (version === 3 || version === 4) && subarray === null && names === null &&
    fields === null && isPlainFlags(flags) &&
    (size === -1 || size === dtype.type.itemSize);
  if (!plain || typeof order !== "string" || !/^[<>|=]$/.test(order)) {
    throw new CallFault(
      `an array of type ${dtype.code} with a state that is not that of plain data`,
    );
  }
  return order;
}

/** None, or that texts need a fixed width. */
function isPlainFlags(flags: unknown): boolean {
  return flags === 0 || flags === 8;
}

/**
 * Gives an object its state.
 *
 * @throws {CallFault} If it takes none, or not such a one.
 */
export function build(object: unknown, state: unknown): void {
  if (object instanceof PickleDtype) {
    object.order = byteOrder(object, state);
  } else if (object instanceof UnfinishedArray) {
    if (!Array.isArray(state) || state.length !== 5 || state[0] !== 1) {
      throw expected("the state of an array, version 1", state);
    }
    const [, shape, dtype, fortran, data] = state;
    object.result = makeArray(shape, dtype, Boolean(fortran), data);
  } else {
    throw new CallFault(
      `expected an array or its type to be given a state, found ${describePickleValue(object)}`,
    );
  }
}
