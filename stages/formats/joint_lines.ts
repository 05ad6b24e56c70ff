/**
 * The joint lines of a `.skeleton` text at the speed of memory: WebAssembly vectors over its bytes, for
 * lines in the form that nearly all have. Whatever has another form is left to the general reader, which
 * knows what to say about it.
 *
 * @module
 */
import { JOINTS } from "../skeleton/joints.ts";
import {
  ADD,
  AND,
  AND_16,
  BITMASK_16,
  bytes16,
  call,
  type Code,
  CTZ,
  EQ,
  EQ_16,
  EQZ,
  F32_OF_F64,
  F64,
  F64_DIV,
  F64_NEG,
  F64_OF_I64,
  get,
  GT_U,
  I32,
  i32,
  I64,
  i64,
  I64_ADD,
  I64_GT_U,
  I64_MUL,
  I64_OF_U32,
  I64_SHL,
  LOAD_16,
  LOAD_BYTE,
  LOAD_F64,
  loop,
  LT_U,
  NE,
  OR,
  POPCNT,
  RETURN,
  SELECT,
  set,
  SHL,
  SHR_U,
  SHR_U_16,
  STORE_F32,
  SUB,
  SWIZZLE_16,
  tee,
  V128,
  wasmModule,
  when,
} from "../wasm_code.ts";

const PAGE = 65536;

/** Where powers of ten, coordinates and text lie in memory. */
const POWERS = 0, COORDINATES = 256, TEXT = 1024;

/** Digits of a number that is read here: they fit 64 bits. */
const MOST_DIGITS = 18;

/** Zeros behind the text: no vector reads beyond them, and no line goes on. */
const PADDING = 64;

/** Larger texts are left to the general reader. */
const LARGEST_TEXT = 64 * 2 ** 20;

/** Columns of a joint line, three of which are read. */
const UNREAD = 9;

const GIVE_UP: Code = [...i32(-1), ...RETURN];

/**
 * A byte belongs to numbers, or is a blank between them, if the entries for its upper and its lower half
 * have a bit in common: 1 for `+-. ` (0x2_), 2 for digits (0x3_), 4 and 8 for `E` and `e`.
 */
const UPPER = bytes16(0, 0, 1, 2, 4, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0);
const LOWER = bytes16(3, 2, 2, 2, 2, 14, 2, 2, 2, 2, 0, 1, 0, 1, 1, 0);

/**
 * `pass(at, columns)`: moves behind a line that holds so many words of such bytes, with one blank between
 * two, and ends with LF or CR LF. The next line's address, or -1.
 */
function passCode(): readonly Code[] {
  const [at, columns, odd, blanks, carry, count, bytes] = [0, 1, 2, 3, 4, 5, 6];
  /** A blank after a blank, or at the start. */
  const twoBlanks: Code = [
    ...get(blanks),
    ...[...get(blanks), ...i32(1), ...SHL, ...get(carry), ...OR],
    ...AND,
  ];
  return [
    [...i32(1), ...set(carry)],
    loop(
      [...get(at), ...LOAD_16, ...tee(bytes), ...bytes16(...Array(16).fill(0x20)), ...EQ_16],
      [...BITMASK_16, ...set(blanks)],
      [...LOWER, ...get(bytes), ...bytes16(...Array(16).fill(15)), ...AND_16, ...SWIZZLE_16],
      [...UPPER, ...get(bytes), ...i32(4), ...SHR_U_16, ...SWIZZLE_16],
      [...AND_16, ...bytes16(...Array(16).fill(0)), ...EQ_16, ...BITMASK_16, ...tee(odd)],
      [...EQZ],
      when(
        [...twoBlanks, ...when(GIVE_UP)],
        [...get(count), ...get(blanks), ...POPCNT, ...ADD, ...set(count)],
        [...get(blanks), ...i32(15), ...SHR_U, ...set(carry)],
        [...get(at), ...i32(16), ...ADD, ...set(at)],
      ),
      [...get(odd), ...EQZ],
    ),
    [...get(odd), ...CTZ, ...set(odd)],
    [...get(blanks), ...i32(1), ...get(odd), ...SHL, ...i32(1), ...SUB, ...AND, ...set(blanks)],
    [...twoBlanks, ...when(GIVE_UP)],
    // A blank before the line's end.
    [...get(blanks), ...i32(1), ...SHL, ...get(carry), ...OR, ...get(odd), ...SHR_U, ...i32(1)],
    [...AND, ...when(GIVE_UP)],
    [...get(count), ...get(blanks), ...POPCNT, ...ADD, ...i32(1), ...ADD, ...get(columns), ...NE],
    when(GIVE_UP),
    [...get(at), ...get(odd), ...ADD, ...tee(at), ...LOAD_BYTE, ...i32(0x0d), ...EQ],
    when([...get(at), ...i32(1), ...ADD, ...set(at)]),
    [...get(at), ...LOAD_BYTE, ...i32(0x0a), ...NE, ...when(GIVE_UP)],
    [...get(at), ...i32(1), ...ADD],
  ];
}

/**
 * `joints(at)`: reads 25 lines, x y z of each to the coordinates, the rest passed over. The address behind
 * them, or -1. A number is a sign or none, digits, and a point with digits or none: at most 18 of them,
 * which make a whole number of at most 2^53, so that one division by a power of ten gives the nearest
 * float64, and that the float32 that `Math.fround` gives.
 */
