/**
 * A place in JSON text, for readers of one known form that want numbers without an object for each,
 * and faults with line and column.
 *
 * @module
 */
import { BadRecording } from "./bad_recording.ts";
import { DecimalScanner, isNonFiniteWord, quoteBytes } from "./decimal_text.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DEEPEST = 64;

/** Reads JSON values one after another. Its errors are {@link BadRecording}s. */
export class JsonCursor {
  readonly #bytes: Uint8Array;
  readonly #file: string;
  readonly #scanner: DecimalScanner;

  /**
   * @param bytes UTF-8 text; a byte order mark is skipped.
   * @param file What to call it in an error.
   */
  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = bytes;
    this.#file = file;
    this.#scanner = new DecimalScanner(bytes);
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.#scanner.position = 3;
  }

  /** The next byte that is no white space, as a character; empty at the end. */
  peek(): string {
    const scanner = this.#scanner;
    let byte = this.#bytes[scanner.position];
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
      byte = this.#bytes[++scanner.position];
    }
    return byte === undefined ? "" : String.fromCharCode(byte);
  }

  /** Passes a character of JSON's grammar, if it comes next. */
  take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.#scanner.position++;
    return true;
  }

  /**
   * Passes a character that must come next.
   *
   * @param where What is being read, for the error.
   */
  expect(character: string, where: string): void {
    if (!this.take(character)) throw this.unexpected(`${character} (${where})`);
  }

  /** Reads a finite number. */
  number(what: () => string): number {
    this.peek();
    const scanner = this.#scanner;
    const start = scanner.position;
    if (!scanner.scan() || !this.#ended() || !Number.isFinite(scanner.value)) {
      scanner.position = start;
      const word = this.#word();
      throw this.unexpected(`a ${isNonFiniteWord(word) ? "finite " : ""}number (${what()})`);
    }
    return scanner.value;
  }

  /** Reads a string. */
  string(where: string): string {
    if (this.peek() !== '"') throw this.unexpected(`a string (${where})`);
    const start = this.#scanner.position;
    let end = start + 1;
    while (this.#bytes[end] !== QUOTE) {
      if (end >= this.#bytes.length) throw this.bad(`the file ends inside a string (${where})`);
      end += this.#bytes[end] === BACKSLASH ? 2 : 1;
    }
    this.#scanner.position = end + 1;
    const text = new TextDecoder().decode(this.#bytes.subarray(start, end + 1));
    try {
      return JSON.parse(text);
    } catch {
      this.#scanner.position = start;
      throw this.bad(`expected a string (${where}), found one with a control character or escape`);
    }
  }

  /** Passes any value. */
  skip(where: string, depth = 0): void {
    if (depth > DEEPEST) throw this.bad(`more than ${DEEPEST} levels deep (${where})`);
    const next = this.peek();
    if (next === "{") {
      this.object(where, (key) => this.skip(key, depth + 1));
    } else if (next === "[") {
      this.array(where, () => this.skip(where, depth + 1));
    } else if (next === '"') {
      this.string(where);
    } else {
      const word = this.#word();
      if (!["true", "false", "null"].includes(new TextDecoder().decode(word))) {
        this.number(() => where);
      } else this.#scanner.position += word.length;
    }
  }

  /** Reads an object: `member` reads each value. */
  object(where: string, member: (key: string) => void): void {
    this.expect("{", where);
    if (this.take("}")) return;
    do {
      const key = this.string(`a key of ${where}`);
      this.expect(":", `after the key ${JSON.stringify(key)}`);
      member(key);
    } while (this.take(","));
    this.expect("}", `the end of ${where}`);
  }

  /** Reads an array: `element` reads each value. Returns how many there were. */
  array(where: string, element: (index: number) => void): number {
    this.expect("[", where);
    if (this.take("]")) return 0;
    let count = 0;
    do element(count++); while (this.take(","));
    this.expect("]", `the end of ${where}`);
    return count;
  }

  /** Nothing but white space may be left. */
  end(): void {
    if (this.peek() !== "") throw this.unexpected("the end of the file");
  }

  /** An error at the position. */
  bad(reason: string): BadRecording {
    const at = Math.min(this.#scanner.position, this.#bytes.length);
    let line = 1;
    let lineStart = 0;
    for (let i = 0; i < at; i++) {
      if (this.#bytes[i] !== 0x0a) continue;
      line++;
      lineStart = i + 1;
    }
    return new BadRecording(this.#file, reason, line, at - lineStart + 1);
  }

  /** The error where something else was expected. */
  unexpected(expected: string): BadRecording {
    const ended = this.#scanner.position >= this.#bytes.length;
    const found = ended ? "the end of the file" : quoteBytes(this.#word());
    return this.bad(`expected ${expected}, found ${found}`);
  }

  /** Whether what was just read is followed by white space, punctuation or the end. */
  #ended(): boolean {
    return this.#separates(this.#bytes[this.#scanner.position]);
  }

  #separates(byte: number | undefined): boolean {
    return byte === undefined || byte <= 0x20 || byte === 0x2c || byte === 0x5d || byte === 0x7d;
  }

  /** The word at the position: up to white space or punctuation, at least one byte. */
  #word(): Uint8Array {
    const start = this.#scanner.position;
    let end = start + 1;
    while (!this.#separates(this.#bytes[end])) end++;
    return this.#bytes.subarray(start, end);
  }
}
