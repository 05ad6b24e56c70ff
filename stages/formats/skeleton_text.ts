/**
 * Reads the `.skeleton` text of NTU RGB+D (method section 1.2): whitespace separated numbers, one
 * record a line, LF or CRLF.
 *
 * ```text
 * F                                  frames
 *   B                                bodies in the frame, also 0 or more than 2
 *     bodyID + 9 numbers             one line per body
 *     25                             joints
 *       x y z + 9 numbers            one line per joint; metres, camera frame, y up
 * ```
 *
 * @module
 */
import { BadRecording } from "./bad_recording.ts";
import { DecimalScanner, isNonFiniteWord, quoteBytes } from "./decimal_text.ts";

/** Joints that every body must have. */
export const SKELETON_JOINTS = 25;

const BODY_COLUMNS = 10;
const JOINT_COLUMNS = 12;
const JOINT_VALUES = SKELETON_JOINTS * 3;
const FLOAT32_MAX = 3.4028234663852886e38;

const SPACE = 0x20;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;

/** One recording, as its file tells it. */
export interface SkeletonClip {
  /** Number of frames, F. */
  readonly frames: number;
  /** Slots for bodies, M: the first M bodies that a frame lists are kept (method section 1.3). */
  readonly bodies: number;
  /** float32 (F, M, 25, 3); a slot for which a frame lists no body is zero. */
  readonly positions: Float32Array;
  /** Frames in which the first body's spine base is not at the origin: those normalisation counts. */
  readonly validFrames: number;
  /** Body records in the file, including those beyond the slots. */
  readonly bodyRecords: number;
  /** The bodies' identifiers in order of appearance, as texts: they exceed what float64 can hold. */
  readonly bodyIds: readonly string[];
  /** Columns that no one reads (depth, colour, orientation ...) which hold no finite number. */
  readonly nonFiniteColumns: number;
}

/**
 * Reads a whole `.skeleton` file.
 *
 * Coordinates must be finite. The other columns must be numbers, but may be spelled as not finite:
 * nothing reads them, and a recording is not lost for them; they are counted.
 *
 * @param bytes The file.
 * @param file What to call it in an error.
 * @param bodies Slots for bodies, M.
 * @throws {BadRecording} If it is cut short, counts wrongly, has a joint count other than 25, holds
 * what is no number or not finite, or goes on after its last frame.
 */
export function readSkeletonText(bytes: Uint8Array, file: string, bodies: number): SkeletonClip {
  return new SkeletonReader(bytes, file, bodies).clip();
}

class SkeletonReader {
  readonly #bytes: Uint8Array;
  readonly #file: string;
  readonly #bodies: number;
  readonly #scanner: DecimalScanner;
  readonly #bodyIds = new Set<string>();
  #line = 1;
  /** Where the text ends: trailing blanks and line ends are no part of it. */
  readonly #end: number;
  #nonFinite = 0;