function jointsCode(): readonly Code[] {
  const [at, to, left, negative, start, digit, digits, scale] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [mantissa, value] = [8, 9];
  const nextDigit: Code = [...get(at), ...LOAD_BYTE, ...i32(0x30), ...SUB, ...tee(digit)];
  const takeDigit: Code = [
    ...[...get(mantissa), ...i64(10), ...I64_MUL],
    ...[...get(digit), ...I64_OF_U32, ...I64_ADD, ...set(mantissa)],
    ...[...get(at), ...i32(1), ...ADD, ...set(at)],
  ];
  const isDigit: Code = [...i32(10), ...LT_U];
  const number: Code = [
    ...[...get(at), ...LOAD_BYTE, ...i32(0x2d), ...EQ, ...tee(negative)],
    ...[...get(at), ...ADD, ...tee(at), ...set(start)],
    ...[...i64(0), ...set(mantissa), ...i32(0), ...set(scale)],
    ...[...nextDigit, ...isDigit, ...EQZ, ...when(GIVE_UP)],
    ...loop(takeDigit, nextDigit, isDigit),
    ...[...get(at), ...get(start), ...SUB, ...set(digits)],
    ...[...get(digit), ...i32(0x2e - 0x30), ...EQ],
    ...when(
      [...get(at), ...i32(1), ...ADD, ...tee(at), ...set(start)],
      [...nextDigit, ...isDigit],
      when(loop(takeDigit, nextDigit, isDigit)),
      [...get(at), ...get(start), ...SUB, ...tee(scale), ...get(digits), ...ADD, ...set(digits)],
    ),
    ...[...get(digit), ...i32(0x20 - 0x30), ...NE, ...when(GIVE_UP)],
    ...[...get(digits), ...i32(MOST_DIGITS), ...GT_U, ...when(GIVE_UP)],
    ...[...get(mantissa), ...i64(1), ...i64(53), ...I64_SHL, ...I64_GT_U, ...when(GIVE_UP)],
    ...[...get(at), ...i32(1), ...ADD, ...set(at)],
    ...[...get(mantissa), ...F64_OF_I64],
    ...[...get(scale), ...i32(3), ...SHL, ...LOAD_F64, ...F64_DIV, ...set(value)],
    ...[...get(to), ...get(value), ...F64_NEG, ...get(value), ...get(negative), ...SELECT],
    ...[...F32_OF_F64, ...STORE_F32],
    ...[...get(to), ...i32(4), ...ADD, ...set(to)],
  ];
  return [
    [...i32(COORDINATES), ...set(to), ...i32(JOINTS), ...set(left)],
    loop(
      [...number, ...number, ...number],
      [...get(at), ...i32(UNREAD), ...call(0), ...tee(at), ...i32(-1), ...EQ, ...when(GIVE_UP)],
      [...get(left), ...i32(1), ...SUB, ...tee(left)],
    ),
    get(at),
  ];
}

let compiled: WebAssembly.Module | undefined;

function theModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(wasmModule([
    { name: "pass", parameters: 2, locals: [[4, I32], [1, V128]], body: passCode() },
    { name: "joints", parameters: 1, locals: [[7, I32], [1, I64], [1, F64]], body: jointsCode() },
  ]));
  return compiled;
}

/** A text in WebAssembly memory, and its functions. */
export class JointLines {
  /** The coordinates that {@link joints} read last: (25, 3). */
  coordinates: Float32Array;
  readonly #memory = new WebAssembly.Memory({ initial: 32 });
  readonly #pass: (at: number, columns: number) => number;
  readonly #joints: (at: number) => number;
  #usable = false;

  constructor() {
    const { exports } = new WebAssembly.Instance(theModule(), { env: { memory: this.#memory } });
    this.#pass = exports.pass as (at: number, columns: number) => number;
    this.#joints = exports.joints as (at: number) => number;
    const powers = Float64Array.from({ length: MOST_DIGITS + 1 }, (_, i) => Number(`1e${i}`));
    new Float64Array(this.#memory.buffer, POWERS).set(powers);
    this.coordinates = this.#coordinates();
  }

  /** Takes a text in place of the one before. */
  load(text: Uint8Array): void {
    this.#usable = text.length <= LARGEST_TEXT;
    if (!this.#usable) return;
    const lacking = TEXT + text.length + PADDING - this.#memory.buffer.byteLength;
    if (lacking > 0) {
      this.#memory.grow(Math.ceil(lacking / PAGE));
      this.coordinates = this.#coordinates();
    }
    const place = new Uint8Array(this.#memory.buffer, TEXT, text.length + PADDING);
    place.set(text);
    place.fill(0, text.length);
  }

  /**
   * Passes over the rest of a line.
   *
   * @param at Where it begins in the text: at a word.
   * @param columns Words that it must have.
   * @returns Where the next line begins; -1 where the line has another form.
   */
  pass(at: number, columns: number): number {
    if (!this.#usable) return -1;
    const next = this.#pass(TEXT + at, columns);
    return next < 0 ? -1 : next - TEXT;
  }

  /**
   * Reads 25 joint lines into {@link coordinates}.
   *
   * @param at Where they begin in the text.
   * @returns Where the line after them begins; -1 where a line has another form.
   */
  joints(at: number): number {
    if (!this.#usable) return -1;
    const next = this.#joints(TEXT + at);
    return next < 0 ? -1 : next - TEXT;
  }

  #coordinates(): Float32Array {
    return new Float32Array(this.#memory.buffer, COORDINATES, JOINTS * 3);
  }
}
