/**
 * A WebAssembly module of one function, put together from instructions: for an inner loop that needs
 * vectors and is too small to bring a compiler along.
 *
 * @module
 */

/** Bytes of one or more instructions. */
export type Code = readonly number[];

/** Types of values. */
export const I32 = 0x7f, V128 = 0x7b;

/** Unsigned LEB128. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  do {
    const low = value & 0x7f;
    value >>>= 7;
    bytes.push(value === 0 ? low : low | 0x80);
  } while (value !== 0);
  return bytes;
}

/** Pushes a local variable. */
export const get = (local: number): Code => [0x20, ...unsigned(local)];
/** Pops into a local variable. */
export const set = (local: number): Code => [0x21, ...unsigned(local)];
/** Pushes a small number, 0 to 63. */
export const i32 = (value: number): Code => [0x41, value];
/** Pops two numbers, pushes their sum; likewise the difference. */
export const ADD: Code = [0x6a], SUBTRACT: Code = [0x6b];
/** Pops two pairs of float64 numbers, pushes sums; likewise products. */
export const ADD_PAIRS: Code = [0xfd, 0xf0, 0x01], MULTIPLY_PAIRS: Code = [0xfd, 0xf2, 0x01];
/** Pops an address, pushes the two float64 numbers that lie `offset` bytes after it. */
export const loadPair = (offset: number): Code => [0xfd, 0x00, 3, ...unsigned(offset)];
/** Pops an address, pushes the float64 number there twice. */
export const LOAD_TWICE: Code = [0xfd, 0x0a, 3, 0];
/** Pops an address and two float64 numbers, and stores these `offset` bytes after it. */
export const storePair = (offset: number): Code => [0xfd, 0x0b, 3, ...unsigned(offset)];
/** Repeats while the local variable that `body` counts down is not zero. */
export const repeat = (counter: number, ...body: readonly Code[]): Code => [
  ...[0x03, 0x40],
  ...body.flat(),
  ...[...get(counter), 0x0d, 0x00],
  0x0b,
];

/** A function of whole numbers that returns nothing, exported as `run`. */
export interface WasmFunction {
  /** Parameters, all `i32`: local variables 0 and on. */
  readonly parameters: number;
  /** Further local variables: how many of which type, in order. */
  readonly locals: readonly (readonly [count: number, type: number])[];
  readonly body: readonly Code[];
}

/** The bytes of a module that imports its memory as `env.memory`. */
export function wasmModule({ parameters, locals, body }: WasmFunction): Uint8Array<ArrayBuffer> {
  const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
  const sized = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes];
  const section = (id: number, ...items: readonly Code[]): Code => [id, ...sized(vector(items))];
  const name = (text: string): Code => sized([...new TextEncoder().encode(text)]);
  const variables = vector(locals.map(([count, type]) => [...unsigned(count), type]));
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [0x60, ...vector(Array(parameters).fill([I32])), 0]),
    ...section(2, [...name("env"), ...name("memory"), 2, 0, 1]),
    ...section(3, [0]),
    ...section(7, [...name("run"), 0, 0]),
    ...section(10, sized([...variables, ...body.flat(), 0x0b])),
  ]);
}
