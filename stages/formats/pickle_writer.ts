/**
 * Writes pickles of protocol 4, which Python 3.4 and later read: lists, dictionaries, numbers, texts
 * and numpy's arrays, nothing else. The same values give the same bytes, and long lists are written
 * as they come, so that memory holds one of their items.
 *
 * @module
 */
import { type FileHandle, open } from "node:fs/promises";
import { bytesOf, type NpyData, npyTypeOf } from "./npy_data.ts";
import { elementCount } from "./npy_header.ts";
import { OP } from "./pickle_opcodes.ts";

/** An array to be written: its elements in C order. */
export class ArrayOut {
  readonly shape: readonly number[];
  readonly data: NpyData;

  constructor(data: NpyData, shape: readonly number[]) {
    if (elementCount(shape) !== data.length) {
      throw new RangeError(`shape (${shape.join(", ")}) does not fit ${data.length} elements`);
    }
    this.data = data;
    this.shape = shape;
  }
}

/** A value to be written: arrays are lists, a `Map` is a dictionary, a generator a long list. */
export type PickleOut =
  | null
  | boolean
  | number
  | string
  | ArrayOut
  | TupleOut
  | readonly PickleOut[]
  | ReadonlyMap<string, PickleOut>
  | AsyncIterable<PickleOut>;

/** A tuple to be written. */
export class TupleOut {
  readonly items: readonly PickleOut[];

  constructor(...items: readonly PickleOut[]) {
    this.items = items;
  }
}

/** Bytes are collected to about so many before they are written. */
const BUFFER_BYTES = 1 << 20;

/**
 * Writes a file, which must not exist yet.
 *
 * Numbers that are whole are written as `int` up to 2^53, all others as `float`.
 *
 * @throws {RangeError} If an array has 4 GiB or more.
 */
export async function writePickle(path: string, value: PickleOut): Promise<void> {
  const handle = await open(path, "wx");
  try {
    const writer = new Writer(handle);
    writer.bytes(OP.PROTO, 4);
    await writer.value(value);
    writer.bytes(OP.STOP);
    await writer.flush();
    await handle.sync();
  } finally {
    await handle.close();
  }
}

class Writer {
  readonly #handle: FileHandle;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);
  readonly #memo = new Map<string, number>();
  #at = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  bytes(...bytes: readonly number[]): void {
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  async value(value: PickleOut): Promise<void> {
    await this.#room(64);
    if (value === null) this.bytes(OP.NONE);
    else if (typeof value === "boolean") this.bytes(value ? OP.NEWTRUE : OP.NEWFALSE);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "string") await this.#text(value);
    else if (value instanceof ArrayOut) await this.#array(value);
    else if (value instanceof TupleOut) await this.#tuple(value.items);
    else if (value instanceof Map) await this.#map(value);
    else await this.#list(value as readonly PickleOut[] | AsyncIterable<PickleOut>);
  }

  async flush(): Promise<void> {
    await this.#write(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      done += (await this.#handle.write(bytes, done)).bytesWritten;
    }
  }

  async #room(bytes: number): Promise<void> {
    if (this.#at + bytes > this.#buffer.length) await this.flush();
  }

  #u32(op: number, value: number): void {
    this.bytes(op);
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      if (value >= 0 && value < 256) return this.bytes(OP.BININT1, value);
      if (Math.abs(value) < 2 ** 31) return this.#u32(OP.BININT, value >>> 0);
      this.bytes(OP.LONG1, 8);
      this.#view.setBigInt64(this.#at, BigInt(value), true);
    } else {
      this.bytes(OP.BINFLOAT);
      this.#view.setFloat64(this.#at, value, false);
    }
    this.#at += 8;
  }

  async #long(op: number, bytes: Uint8Array): Promise<void> {
    await this.#room(5);
    this.#u32(op, bytes.length);
    if (bytes.length > 2 ** 32 - 1) throw new RangeError("an array of 4 GiB or more");
    await this.#room(bytes.length);
    if (bytes.length > this.#buffer.length) return await this.#write(bytes);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  async #text(text: string): Promise<void> {
    await this.#long(OP.BINUNICODE, new TextEncoder().encode(text));
  }

  async #list(items: readonly PickleOut[] | AsyncIterable<PickleOut>): Promise<void> {
    this.bytes(OP.EMPTY_LIST);
    for await (const item of items) {
      await this.value(item);
      await this.#room(1);
      this.bytes(OP.APPEND);
    }
  }

  async #map(map: ReadonlyMap<string, PickleOut>): Promise<void> {
    this.bytes(OP.EMPTY_DICT);
    for (const [key, value] of map) {
      await this.value(key);
      await this.value(value);
      await this.#room(1);
      this.bytes(OP.SETITEM);
    }
  }

  async #tuple(items: readonly PickleOut[]): Promise<void> {
    this.bytes(OP.MARK);
    for (const item of items) await this.value(item);
    await this.#room(1);
    this.bytes(OP.TUPLE);
  }

  /** Writes something once and refers to it from then on. */
  async #once(key: string, write: () => Promise<void>): Promise<void> {
    await this.#room(256);
    const known = this.#memo.get(key);
    if (known !== undefined) return this.bytes(OP.BINGET, known);
    await write();
    this.bytes(OP.MEMOIZE);
    this.#memo.set(key, this.#memo.size);
  }

  async #name(module: string, name: string): Promise<void> {
    await this.#once(`${module} ${name}`, async () => {
      await this.#text(module);
      await this.#text(name);
      this.bytes(OP.STACK_GLOBAL);
    });
  }

  /** numpy's type of little-endian elements, as numpy itself pickles it. */
  async #dtype(type: string): Promise<void> {
    await this.#once(type, async () => {
      await this.#name("numpy", "dtype");
      await this.#text(type);
      this.bytes(OP.NEWFALSE, OP.NEWTRUE, OP.TUPLE3, OP.REDUCE, OP.MARK, OP.BININT1, 3);
      await this.#text(type.endsWith("1") ? "|" : "<");
      this.bytes(OP.NONE, OP.NONE, OP.NONE);
      this.#number(-1);
      this.#number(-1);
      this.bytes(OP.BININT1, 0, OP.TUPLE, OP.BUILD);
    });
  }

  async #array({ data, shape }: ArrayOut): Promise<void> {
    await this.#name("numpy.core.multiarray", "_reconstruct");
    await this.#name("numpy", "ndarray");
    this.bytes(OP.BININT1, 0, OP.TUPLE1, OP.SHORT_BINBYTES, 1, 0x62, OP.TUPLE3, OP.REDUCE);
    this.bytes(OP.MARK, OP.BININT1, 1);
    await this.#tuple(shape);
    await this.#dtype(npyTypeOf(data));
    this.bytes(OP.NEWFALSE);
    await this.#long(OP.BINBYTES, bytesOf(data));
    await this.#room(2);
    this.bytes(OP.TUPLE, OP.BUILD);
  }
}
