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
import { RecordText } from "./record_text.ts";
import { JOINTS } from "../skeleton/joints.ts";

const BODY_COLUMNS = 10;
const JOINT_COLUMNS = 12;
const BODY_VALUES = JOINTS * 3;
const FLOAT32_MAX = 3.4028234663852886e38;

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
  readonly #text: RecordText;
  readonly #bodies: number;
  readonly #bodyIds = new Set<string>();
  #lastId: Uint8Array = new Uint8Array(0);
  #frame = 0;
  #body = 0;
  #joint = 0;
  readonly #whose = () => `body ${this.#body + 1} of frame ${this.#frame + 1}`;
  readonly #whoseJoint = () => `joint ${this.#joint + 1} of ${this.#whose()}`;

  constructor(bytes: Uint8Array, file: string, bodies: number) {
    this.#text = new RecordText(bytes, file);
    this.#bodies = bodies;
  }

  clip(): SkeletonClip {
    const text = this.#text;
    if (text.ended) throw text.bad("the file is empty");
    const frames = text.count(() => "the number of frames");
    const announced = `${counted(frames, "frame")} that line 1 announces`;
    const rowLength = this.#bodies * BODY_VALUES;
    // The announced number may lie: memory grows with what is really there.
    let positions = new Float32Array(Math.min(frames, 512) * rowLength);
    let validFrames = 0;
    let bodyRecords = 0;
    for (let frame = 0; frame < frames; frame++) {
      this.#frame = frame;
      if (text.ended) {
        throw text.bad(
          `the file ends after ${frame} of the ${announced}`,
        );
      }
      const row = frame * rowLength;
      if (row + rowLength > positions.length) positions = grown(positions, frames * rowLength);
      bodyRecords += this.#frameBodies(positions, row);
      if (positions[row] !== 0 || positions[row + 1] !== 0 || positions[row + 2] !== 0) {
        validFrames++;
      }
    }
    if (!text.ended) {
      throw text.bad(
        `expected the end of the file after the ${announced}, found ${quoteBytes(text.word())}`,
      );
    }
    return {
      frames,
      bodies: this.#bodies,
      positions: positions.slice(0, frames * rowLength),
      validFrames,
      bodyRecords,
      bodyIds: [...this.#bodyIds],
      nonFiniteColumns: text.nonFinite,
    };
  }

  /** Reads one frame into the row that begins at `row`; returns how many bodies it lists. */
  #frameBodies(positions: Float32Array, row: number): number {
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
      this.#bodyLine(announced);
      this.#joints(positions, body < this.#bodies ? row + body * BODY_VALUES : -1);
    }
    return count;
  }

  #bodyLine(announced: () => string): void {
    const text = this.#text;
    text.skipBlanks();
    const id = text.word();
    if (!equal(id, this.#lastId)) {
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
      this.#bodyIds.add(word);
      this.#lastId = id;
    }
    text.scanner.position += id.length;
    text.pass(1, BODY_COLUMNS, this.#whose);
  }

  /** Reads a body's joints to `at`, or past them where `at` is negative. */
  #joints(positions: Float32Array, at: number): void {
    const text = this.#text;
    const { scanner } = text;
    if (text.ended) throw text.bad(`the file ends before the joints of ${this.#whose()}`);
    const joints = this.#jointCount();
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
        if (at >= 0) positions[at + joint * 3 + axis] = value;
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

function grown(values: Float32Array<ArrayBuffer>, limit: number): Float32Array<ArrayBuffer> {
  const larger = new Float32Array(Math.min(limit, values.length * 2));
  larger.set(values);
  return larger;
}
