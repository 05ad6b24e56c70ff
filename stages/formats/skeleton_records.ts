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
import { counted } from "./counted.ts";
import { quoteBytes } from "./decimal_text.ts";
import { JointLines } from "./joint_lines.ts";
import { RecordText } from "./record_text.ts";
import { encodingFault } from "./text_encoding.ts";
import { JOINTS } from "../skeleton/joints.ts";

const BODY_COLUMNS = 10;
const JOINT_COLUMNS = 12;
const BODY_VALUES = JOINTS * 3;
const FLOAT32_MAX = 3.4028234663852886e38;

/** Eleven minutes, where NTU's clips last ten seconds: more is no recording of that kind. */
const MOST_FRAMES = 20_000;

/** A body record takes about so many bytes of text; never less than a quarter. */
const RECORD_TEXT = 2400;

/** All body records of one recording, in the order of its file. */
export interface SkeletonRecords {
  /** Number of frames, F. */
  readonly frames: number;
  /** Body records, R: one for each body that a frame lists. */
  readonly records: number;
  /** (R): the frame of each, from 0, ascending. */
  readonly frameOf: Int32Array;
  /** (R): which of `bodyIds` each has. */
  readonly bodyOf: Int32Array;
  /** float32 (R, 25, 3): metres, camera frame, y up. */
  readonly positions: Float32Array;
  /** The bodies' identifiers in order of appearance, as texts: they exceed what float64 can hold. */
  readonly bodyIds: readonly string[];
  /** Columns that no one reads (depth, colour, orientation ...) which hold no finite number. */
  readonly nonFiniteColumns: number;
}

/**
 * Reads a whole `.skeleton` file, every body record in it.
 *
 * Coordinates must be finite. The other columns must be words of digits, signs, points and exponents,
 * or be spelled as not finite: nothing reads them, and a recording is not lost for them; they are
 * counted.
 *
 * @param bytes The file.
 * @param file What to call it in an error.
 * @throws {BadRecording} If it is cut short, counts wrongly, has a joint count other than 25, holds
 * what is no number or not finite, or goes on after its last frame.
 */
export function readSkeletonRecords(bytes: Uint8Array, file: string): SkeletonRecords {
  return new SkeletonReader(bytes, file).recording();
}

/** One a thread: a recording is read from its start to its end before the next. */
let jointLines: JointLines | undefined;

