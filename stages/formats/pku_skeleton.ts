/**
 * Reads the skeleton files of PKU-MMD (method section 1.4): a line for each frame of a long video, 150
 * numbers, x y z of the 25 joints of one body and then of another, zero where there is none.
 *
 * Lines go by one after another; only the frames of the spans asked for are kept.
 *
 * @module
 */
import { BadRecording } from "./bad_recording.ts";
import { counted } from "./counted.ts";
import { DecimalScanner, isNonFiniteWord, quoteBytes } from "./decimal_text.ts";
import { countWords, isSeparator, skipBlanks } from "./line_words.ts";
import { ENCODING_BYTES, encodingFault, withoutMark } from "./text_encoding.ts";

/** Numbers in a line: two bodies of 25 joints. */
export const PKU_COLUMNS = 150;

/** A line with more bytes is none of this format: 150 numbers take some 2,000. */
const LONGEST_LINE = 1 << 16;
const FLOAT32_MAX = 3.4028234663852886e38;
const LF = 0x0a;

/** Frames that are wanted. */
export interface FrameSpan {
  /** The first, from 0. */
  readonly first: number;
  /** How many, at least 1. */
  readonly frames: number;
}

/** What was found of a span. */
export interface SpanFrames {
  /** float32 (frames, 2, 25, 3), metres, camera frame, y up. */
  readonly positions: Float32Array<ArrayBuffer>;
  /** The first number in it that cannot be used. */
  fault?: BadRecording;
}

/** A whole video. */
export interface PkuVideo {
  /** How many frames it has. */
  readonly frames: number;
  /** In the order of the spans asked for; `undefined` where the video ends before the span does. */
  readonly spans: readonly (SpanFrames | undefined)[];
}

/**
 * Reads a video.
 *
 * A number that cannot be used costs the spans that it lies in. A line without its 150 numbers costs
 * the video, since frames are counted by lines.
 *
 * @param pieces The bytes of the file, in pieces of any size.
 * @param file What to call it in an error.
 * @throws {BadRecording} If it is no such text, naming the line.
 */
export async function readPkuSkeleton(
  pieces: AsyncIterable<Uint8Array>,
  file: string,
  spans: readonly FrameSpan[],
): Promise<PkuVideo> {
  const reader = new VideoReader(file, spans);
  for await (const piece of pieces) reader.take(piece);
  return reader.video();
}

class VideoReader {
  readonly #file: string;
  readonly #spans: readonly FrameSpan[];
  /** Numbers of spans by their first frame, and how many of them have begun. */
  readonly #order: readonly number[];
  #begun = 0;
  #active: number[] = [];
  readonly #found: (SpanFrames | undefined)[];
  readonly #row = new Float32Array(PKU_COLUMNS);
  #rest: Uint8Array = new Uint8Array(0);
  #started = false;
  #line = 0;
  #frames = 0;
  #emptyLine = 0;

  constructor(file: string, spans: readonly FrameSpan[]) {
    this.#file = file;
    this.#spans = spans;
    this.#order = spans.map((_, i) => i).sort((a, b) => spans[a]!.first - spans[b]!.first);
    this.#found = spans.map(() => undefined);
  }

