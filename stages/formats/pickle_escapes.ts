/**
 * Texts of pickle protocol 0, which stand on a line of their own with escapes; and long texts of any
 * protocol as the bytes they stand for.
 *
 * @module
 */
import type { SliceForm } from "./pickle_value.ts";

const BACKSLASH = 0x5c;
const SIMPLE: Readonly<Record<string, number>> = {
  "\\": 0x5c,
  "'": 0x27,
  '"': 0x22,
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};

/** Reads `digits` hexadecimal digits at `at`, or nothing if they are not there. */
function hex(bytes: Uint8Array, at: number, digits: number): number | undefined {
  const text = String.fromCharCode(...bytes.subarray(at, at + digits));
  return text.length === digits && /^[0-9a-fA-F]+$/.test(text) ? parseInt(text, 16) : undefined;
}

/** Code points of a line of latin-1 text with `\uXXXX` and `\UXXXXXXXX`, one after another. */
function* escapedPoints(line: Uint8Array): Generator<number> {
  for (let at = 0; at < line.length;) {
    const digits = line[at] !== BACKSLASH ? 0 : ({ 0x75: 4, 0x55: 8 }[line[at + 1]!] ?? 0);
    if (digits === 0) {
      yield line[at++]!;
      continue;
    }
    const point = hex(line, at + 2, digits);
    if (point === undefined || point > 0x10ffff) throw new Error("a broken \\u escape in a text");
    yield point;
    at += 2 + digits;
  }
}

/** Bytes of a line in quotes with Python's escapes, one after another. */
function* quotedBytes(line: Uint8Array): Generator<number> {
  const end = line.length - 1;
  if (end < 1 || line[0] !== line[end] || (line[0] !== 0x27 && line[0] !== 0x22)) {
    throw new Error("a text without its quotes");
  }
  for (let at = 1; at < end;) {
    if (line[at] !== BACKSLASH) {
      yield line[at++]!;
      continue;
    }
    const sign = at + 1 < end ? String.fromCharCode(line[at + 1]!) : "";
    const value = sign === "x" ? hex(line, at + 2, 2) : SIMPLE[sign];
    if (value === undefined) throw new Error(`an unknown escape \\${sign} in a text`);
    yield value;
    at += sign === "x" ? 4 : 2;
  }
}

/**
 * The text that some bytes of a pickle stand for; byte strings give one character a byte.
 *
 * @throws {Error} If they are no such text.
 */
export function pickleText(bytes: Uint8Array, form: SliceForm): string {
  if (form === "utf8") return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  let text = "";
  const points = form === "bytes" ? bytes : form === "escaped" ? escapedPoints(bytes) : undefined;
  for (const point of points ?? quotedBytes(bytes)) text += String.fromCodePoint(point);
  return text;
}

/**
 * The bytes that a long text or byte string stands for: of texts each character is one byte, as
 * Python's latin-1.
 *
 * @throws {Error} If a character is no byte.
 */
export function pickleRawBytes(bytes: Uint8Array, form: SliceForm): Uint8Array {
  if (form === "bytes") return bytes;
  const out = new Uint8Array(bytes.length);
  let length = 0;
  if (form === "utf8") {
    for (let at = 0; at < bytes.length; length++) {
      const byte = bytes[at]!;
      if (byte < 0x80) {
        out[length] = byte;
        at++;
        continue;
      }
      const next = bytes[at + 1];
      if ((byte !== 0xc2 && byte !== 0xc3) || next === undefined || (next & 0xc0) !== 0x80) {
        throw new Error("a character that is no byte in the text of an array");
      }
      out[length] = ((byte & 3) << 6) | (next & 0x3f);
      at += 2;
    }
    return out.subarray(0, length);
  }
  for (const point of form === "escaped" ? escapedPoints(bytes) : quotedBytes(bytes)) {
    if (point > 0xff) throw new Error("a character that is no byte in the text of an array");
    out[length++] = point;
  }
  return out.subarray(0, length);
}