class SkeletonReader {
  readonly #bytes: Uint8Array;
  readonly #text: RecordText;
  readonly #fast = jointLines ??= new JointLines();
  readonly #bodyIds = new Map<string, number>();
  /** By place in the frame: the identifier that was there last, and its number. */
  readonly #lastIds: { readonly id: Uint8Array; readonly body: number }[] = [];
  #records = 0;
  #frameOf: Int32Array;
  #bodyOf: Int32Array;
  #positions: Float32Array;
  #frame = 0;
  #body = 0;
  #joint = 0;
  readonly #whose = () => `body ${this.#body + 1} of frame ${this.#frame + 1}`;
  readonly #whoseJoint = () => `joint ${this.#joint + 1} of ${this.#whose()}`;

  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = bytes;
    this.#text = new RecordText(bytes, file);
    this.#fast.load(bytes);
    // What the file announces may lie: memory grows with what is really there.
    const records = 1 + Math.ceil(bytes.length / RECORD_TEXT);
    this.#frameOf = new Int32Array(records);
    this.#bodyOf = new Int32Array(records);
    this.#positions = new Float32Array(records * BODY_VALUES);
  }

  recording(): SkeletonRecords {
    const text = this.#text;
    if (text.ended) throw text.bad("the file is empty");
    const frames = this.#frameCount();
    const announced = `${counted(frames, "frame")} that line 1 announces`;
    for (let frame = 0; frame < frames; frame++) {
      this.#frame = frame;
      if (text.ended) {
        throw text.bad(
          `the file ends after ${frame} of the ${announced}`,
        );
      }
      if (frame === MOST_FRAMES) {
        throw text.bad(`expected a recording of at most ${MOST_FRAMES} frames, found ${frames}`);
      }
      this.#frameBodies();
    }
    if (!text.ended) {
      throw text.bad(
        `expected the end of the file after the ${announced}, found ${quoteBytes(text.word())}`,
      );
    }
    const records = this.#records;
    return {
      frames,
      records,
      frameOf: this.#frameOf.subarray(0, records),
      bodyOf: this.#bodyOf.subarray(0, records),
      positions: this.#positions.subarray(0, records * BODY_VALUES),
      bodyIds: [...this.#bodyIds.keys()],
      nonFiniteColumns: text.nonFinite,
    };
  }

  #frameCount(): number {
    try {
      return this.#text.count(() => "the number of frames");
    } catch (error) {
      const fault = encodingFault(this.#bytes);
      throw fault === undefined ? error : this.#text.bad(fault);
    }
  }

  /** Reads one frame. */
  #frameBodies(): void {
    const text = this.#text;
    const countLine = text.line;
    const what = () => `the body count of frame ${this.#frame + 1}`;
    let count: number;
    try {
      count = text.count(what);
    } catch (error) {
      const columns = text.columns();
      if (columns === 1 || !(error instanceof BadRecording)) throw error;
      throw text.bad(
        `expected ${what()}, found a line of ${columns} columns; ` +
          `the frame before it may list more bodies than it announces`,
      );
    }
    const announced = () => `line ${countLine} announces ${counted(count, "body", "bodies")}`;
    for (let body = 0; body < count; body++) {
      this.#body = body;
      if (text.ended) throw text.bad(`the file ends before ${this.#whose()}; ${announced()}`);
      const id = this.#bodyLine(announced);
      if (this.#records === this.#frameOf.length) this.#grow();
      this.#frameOf[this.#records] = this.#frame;
      this.#bodyOf[this.#records] = id;
      this.#joints(this.#positions, this.#records * BODY_VALUES);
      this.#records++;
    }
  }

  #grow(): void {
    const records = 2 * this.#records;
    const [frameOf, bodyOf] = [new Int32Array(records), new Int32Array(records)];
    const positions = new Float32Array(records * BODY_VALUES);
    frameOf.set(this.#frameOf);
    bodyOf.set(this.#bodyOf);
    positions.set(this.#positions);
    [this.#frameOf, this.#bodyOf, this.#positions] = [frameOf, bodyOf, positions];
  }

  /** Reads a body's first line; returns which body it is. */
  #bodyLine(announced: () => string): number {
    const text = this.#text;
    text.skipBlanks();
    const id = text.word();
    const last = this.#lastIds[this.#body];
    const body = last !== undefined && equal(id, last.id) ? last.body : this.#newId(id, announced);
    text.scanner.position += id.length;
    const next = this.#fast.pass(text.scanner.position + 1, BODY_COLUMNS - 1);
    if (next >= 0) text.moveTo(next, 1);
    else text.pass(1, BODY_COLUMNS, this.#whose);
    return body;
  }

  #newId(id: Uint8Array, announced: () => string): number {
    const text = this.#text;
    const columns = text.columns();
    if (columns !== BODY_COLUMNS) {
      throw text.bad(
        `expected the ${BODY_COLUMNS} numbers of ${this.#whose()}, found ${columns}; ` +
          announced(),
      );
    }
    const word = new TextDecoder("latin1").decode(id);
    if (!/^[+-]?\d+$/.test(word)) {
      throw text.bad(
        `expected the bodyID of ${this.#whose()}, a whole number, found ${quoteBytes(id)}`,
      );
    }
    const body = this.#bodyIds.get(word) ?? this.#bodyIds.size;
    this.#bodyIds.set(word, body);
    this.#lastIds[this.#body] = { id, body };
    return body;
  }

  /** Reads a body's joints to `at`. */
  #joints(positions: Float32Array, at: number): void {
    const text = this.#text;
    const { scanner } = text;
    if (text.ended) throw text.bad(`the file ends before the joints of ${this.#whose()}`);
    const joints = this.#jointCount();
    const next = this.#fast.joints(scanner.position);
    if (next >= 0) {
      positions.set(this.#fast.coordinates, at);
      text.moveTo(next, joints);
      return;
    }
    for (let joint = 0; joint < joints; joint++) {
      this.#joint = joint;
      if (text.ended) {
        throw text.bad(`the file ends after ${joint} of ${JOINTS} joints of ${this.#whose()}`);
      }
      for (let axis = 0; axis < 3; axis++) {
        if (!text.number()) throw text.badWord(JOINT_COLUMNS, this.#whoseJoint());
        const { value } = scanner;
        if (!(value <= FLOAT32_MAX && value >= -FLOAT32_MAX)) {
          throw text.bad(`${"xyz"[axis]} of ${this.#whoseJoint()} is too large for float32`);
        }
        positions[at + joint * 3 + axis] = value;
      }
      text.pass(3, JOINT_COLUMNS, this.#whoseJoint);
    }
  }

  #jointCount(): number {
    const text = this.#text;
    const { line } = text;
    const joints = text.count(() => `the joint count of ${this.#whose()}`);
    if (joints !== JOINTS) {
      text.line = line;
      throw text.bad(`expected ${JOINTS} joints (${this.#whose()}), found a count of ${joints}`);
    }
    return joints;
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
