/**
 * From the layouts of prepared files to that of `raw_clips`, (F, M, 25, 3).
 *
 * @module
 */
import { BadRecording } from "../formats/bad_recording.ts";
import type { NpyData } from "../formats/npy_data.ts";
import { JOINT_NAMES, JOINTS } from "../skeleton/joints.ts";

/** Where the number of a frame, body, joint and axis stands in a clip of some layout. */
export interface PoseLayout {
  /** Frames, padding included. */
  readonly frames: number;
  /** Bodies that there is room for. */
  readonly bodies: number;
  /** Steps between neighbours, in elements. */
  readonly frame: number;
  readonly body: number;
  readonly joint: number;
  readonly axis: number;
}

/** Frames of a clip that are read; NTU's longest has 300, PKU-MMD's some thousands. */
export const MOST_FRAMES = 20_000;

/** (T, M, V, C), as in CTR-GCN's `x_train`. */
export function layoutTMVC(frames: number, bodies: number): PoseLayout {
  return { frames, bodies, frame: bodies * JOINTS * 3, body: JOINTS * 3, joint: 3, axis: 1 };
}

/** (C, T, V, M), as in ST-GCN's `train_data.npy`. */
export function layoutCTVM(frames: number, bodies: number): PoseLayout {
  const frame = JOINTS * bodies;
  return { frames, bodies, frame, body: 1, joint: bodies, axis: frames * frame };
}

/** (M, T, V, C), as PYSKL's `keypoint`. */
export function layoutMTVC(frames: number, bodies: number): PoseLayout {
  return { frames, bodies, frame: JOINTS * 3, body: frames * JOINTS * 3, joint: 3, axis: 1 };
}

/** A clip in the layout of `raw_clips`, and what was left off. */
export interface ArrangedPose {
  readonly positions: Float32Array;
  readonly padding: number;
  readonly bodiesLeft: number;
}

/**
 * Brings a clip to (F, `bodies`, 25, 3), without the frames at its end that are zero throughout.
 *
 * @param bodies Slots of the result; further bodies are left off, missing ones are zero.
 * @param place What to call the clip in an error.
 * @throws {BadRecording} If the bodies kept are zero throughout, or a number is not finite as
 * float32.
 */
export function arrangePose(
  data: ArrayLike<number>,
  layout: PoseLayout,
  bodies: number,
  place: string,
): ArrangedPose {
  const kept = Math.min(bodies, layout.bodies);
  const frames = lengthWithoutPadding(data, layout, kept);
  if (frames === 0) throw new BadRecording(place, "all its coordinates are zero");
  const positions = new Float32Array(frames * bodies * JOINTS * 3);
  for (let t = 0; t < frames; t++) {
    for (let m = 0; m < kept; m++) {
      let from = t * layout.frame + m * layout.body;
      let to = (t * bodies + m) * JOINTS * 3;
      for (let v = 0; v < JOINTS; v++, from += layout.joint, to += 3) {
        positions[to] = data[from]!;
        positions[to + 1] = data[from + layout.axis]!;
        positions[to + 2] = data[from + 2 * layout.axis]!;
      }
    }
  }
  requireFinite(positions, bodies, place);
  let bodiesLeft = 0;
  for (let m = kept; m < layout.bodies; m++) {
    if (bodyIsThere(data, layout, m)) bodiesLeft++;
  }
  return { positions, padding: layout.frames - frames, bodiesLeft };
}

/** Whether a frame of a body has a number that is not zero. */
function frameIsThere(
  data: ArrayLike<number>,
  layout: PoseLayout,
  frame: number,
  body: number,
): boolean {
  const start = frame * layout.frame + body * layout.body;
  for (let v = 0; v < JOINTS; v++) {
    for (let c = 0; c < 3; c++) {
      if (data[start + v * layout.joint + c * layout.axis] !== 0) return true;
    }
  }
  return false;
}

function bodyIsThere(data: ArrayLike<number>, layout: PoseLayout, body: number): boolean {
  for (let t = 0; t < layout.frames; t++) if (frameIsThere(data, layout, t, body)) return true;
  return false;
}

function lengthWithoutPadding(
  data: ArrayLike<number>,
  layout: PoseLayout,
  bodies: number,
): number {
  for (let t = layout.frames - 1; t >= 0; t--) {
    for (let m = 0; m < bodies; m++) if (frameIsThere(data, layout, t, m)) return t + 1;
  }
  return 0;
}

function requireFinite(positions: Float32Array, bodies: number, place: string): void {
  for (let at = 0; at < positions.length; at++) {
    if (Number.isFinite(positions[at])) continue;
    const joint = Math.floor(at / 3) % JOINTS;
    const frame = Math.floor(at / (3 * JOINTS * bodies));
    throw new BadRecording(
      place,
      `expected finite coordinates within float32, found ${positions[at]} as ${"xyz"[at % 3]} of ` +
        `the ${JOINT_NAMES[joint]} in frame ${frame + 1}`,
    );
  }
}

/** The elements of a pose as numbers, or `undefined` if they are no floats. */
export function floatsOf(data: NpyData | readonly string[]): ArrayLike<number> | undefined {
  return data instanceof Float32Array || data instanceof Float64Array ||
      data instanceof Float16Array
    ? data
    : undefined;
}

/**
 * Why an array has not the joints that are read, or `undefined` if it has.
 *
 * @param joints Its V.
 * @param axes Its C.
 */
export function jointsFault(joints: number, axes: number): string | undefined {
  if (joints === JOINTS && axes === 3) return undefined;
  const known = axes === 2 || joints === 17
    ? " (poses in the image plane, such as HRNet's 17 COCO joints, are another kind of data)"
    : "";
  return `expected the ${JOINTS} joints of Kinect v2 with x, y, z, found ${joints} joints with ` +
    `${axes} numbers each${known}`;
}