  constructor(bytes: Uint8Array, file: string, bodies: number) {
    this.#bytes = bytes;
    this.#file = file;
    this.#bodies = bodies;
    this.#scanner = new DecimalScanner(bytes);
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.#scanner.position = 3;
    let end = bytes.length;
    while (end > this.#scanner.position && isBlank(bytes[end - 1]!)) end--;
    this.#end = end;
  }

  clip(): SkeletonClip {
    if (this.#scanner.position === this.#end) {
      throw new BadRecording(this.#file, "the file is empty", 1);
    }
    const frames = this.#count("the number of frames");
    const rowLength = this.#bodies * JOINT_VALUES;
    let positions = new Float32Array(Math.min(frames, 512) * rowLength);
    let validFrames = 0;
    let bodyRecords = 0;
    for (let frame = 0; frame < frames; frame++) {
      if (this.#scanner.position >= this.#end) {
        throw this.#bad(
          `the file ends after ${frame} of the ${frames} frames that line 1 announces`,
        );
      }
      const row = frame * rowLength;
      if (row + rowLength > positions.length) positions = grown(positions, frames * rowLength);
      const countLine = this.#line;
      const count = this.#bodyCount(frame);
      for (let body = 0; body < count; body++) {
        const at = body < this.#bodies ? row + body * JOINT_VALUES : -1;
        this.#body(positions, at, frame, body, count, countLine);
      }
      bodyRecords += count;
      if (positions[row] !== 0 || positions[row + 1] !== 0 || positions[row + 2] !== 0) {
        validFrames++;
      }
    }
    if (this.#scanner.position < this.#end) {
      const { length } = this.#words();
      throw this.#bad(
        `expected the end of the file after the ${frames} frames that line 1 announces, found ` +
          `${length} more ${length === 1 ? "number" : "numbers"} on this line`,
      );
    }
    return {
      frames,
      bodies: this.#bodies,
      positions: positions.slice(0, frames * rowLength),
      validFrames,
      bodyRecords,
      bodyIds: [...this.#bodyIds],
      nonFiniteColumns: this.#nonFinite,
    };
  }

  #bodyCount(frame: number): number {
    const words = this.#line > 1 && this.#nextIsAlone() ? 1 : this.#words().length;
    if (words > 1) {
      throw this.#bad(
        `expected the body count of frame ${frame + 1}, found a line of ${words} numbers: ` +
          `the count before it may be too low`,
      );
    }
    return this.#count(`the body count of frame ${frame + 1}`);
  }

  /** Whether the line holds a single short word: the common case, without looking at every word. */
  #nextIsAlone(): boolean {
    const next = this.#bytes[this.#scanner.position + 1];
    return next === LF || next === CR;
  }

  #body(
    positions: Float32Array,
    at: number,
    frame: number,
    body: number,
    count: number,
    countLine: number,
  ): void {
    const whose = `body ${body + 1} of frame ${frame + 1}`;
    if (this.#scanner.position >= this.#end) {
      throw this.#bad(
        `the file ends before ${whose}; line ${countLine} announces ${count} ${
          count === 1 ? "body" : "bodies"
        }`,
      );
    }
    this.#bodyId(whose, count, countLine);
    this.#unread(BODY_COLUMNS, 1, whose);
    if (this.#scanner.position >= this.#end) {
      throw this.#bad(`the file ends before the joints of ${whose}`);
    }
    const jointLine = this.#line;
    const joints = this.#count(`the joint count of ${whose}`);
    if (joints !== SKELETON_JOINTS) {
      throw new BadRecording(
        this.#file,
        `expected ${SKELETON_JOINTS} joints, found ${joints}`,
        jointLine,
      );
    }
    for (let joint = 0; joint < SKELETON_JOINTS; joint++) {
      if (this.#scanner.position >= this.#end) {
        throw this.#bad(`the file ends after ${joint} of ${SKELETON_JOINTS} joints of ${whose}`);
      }
      this.#joint(positions, at < 0 ? -1 : at + joint * 3, joint, whose);
    }
  }

  #joint(positions: Float32Array, at: number, joint: number, whose: string): void {
    const scanner = this.#scanner;
    const bytes = this.#bytes;
    for (let axis = 0; axis < 3; axis++) {
      let byte = bytes[scanner.position]!;
      while (byte === SPACE || byte === TAB) byte = bytes[++scanner.position]!;
      const start = scanner.position;
      if (!scanner.scan() || !isSeparator(bytes[scanner.position])) {
        scanner.position = start;
        throw this.#badWord(JOINT_COLUMNS, `joint ${joint + 1} of ${whose}`);
      }
      const { value } = scanner;
      if (!(value <= FLOAT32_MAX && value >= -FLOAT32_MAX)) {
        scanner.position = start;
        throw this.#bad(
          `${"xyz"[axis]} of joint ${joint + 1} of ${whose} is no finite float32: ${
            quoteBytes(this.#word())
          }`,
        );
      }
      if (at >= 0) positions[at + axis] = value;
    }
    this.#unread(JOINT_COLUMNS, 3, `joint ${joint + 1} of ${whose}`);
  }

  /** Reads columns `from` to the last of a line; they must be numbers, and no one wants them. */
  #unread(columns: number, from: number, whose: string): void {
    const scanner = this.#scanner;
    const bytes = this.#bytes;
    for (let column = from; column < columns; column++) {
      let byte = bytes[scanner.position]!;
      while (byte === SPACE || byte === TAB) byte = bytes[++scanner.position]!;
      const start = scanner.position;
      if (!scanner.scan() || !isSeparator(bytes[scanner.position])) {
        scanner.position = start;
        const word = this.#word();
        if (!isNonFiniteWord(word)) throw this.#badWord(columns, whose);
        this.#nonFinite++;
        scanner.position = start + word.length;
      }
    }
    this.#endLine(columns, whose);
  }

  #bodyId(whose: string, count: number, countLine: number): void {
    this.#skipBlanks();
    const word = this.#word();
    if (!/^[+-]?\d+$/.test(ascii(word)) || this.#words().length === 1) {
      const found = this.#words().length;
      throw this.#bad(
        found === BODY_COLUMNS
          ? `expected the bodyID of ${whose}, a whole number, found ${quoteBytes(word)}`
          : `expected the ${BODY_COLUMNS} numbers of ${whose}, found ${found}; line ${countLine} ` +
            `announces ${count} ${count === 1 ? "body" : "bodies"}`,
      );
    }
    this.#bodyIds.add(ascii(word));
    this.#scanner.position += word.length;
  }

  /** Reads a line that holds one whole number. */
  #count(what: string): number {
    this.#skipBlanks();
    const scanner = this.#scanner;
    const start = scanner.position;
    const word = this.#word();
    if (!/^\d+$/.test(ascii(word)) || !scanner.scan() || !Number.isSafeInteger(scanner.value)) {
      scanner.position = start;
      throw this.#bad(`expected ${what}, a whole number, found ${quoteBytes(word)}`);
    }
    const { value } = scanner;
    this.#endLine(1, what);
    return value;
  }

  /** Moves to the first byte of the next line; `columns` and `whose` say what the line had to hold. */
  #endLine(columns: number, whose: string): void {
    this.#skipBlanks();
    const scanner = this.#scanner;
    if (this.#bytes[scanner.position] === LF) {
      scanner.position++;
      this.#line++;
    } else if (scanner.position < this.#end) {
      throw this.#bad(
        `expected ${columns} ${
          columns === 1 ? "number" : "numbers"
        } (${whose}), found ${this.#words().length}`,
      );
    }
  }

  #skipBlanks(): void {
    let byte = this.#bytes[this.#scanner.position];
    while (byte === SPACE || byte === TAB || byte === CR) {
      byte = this.#bytes[++this.#scanner.position];
    }
  }

  /** The word at the position, up to a blank or the line's end. */
  #word(): Uint8Array {
    let end = this.#scanner.position;
    while (!isSeparator(this.#bytes[end])) end++;
    return this.#bytes.subarray(this.#scanner.position, end);
  }

  /** All words of the present line. */
  #words(): string[] {
    const at = Math.min(this.#scanner.position, this.#end);
    const from = this.#bytes.lastIndexOf(LF, at - 1) + 1;
    const lineEnd = this.#bytes.indexOf(LF, at);
    const text = ascii(this.#bytes.subarray(from, lineEnd < 0 ? this.#end : lineEnd));
    return text.split(/[ \t\r]+/).filter((word) => word !== "");
  }

  /** What is wrong where a number was expected: a word that is none, or too few of them. */
  #badWord(columns: number, whose: string): BadRecording {
    const found = this.#words().length;
    if (found !== columns) {
      return this.#bad(`expected ${columns} numbers (${whose}), found ${found}`);
    }
    const word = this.#word();
    return this.#bad(
      `expected a ${isNonFiniteWord(word) ? "finite " : ""}number (${whose}), found ${
        quoteBytes(word)
      }`,
    );
  }

  #bad(reason: string): BadRecording {
    return new BadRecording(this.#file, reason, this.#line);
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === LF || byte === CR || byte === TAB || byte === 0;
}

function isSeparator(byte: number | undefined): boolean {
  return byte === SPACE || byte === LF || byte === CR || byte === TAB || byte === undefined;
}

function ascii(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function grown(values: Float32Array<ArrayBuffer>, limit: number): Float32Array<ArrayBuffer> {
  const larger = new Float32Array(Math.min(limit, values.length * 2));
  larger.set(values);
  return larger;
}