  /** Takes the lines that a piece completes. */
  take(piece: Uint8Array): void {
    let bytes = this.#rest.length === 0 ? piece : joined(this.#rest, piece);
    // As many are waited for as tell the encoding, so that the size of pieces changes nothing.
    if (!this.#started && bytes.length >= ENCODING_BYTES) bytes = this.#start(bytes);
    if (!this.#started) {
      this.#rest = bytes.slice();
      return;
    }
    const scanner = new DecimalScanner(bytes);
    let from = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, from)) {
      this.#takeLine(bytes, scanner, from, end, false);
      from = end + 1;
    }
    if (bytes.length - from > LONGEST_LINE) {
      throw this.#bad(
        `expected ${PKU_COLUMNS} numbers a line, found a line of more than ${LONGEST_LINE} bytes`,
        this.#line + 1,
      );
    }
    this.#rest = bytes.slice(from);
  }

  /** What there is once all pieces were taken. */
  video(): PkuVideo {
    let bytes = this.#rest;
    if (!this.#started) bytes = this.#start(bytes);
    const scanner = new DecimalScanner(bytes);
    for (let from = 0; from < bytes.length;) {
      const lf = bytes.indexOf(LF, from);
      const end = lf < 0 ? bytes.length : lf;
      this.#takeLine(bytes, scanner, from, end, end === bytes.length);
      from = end + 1;
    }
    if (this.#frames === 0) throw this.#bad("the file is empty", 1);
    // A span that has begun but not ended is not what was asked for.
    for (const span of this.#active) this.#found[span] = undefined;
    return { frames: this.#frames, spans: this.#found };
  }

  #start(bytes: Uint8Array): Uint8Array {
    this.#started = true;
    const fault = encodingFault(bytes);
    if (fault !== undefined) throw new BadRecording(this.#file, fault);
    return withoutMark(bytes);
  }

  #takeLine(
    bytes: Uint8Array,
    scanner: DecimalScanner,
    from: number,
    end: number,
    last: boolean,
  ): void {
    this.#line++;
    const at = skipBlanks(bytes, from, end);
    if (at === end) {
      if (this.#emptyLine === 0) this.#emptyLine = this.#line;
      return;
    }
    if (this.#emptyLine > 0) {
      throw this.#bad("expected a frame, found an empty line before more frames", this.#emptyLine);
    }
    this.#beginSpans();
    const wanted = this.#active.length > 0;
    const columns = wanted
      ? this.#readRow(bytes, scanner, at, end)
      : countWords(bytes, at, end, PKU_COLUMNS);
    if (columns !== PKU_COLUMNS) {
      throw this.#bad(
        `expected ${PKU_COLUMNS} numbers (frame ${this.#frames + 1}), found ` +
          `${columns > PKU_COLUMNS ? "more" : columns}${
            last ? "; the file ends on this line" : ""
          }`,
        this.#line,
      );
    }
    if (wanted) this.#keepRow();
    this.#frames++;
  }

  #beginSpans(): void {
    while (this.#begun < this.#order.length) {
      const span = this.#order[this.#begun]!;
      const { first, frames } = this.#spans[span]!;
      if (first > this.#frames) return;
      this.#begun++;
      this.#active.push(span);
      this.#found[span] = { positions: new Float32Array(frames * PKU_COLUMNS) };
    }
  }

  #keepRow(): void {
    this.#active = this.#active.filter((span) => {
      const { first, frames } = this.#spans[span]!;
      const at = this.#frames - first;
      this.#found[span]!.positions.set(this.#row, at * PKU_COLUMNS);
      return at + 1 < frames;
    });
  }

  /** Reads the numbers of a line into the row; returns how many words there are, up to one too many. */
  #readRow(bytes: Uint8Array, scanner: DecimalScanner, from: number, end: number): number {
    let column = 0;
    for (let at = from; at < end && column <= PKU_COLUMNS; column++) {
      const start = scanner.position = at;
      let value = 0;
      if (scanner.scan() && isSeparator(bytes, scanner.position, end)) {
        value = scanner.value;
        at = scanner.position;
        if (!(value <= FLOAT32_MAX && value >= -FLOAT32_MAX)) {
          this.#blame(column, "a number that float32 can hold", bytes.subarray(start, at));
          value = 0;
        }
      } else {
        while (!isSeparator(bytes, at, end)) at++;
        const word = bytes.subarray(start, at);
        this.#blame(column, isNonFiniteWord(word) ? "a finite number" : "a number", word);
      }
      if (column < PKU_COLUMNS) this.#row[column] = value;
      at = skipBlanks(bytes, at, end);
    }
    return column;
  }

  /** Every span that the present frame is in has this fault, unless it has one already. */
  #blame(column: number, expected: string, word: Uint8Array): void {
    for (const span of this.#active) {
      this.#found[span]!.fault ??= new BadRecording(
        this.#file,
        `expected ${expected} (${placeOf(column)}), found ${quoteBytes(word)}`,
        this.#line,
      );
    }
  }

  #bad(reason: string, line: number): BadRecording {
    const before = this.#frames === 0 ? "" : ` (${counted(this.#frames, "frame")} before it)`;
    return new BadRecording(this.#file, reason + before, line);
  }
}

function placeOf(column: number): string {
  const joint = Math.floor(column / 3) % 25 + 1;
  return `number ${column + 1}: ${"xyz"[column % 3]} of joint ${joint} of body ${
    column < 75 ? 1 : 2
  }`;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
