/**
 * A WebAssembly module put together from instructions: for a few small functions that need vectors and
 * are not worth a compiler.
 *
 * @module
 */

/** Bytes of one or more instructions. */
export type Code = readonly number[];

/** Types of values. */
export const I32 = 0x7f, I64 = 0x7e, F64 = 0x7c, V128 = 0x7b;

/** LEB128, signed or not. */
function leb(value: number, signed: boolean): Code {
  const bytes: number[] = [];
  for (;;) {
    const low = value & 0x7f;
    value = signed ? value >> 7 : value >>> 7;
    const ended = signed
      ? value === 0 && (low & 0x40) === 0 || value === -1 && (low & 0x40) !== 0
      : value === 0;
    bytes.push(ended ? low : low | 0x80);
    if (ended) return bytes;
  }
}

const vectorOp = (operation: number): Code => [0xfd, ...leb(operation, false)];

/** Pushes a local variable. */
export const get = (local: number): Code => [0x20, ...leb(local, false)];
/** Pops into a local variable; {@link tee} leaves the value. */
export const set = (local: number): Code => [0x21, ...leb(local, false)];
/** Like {@link set}, but the value stays. */
export const tee = (local: number): Code => [0x22, ...leb(local, false)];
/** Pushes a number. */
export const i32 = (value: number): Code => [0x41, ...leb(value, true)];
/** Pushes a number of 64 bits that fits 31. */
export const i64 = (value: number): Code => [0x42, ...leb(value, true)];
/** Pushes sixteen bytes. */
export const bytes16 = (...bytes: readonly number[]): Code => [...vectorOp(12), ...bytes];

/** Whole numbers of 32 bits. */
export const EQZ: Code = [0x45],
  EQ: Code = [0x46],
  NE: Code = [0x47],
  LT_U: Code = [0x49],
  GT_U: Code = [0x4b],
  CTZ: Code = [0x68],
  POPCNT: Code = [0x69],
  ADD: Code = [0x6a],
  SUB: Code = [0x6b],
  MUL: Code = [0x6c],
  AND: Code = [0x71],
  OR: Code = [0x72],
  SHL: Code = [0x74],
  SHR_U: Code = [0x76];
/** Whole numbers of 64 bits, and what becomes of them. */
export const I64_GT_U: Code = [0x56],
  I64_ADD: Code = [0x7c],
  I64_MUL: Code = [0x7e],
  I64_OF_U32: Code = [0xad],
  I64_SHL: Code = [0x86],
  F64_OF_I64: Code = [0xb9];
/** Floating point. */
export const F64_NEG: Code = [0x9a], F64_DIV: Code = [0xa3], F32_OF_F64: Code = [0xb6];
/** Pops two values and a number: leaves the first if the number is not zero. */
export const SELECT: Code = [0x1b];
/** Ends the function with what is on the stack. */
export const RETURN: Code = [0x0f];
/** Pops an address, pushes the byte there. */
export const LOAD_BYTE: Code = [0x2d, 0, 0];
/** Pops an address, pushes the float64 number there. */
export const LOAD_F64: Code = [0x2b, 3, 0];
/** Pops an address and a float32 number, which is stored there. */
export const STORE_F32: Code = [0x38, 0, 0];
/** Pops an address, pushes the sixteen bytes there. */
export const LOAD_16: Code = [...vectorOp(0), 0, 0];
/** Two float64 numbers at once: their sums, their products. */
export const ADD_PAIRS: Code = vectorOp(240), MULTIPLY_PAIRS: Code = vectorOp(242);
/** Pops an address, pushes the two float64 numbers that lie `offset` bytes after it. */
export const loadPair = (offset: number): Code => [...vectorOp(0), 3, ...leb(offset, false)];
/** Pops an address, pushes the float64 number there twice. */
export const LOAD_TWICE: Code = [...vectorOp(10), 3, 0];
/** Pops an address and two float64 numbers, and stores these `offset` bytes after it. */
export const storePair = (offset: number): Code => [...vectorOp(11), 3, ...leb(offset, false)];
/** Sixteen bytes at once. */
export const SWIZZLE_16: Code = vectorOp(14),
  EQ_16: Code = vectorOp(35),
  AND_16: Code = vectorOp(78),
  BITMASK_16: Code = vectorOp(100),
  SHR_U_16: Code = vectorOp(109);

/** `if` whatever is on the stack is not zero. */
export const when = (...body: readonly Code[]): Code => [0x04, 0x40, ...body.flat(), 0x0b];
/** Repeats as long as `body` leaves a number that is not zero. */
export const loop = (...body: readonly Code[]): Code => [
  ...[0x03, 0x40],
  ...body.flat(),
  ...[0x0d, 0x00],
  0x0b,
];
/** Calls a function of the module by its number. */
export const call = (index: number): Code => [0x10, ...leb(index, false)];

/** A function of whole numbers. */
export interface WasmFunction {
  readonly name: string;
  /** Parameters, all of 32 bits: local variables 0 and on. */
  readonly parameters: number;
  /** It returns one (default), or nothing. */
  readonly returns?: boolean;
  /** Further local variables: how many of which type, in order. */
  readonly locals: readonly (readonly [count: number, type: number])[];
  /** Leaves the result, if there is one. */
  readonly body: readonly Code[];
}

/** The bytes of a module that imports its memory as `env.memory` and exports all its functions. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const vector = (items: readonly Code[]): Code => [...leb(items.length, false), ...items.flat()];
  const sized = (bytes: Code): Code => [...leb(bytes.length, false), ...bytes];
  const section = (id: number, items: readonly Code[]): Code => [id, ...sized(vector(items))];
  const name = (text: string): Code => sized([...new TextEncoder().encode(text)]);
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      functions.map(({ parameters, returns = true }) => [
        0x60,
        ...vector(Array<Code>(parameters).fill([I32])),
        ...vector(returns ? [[I32]] : []),
      ]),
    ),
    ...section(2, [[...name("env"), ...name("memory"), 2, 0, 1]]),
    ...section(3, functions.map((_, i) => leb(i, false))),
    ...section(7, functions.map((one, i) => [...name(one.name), 0, ...leb(i, false)])),
    ...section(
      10,
      functions.map(({ locals, body }) =>
        sized([
          ...vector(locals.map(([count, type]) => [...leb(count, false), type])),
          ...body.flat(),
          0x0b,
        ])
      ),
    ),
  ]);
}
