/**
 * Ways in which text files are damaged, drawn by a seeded stream.
 *
 * @module
 */
import type { RandomStream } from "../../../stages/random.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);

/** One way to damage a file. */
export type Damage = (bytes: Uint8Array, stream: RandomStream) => Uint8Array;

function anyOf<T>(items: readonly T[], stream: RandomStream): T {
  return items[stream.integer(0, items.length - 1)]!;
}

/** Replaces one line, by its number from 0; none by removing it. */
function onLine(change: (line: string, stream: RandomStream) => readonly string[]): Damage {
  return (bytes, stream) => {
    const lines = decode(bytes).split("\n");
    const at = stream.integer(0, lines.length - 1);
    lines.splice(at, 1, ...change(lines[at]!, stream));
    return latin1(lines.join("\n"));
  };
}

/** Replaces one word between blanks or commas. */
function onWord(change: (word: string, stream: RandomStream) => string): Damage {
  return (bytes, stream) => {
    const parts = decode(bytes).split(/([\s,]+)/);
    const at = 2 * stream.integer(0, Math.floor((parts.length - 1) / 2));
    parts[at] = change(parts[at]!, stream);
    return latin1(parts.join(""));
  };
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function utf16(bytes: Uint8Array, bigEndian: boolean, mark: boolean): Uint8Array {
  const text = (mark ? "\ufeff" : "") + decode(bytes);
  const out = new DataView(new ArrayBuffer(2 * text.length));
  for (let i = 0; i < text.length; i++) out.setUint16(2 * i, text.charCodeAt(i), !bigEndian);
  return new Uint8Array(out.buffer);
}

const ODD_WORDS = [
  ...[
    "nan",
    "NaN",
    "-nan(ind)",
    "inf",
    "-Infinity",
    "1.#QNAN",
    "1e308",
    "-1e308",
    "3.5e38",
    "1e-400",
  ],
  ...[
    "0x10",
    "1,5",
    "--1",
    "1e",
    "e5",
    ".",
    "-",
    "+.5",
    "7.",
    "1e+2",
    "9".repeat(400),
    "0",
    "-0",
    "-1",
  ],
  ...["999999999", "9999999999", "1_000", "\u00bd", "word", "1e5", "12a", "0002-L", "A01N01-R", ""],
];

/** All ways, by name. */
export const DAMAGES: Readonly<Record<string, Damage>> = {
  "cut anywhere": (bytes, stream) => bytes.subarray(0, stream.integer(0, bytes.length)),
  "cut behind a line": (bytes, stream) => {
    const lines = decode(bytes).split("\n");
    return latin1(lines.slice(0, stream.integer(0, lines.length)).join("\n"));
  },
  "begins late": (bytes, stream) => bytes.subarray(stream.integer(0, bytes.length)),
  "flipped bits": (bytes, stream) => {
    const out = bytes.slice();
    for (let n = stream.integer(1, 5); n > 0 && out.length > 0; n--) {
      out[stream.integer(0, out.length - 1)]! ^= 1 << stream.integer(0, 7);
    }
    return out;
  },
  "random bytes": (bytes, stream) => {
    const out = bytes.slice();
    const from = stream.integer(0, out.length);
    const to = Math.min(out.length, from + stream.integer(1, 300));
    for (let i = from; i < to; i++) out[i] = stream.integer(0, 255);
    return out;
  },
  "a line twice": onLine((line) => [line, line]),
  "a line lost": onLine(() => []),
  "an empty line": onLine((line) => ["", line]),
  "a line cut": onLine((line, stream) => [line.slice(0, stream.integer(0, line.length))]),
  "a line broken in two": onLine((line, stream) => {
    const at = stream.integer(0, line.length);
    return [line.slice(0, at), line.slice(at)];
  }),
  "two lines in one": (bytes, stream) => {
    const text = decode(bytes);
    const ends = [...text.matchAll(/\r?\n/g)];
    if (ends.length === 0) return bytes;
    const { index, 0: end } = anyOf(ends, stream);
    return latin1(text.slice(0, index) + anyOf(["", " "], stream) + text.slice(index + end.length));
  },
  "a line of other things": onLine((_, stream) =>
    anyOf([["Training videos:"], ["{}"], ["1,2,3,4"], ["x".repeat(70_000)], [
      "Validataion videos:",
    ]], stream)
  ),
  "an odd word": onWord((_, stream) => anyOf(ODD_WORDS, stream)),
  "two odd words": (bytes, stream) =>
    DAMAGES["an odd word"]!(DAMAGES["an odd word"]!(bytes, stream), stream),
  "words run together": (bytes, stream) => {
    const blanks = [...decode(bytes).matchAll(/[ ,]+/g)];
    if (blanks.length === 0) return bytes;
    const { index, 0: blank } = anyOf(blanks, stream);
    return latin1(decode(bytes).slice(0, index) + decode(bytes).slice(index + blank.length));
  },
  "mixed line ends": (bytes, stream) =>
    latin1(decode(bytes).replaceAll(/\r?\n/g, () => anyOf(["\n", "\r\n", "\r\r\n"], stream))),
  "old line ends": (bytes) => latin1(decode(bytes).replaceAll(/\r?\n/g, "\r")),
  "no line end at the end": (bytes) => latin1(decode(bytes).trimEnd()),
  "blanks everywhere": (bytes, stream) =>
    latin1(decode(bytes).replaceAll(/[ \n]/g, (c) => anyOf([c, ` ${c}`, `\t${c}`], stream))),
  "UTF-8 mark": (bytes) => encode("\ufeff" + decode(bytes)),
  "UTF-16 LE": (bytes) => utf16(bytes, false, true),
  "UTF-16 BE": (bytes) => utf16(bytes, true, true),
  "UTF-16 without a mark": (bytes, stream) => utf16(bytes, stream.uniform() < 0.5, false),
  "zero bytes": (bytes, stream) => {
    const out = bytes.slice();
    const from = stream.integer(0, out.length);
    return out.fill(0, from, from + stream.integer(1, 5000));
  },
  "commas for points": (bytes) => latin1(decode(bytes).replaceAll(".", ",")),
  "empty": () => new Uint8Array(0),
  "nothing but blanks": () => encode(" \n\r\n\t\n"),
  "another file behind it": (bytes) => latin1(decode(bytes) + decode(bytes)),
};
