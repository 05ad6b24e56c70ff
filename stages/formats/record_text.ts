/**
 * Text made of records: one a line, numbers between blanks, LF or CRLF. A cursor over its bytes that
 * always knows the line it is on.
 *
 * @module
 */
import { BadRecording } from "./bad_recording.ts";
import { counted } from "./counted.ts";
import { DecimalScanner, isNonFiniteWord, quoteBytes } from "./decimal_text.ts";

const SPACE = 0x20;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;

/** A place in a text of records. Its errors are {@link BadRecording}s with file and line. */
export class RecordText {
  /** Where the next byte is read. */
  readonly scanner: DecimalScanner;
  /** The line of that byte, from 1. */
  line = 1;
  /** Columns passed by {@link pass} which hold a word such as `nan`. */
  nonFinite = 0;
  readonly #bytes: Uint8Array;
  readonly #file: string;
  /** Where the text ends: trailing blanks and line ends are no part of it. */
  readonly #end: number;

  /**
   * @param bytes The file; a UTF-8 byte order mark is skipped.
   * @param file What to call it in an error.
   */
  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = bytes;
    this.#file = file;
    this.scanner = new DecimalScanner(bytes);
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.scanner.position = 3;
    let end = bytes.length;
    while (end > this.scanner.position && isBlank(bytes[end - 1]!)) end--;
    this.#end = end;
  }

  /** Whether nothing but blanks and line ends is left. */
  get ended(): boolean {
    return this.scanner.position >= this.#end;
  }

  /**
   * Reads the next number of the line into `scanner.value`.
   *
   * @returns False where the next word is no number; the position is then at that word.
   */
  number(): boolean {
    const { scanner } = this;
    const bytes = this.#bytes;
    let byte = bytes[scanner.position];
    while (byte === SPACE || byte === TAB) byte = bytes[++scanner.position];
    const start = scanner.position;
    if (scanner.scan() && isSeparator(bytes[scanner.position])) return true;
    scanner.position = start;
    return false;
  }

  /**
   * Passes over numbers that no one reads, to the end of the line. Words for what is not finite are
   * let through and counted.
   *
   * @param from Columns of the line that were read already.
   * @param columns Numbers that the line must hold.
   */
  pass(from: number, columns: number, whose: () => string): void {
    for (let column = from; column < columns; column++) {
      if (this.number()) continue;
      const word = this.word();
      if (!isNonFiniteWord(word)) throw this.badWord(columns, whose());
      this.nonFinite++;
      this.scanner.position += word.length;
    }
    this.endLine(columns, whose);
  }

  /** Moves over lines that another reader has read, to the start of the one after them. */
  moveTo(position: number, lines: number): void {
    this.scanner.position = position;
    this.line += lines;
  }

  /** Reads a line that holds one whole number. */
  count(what: () => string): number {
    this.skipBlanks();
    const { scanner } = this;
    const start = scanner.position;
    if (!this.number() || !Number.isSafeInteger(scanner.value) || !this.#digitsSince(start)) {
      scanner.position = start;
      throw this.bad(`expected ${what()}, a whole number, found ${quoteBytes(this.word())}`);
    }
    const { value } = scanner;
    this.endLine(1, what);
    return value;
  }

  #digitsSince(start: number): boolean {
    for (let at = start; at < this.scanner.position; at++) {
      const byte = this.#bytes[at]!;
      if (byte < 0x30 || byte > 0x39) return false;
    }
    return true;
  }

  /** Moves behind the end of the line, which must come next. */
  endLine(columns: number, whose: () => string): void {
    this.skipBlanks();
    if (this.#bytes[this.scanner.position] === LF) {
      this.scanner.position++;
      this.line++;
    } else if (!this.ended) {
      throw this.bad(
        `expected ${counted(columns, "number")} (${whose()}), found ${this.columns()}`,
      );
    }
  }

  /** Moves to the next word, or to the end of the line. */
  skipBlanks(): void {
    let byte = this.#bytes[this.scanner.position];
    while (byte === SPACE || byte === TAB || byte === CR) {
      byte = this.#bytes[++this.scanner.position];
    }
  }

  /** The word at the position, up to a blank or the line's end. */
  word(): Uint8Array {
    let end = this.scanner.position;
    while (!isSeparator(this.#bytes[end])) end++;
    return this.#bytes.subarray(this.scanner.position, end);
  }

  /** How many words the present line holds. */
  columns(): number {
    const at = Math.min(this.scanner.position, this.#end);
    const from = at === 0 ? 0 : this.#bytes.lastIndexOf(LF, at - 1) + 1;
    const lineEnd = this.#bytes.indexOf(LF, at);
    const text = new TextDecoder("latin1")
      .decode(this.#bytes.subarray(from, lineEnd < 0 ? this.#end : lineEnd));
    return text.split(/[ \t\r]+/).filter((word) => word !== "").length;
  }

  #isLastLine(): boolean {
    return this.#bytes.indexOf(LF, Math.min(this.scanner.position, this.#end)) < 0;
  }

  /** An error on the present line. */
  bad(reason: string): BadRecording {
    return new BadRecording(this.#file, reason, this.line);
  }

  /** The error where a number was expected: too few of them on the line, or a word that is none. */
  badWord(columns: number, whose: string): BadRecording {
    const found = this.columns();
    if (found !== columns) {
      const end = this.#isLastLine() ? "; the file ends on this line" : "";
      return this.bad(`expected ${columns} numbers (${whose}), found ${found}${end}`);
    }
    const word = this.word();
    const finite = isNonFiniteWord(word) ? "finite " : "";
    return this.bad(`expected a ${finite}number (${whose}), found ${quoteBytes(word)}`);
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === LF || byte === CR || byte === TAB;
}

function isSeparator(byte: number | undefined): boolean {
  return byte === undefined || isBlank(byte);
}
