/**
 * Reads the JSON files of Northwestern-UCLA Multiview Action3D, skeletons alone: an object with
 * `file_name`, `label` (from 1) and `skeletons`, (F, 20, 3) numbers: joints in the order of the first
 * Kinect, metres, camera frame, y up.
 *
 * @module
 */
import { JsonCursor } from "./json_cursor.ts";

/** Joints of the first Kinect. */
export const NW_UCLA_JOINTS = 20;

const FLOAT32_MAX = 3.4028234663852886e38;

/** One recording. */
export interface NwUclaClip {
  /** Frames, F. */
  readonly frames: number;
  /** float32 (F, 20, 3). */
  readonly positions: Float32Array;
  /** From 1. */
  readonly label: number;
  /** What the file calls itself, where it does. */
  readonly fileName: string | undefined;
}

/**
 * Reads a whole file.
 *
 * @param file What to call it in an error.
 * @throws {import("./bad_recording.ts").BadRecording} If it is cut short or otherwise no JSON, lacks
 * `skeletons` or `label`, has a joint count other than 20, or holds what is no finite number.
 */
export function readNwUclaJson(bytes: Uint8Array, file: string): NwUclaClip {
  const cursor = new JsonCursor(bytes, file);
  if (cursor.peek() === "") throw cursor.bad("the file is empty");
  const seen = new Set<string>();
  const numbers = new FrameNumbers();
  let label = 0;
  let fileName: string | undefined;
  cursor.object("the recording", (key) => {
    if (seen.has(key)) throw cursor.bad(`the key ${JSON.stringify(key)} comes twice`);
    seen.add(key);
    if (key === "skeletons") {
      readSkeletons(cursor, numbers);
    } else if (key === "label") {
      label = cursor.number(() => "label");
      if (!Number.isInteger(label) || label < 1) {
        throw cursor.bad(`expected label to be a whole number from 1, found ${label}`);
      }
    } else if (key === "file_name") {
      fileName = cursor.string("file_name");
    } else {
      cursor.skip(key);
    }
  });
  cursor.end();
  for (const key of ["skeletons", "label"]) {
    if (!seen.has(key)) throw cursor.bad(`expected the key ${JSON.stringify(key)}, found none`);
  }
  const positions = numbers.values();
  return { frames: positions.length / (NW_UCLA_JOINTS * 3), positions, label, fileName };
}

function readSkeletons(cursor: JsonCursor, numbers: FrameNumbers): void {
  let frame = 0, joint = 0, axis = 0;
  const where = () => `${"xyz"[axis]} of joint ${joint + 1} of frame ${frame + 1}`;
  const readAxis = (index: number) => {
    axis = index;
    if (axis > 2) {
      throw cursor.bad(
        `expected 3 coordinates of joint ${joint + 1} of frame ${frame + 1}, found more`,
      );
    }
    const value = cursor.number(where);
    if (!(Math.abs(value) <= FLOAT32_MAX)) {
      throw cursor.bad(`${where()} is too large for float32`);
    }
    numbers.push(value);
  };
  const readJoint = (index: number) => {
    joint = index;
    if (joint >= NW_UCLA_JOINTS) {
      throw cursor.bad(`expected ${NW_UCLA_JOINTS} joints in frame ${frame + 1}, found more`);
    }
    const coordinates = cursor.array("a joint's coordinates", readAxis);
    if (coordinates !== 3) {
      throw cursor.bad(
        `expected 3 coordinates of joint ${joint + 1} of frame ${frame + 1}, found ${coordinates}`,
      );
    }
  };
  cursor.array("skeletons", (index) => {
    frame = index;
    const joints = cursor.array("a frame's joints", readJoint);
    if (joints !== NW_UCLA_JOINTS) {
      throw cursor.bad(
        `expected ${NW_UCLA_JOINTS} joints in frame ${frame + 1}, found ${joints}`,
      );
    }
  });
}

/** Float32 numbers, growing. */
class FrameNumbers {
  #values = new Float32Array(NW_UCLA_JOINTS * 3 * 64);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float32Array(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  values(): Float32Array {
    return this.#values.slice(0, this.#length);
  }
}
