/**
 * The operations of a pickle that push a number, text or byte string.
 *
 * @module
 */
import { pickleText } from "./pickle_escapes.ts";
import type { PickleInput } from "./pickle_input.ts";
import { OP } from "./pickle_opcodes.ts";
import { type PickleLiteral, PickleSlice, type SliceForm } from "./pickle_value.ts";

/** Longer texts and byte strings are left in the file. */
export const LONGEST_EAGER = 1024;

/** Longest line with a number on it; whole numbers of Python may have any number of digits. */
const LONGEST_NUMBER = 4096;

/** A whole number as a number where that holds it. */
export function wholeNumber(value: bigint): number | bigint {
  const plain = Number(value);
  return Number.isSafeInteger(plain) ? plain : value;
}

/**
 * Pushes what an operation stands for, or `undefined` if it is another kind of operation.
 *
 * @throws {PickleError} If the text or number is broken.
 */
export function pickleLiteral(op: number, input: PickleInput): PickleLiteral | undefined {
  switch (op) {
    case OP.NONE:
      return null;
    case OP.NEWTRUE:
      return true;
    case OP.NEWFALSE:
      return false;
    case OP.BININT:
      return input.i32();
    case OP.BININT1:
      return input.u8();
    case OP.BININT2:
      return input.u16();
    case OP.BINFLOAT:
      return input.f64();
    case OP.INT:
      return intLine(input);
    case OP.LONG:
      return longLine(input);
    case OP.LONG1:
      return littleEndian(input, input.u8());
    case OP.LONG4:
      return littleEndian(input, input.i32());
    case OP.FLOAT:
      return floatLine(input);
    case OP.SHORT_BINUNICODE:
      return text(input, input.u8(), "utf8");
    case OP.BINUNICODE:
      return text(input, input.u32(), "utf8");
    case OP.BINUNICODE8:
      return text(input, input.length64(), "utf8");
    case OP.SHORT_BINSTRING:
      return text(input, input.u8(), "bytes");
    case OP.BINSTRING:
      return text(input, input.i32(), "bytes");
    case OP.UNICODE:
      return line(input, "escaped");
    case OP.STRING:
      return line(input, "quoted");
    case OP.SHORT_BINBYTES:
      return bytes(input, input.u8());
    case OP.BINBYTES:
      return bytes(input, input.u32());
    case OP.BINBYTES8:
    case OP.BYTEARRAY8:
      return bytes(input, input.length64());
    default:
      return undefined;
  }
}

function text(input: PickleInput, length: number, form: SliceForm): string | PickleSlice {
  if (length < 0) throw input.error(`expected the length of a text, found ${length}`);
  if (length > LONGEST_EAGER) return new PickleSlice("text", form, input.skip(length), length);
  return decoded(input, input.position, input.copy(length), form);
}

function line(input: PickleInput, form: SliceForm): string | PickleSlice {
  const { offset, length } = input.line();
  if (length > LONGEST_EAGER) return new PickleSlice("text", form, offset, length);
  return decoded(input, offset, input.slice(offset, length), form);
}

function decoded(input: PickleInput, at: number, bytes: Uint8Array, form: SliceForm): string {
  try {
    return pickleText(bytes, form);
  } catch (error) {
    const why = form === "utf8" ? "text that is no UTF-8" : (error as Error).message;
    throw input.error(`found ${why}`, at);
  }
}

function bytes(input: PickleInput, length: number): Uint8Array | PickleSlice {
  return length > LONGEST_EAGER
    ? new PickleSlice("bytes", "bytes", input.skip(length), length)
    : input.copy(length);
}

function intLine(input: PickleInput): number | bigint | boolean {
  const at = input.position;
  const text = input.shortLine(LONGEST_NUMBER);
  if (text === "00") return false;
  if (text === "01") return true;
  return digits(input, text, at);
}

function longLine(input: PickleInput): number | bigint {
  const at = input.position;
  return digits(input, input.shortLine(LONGEST_NUMBER).replace(/L$/, ""), at);
}

function digits(input: PickleInput, text: string, at: number): number | bigint {
  if (!/^[+-]?\d+$/.test(text)) {
    throw input.error(`expected a whole number, found ${JSON.stringify(text.slice(0, 40))}`, at);
  }
  return wholeNumber(BigInt(text.replace(/^\+/, "")));
}

const FLOAT_WORDS: Readonly<Record<string, number>> = {
  inf: Infinity,
  "-inf": -Infinity,
  nan: NaN,
  "-nan": NaN,
};

function floatLine(input: PickleInput): number {
  const at = input.position;
  const text = input.shortLine(LONGEST_NUMBER);
  const word = FLOAT_WORDS[text.toLowerCase()];
  if (word !== undefined) return word;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) {
    throw input.error(`expected a number, found ${JSON.stringify(text.slice(0, 40))}`, at);
  }
  return Number(text);
}

/** Two's complement, little endian. */
function littleEndian(input: PickleInput, length: number): number | bigint {
  if (length < 0 || length > LONGEST_NUMBER) {
    throw input.error(`expected a whole number of up to ${LONGEST_NUMBER} bytes, found ${length}`);
  }
  if (length === 0) return 0;
  const value = BigInt(`0x${input.copy(length).reverse().toHex()}`);
  return wholeNumber(BigInt.asIntN(8 * length, value));
}
