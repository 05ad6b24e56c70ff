/**
 * One array of a user's own to the coordinates of a clip.
 *
 * @module
 */
import { BadRecording } from "../../formats/bad_recording.ts";
import { counted } from "../../formats/counted.ts";
import { decodeNpy, type NpyArray, NpyError } from "../../formats/npy.ts";
import { JOINT_NAMES, JOINTS } from "../../skeleton/joints.ts";
import type { ClipFrames } from "../recording_form.ts";
import type { ParseCustomParams } from "./definition.ts";
import { type JointMap, jointMap } from "./joint_map.ts";

/** What is said of how an array is to be read. */
export type ArrayForm = Pick<ParseCustomParams, "layout" | "joints" | "bodies" | "scale" | "up">;

/** An axis of an array: how long it is, and how far apart its entries are. */
interface Axis {
  readonly size: number;
  readonly stride: number;
}

type Axes = Readonly<Record<"T" | "V" | "C" | "M", Axis>>;

/** Arrays beyond this are no single clip, in bytes. */
export const LARGEST_ARRAY = 256 * 2 ** 20;

/** More frames than any shard of clips holds. */
const MOST_FRAMES = 400_000;

/** What is said of a file that is larger. */
export function tooLarge(bytes: number): string {
  return `expected the array of one clip, at most ${LARGEST_ARRAY} bytes, found ${bytes}`;
}

const FLOAT32_MAX = 3.4028234663852886e38;

/** The source and the sign of each coordinate, by the axis that points up. */
const UPRIGHT: Readonly<Record<ArrayForm["up"], readonly (readonly [number, number])[]>> = {
  y: [[0, 1], [1, 1], [2, 1]],
  z: [[0, 1], [2, 1], [1, -1]],
  "-y": [[0, 1], [1, -1], [2, -1]],
};

/**
 * Reads an `.npy` file. A body whose numbers are all NaN in a frame, or all 0, is not there.
 *
 * @param bytes The file.
 * @param file What to call it in an error.
 * @throws {BadRecording} If it is broken, of another shape than the layout and the joints say, or
 * holds a number that is not finite or not a float32, or no body at all.
 */
export function readClipArray(bytes: Uint8Array, file: string, form: ArrayForm): ClipFrames {
  if (bytes.length > LARGEST_ARRAY) throw new BadRecording(file, tooLarge(bytes.length));
  const array = decoded(bytes, file);
  const map = jointMap(form.joints);
  const axes = axesOf(array, file, form.layout, map);
  const { bodies } = form;
  const frames = axes.T.size;
  const positions = new Float32Array(frames * bodies * JOINTS * 3);
  const data = array.data;
  const from = new Int32Array(JOINTS * 3);
  const factors = new Float64Array(JOINTS * 3);
  for (let i = 0; i < from.length; i++) {
    const [source, sign] = UPRIGHT[form.up][i % 3]!;
    from[i] = map.sources[Math.floor(i / 3)]! * axes.V.stride + source * axes.C.stride;
    factors[i] = sign * form.scale;
  }
  let [there, dropped, unknown, first, rooted] = [0, 0, 0, 0, 0];
  for (let frame = 0; frame < frames; frame++) {
    for (let body = 0; body < axes.M.size; body++) {
      const at = frame * axes.T.stride + body * axes.M.stride;
      const state = stateOf(data, at, axes);
      if (state === "unknown") unknown++;
      if (state !== "there") continue;
      if (body >= bodies) {
        dropped++;
        continue;
      }
      there++;
      const to = (frame * bodies + body) * JOINTS * 3;
      for (let i = 0; i < from.length; i++) {
        const value = Number(data[at + from[i]!]);
        // Adding 0 makes 0 of -0, which else would tell of the axis it came from.
        const written = positions[to + i] = value * factors[i]! + 0;
        if (!(Math.abs(written) <= FLOAT32_MAX)) {
          const joint = Math.floor(i / 3);
          throw new BadRecording(
            file,
            `expected a finite ${Number.isFinite(value) ? "float32 " : ""}number as ` +
              `${"xyz"[UPRIGHT[form.up][i % 3]![0]]} of joint ${map.sources[joint]} ` +
              `(${JOINT_NAMES[joint]}) of body ${body + 1} in frame ${frame + 1} of ${frames}, ` +
              `found ${value}`,
          );
        }
      }
      if (body > 0) continue;
      first++;
      if (positions[to] === 0 && positions[to + 1] === 0 && positions[to + 2] === 0) rooted++;
    }
  }
  if (there === 0) {
    throw new BadRecording(
      file,
      `no frame has a body with coordinates (${counted(frames, "frame")})`,
    );
  }
  const notes = [
    ...(dropped === 0
      ? []
      : [`${counted(dropped, "body", "bodies")} beyond slot ${bodies} left out`]),
    ...(unknown === 0 ? [] : [`${counted(unknown, "body", "bodies")} of NaN alone taken for none`]),
    ...(rooted === 0
      ? []
      : [`the spine base is at the origin in ${counted(rooted, "frame")} of ${frames}`]),
  ];
  return {
    frames,
    positions,
    traits: { rooted: first > 0 && rooted === first ? 1 : 0 },
    ...(notes.length === 0 ? {} : { note: notes.join("; ") }),
  };
}

function decoded(bytes: Uint8Array, file: string): NumberArray {
  let array: NpyArray;
  try {
    array = decodeNpy(bytes, file);
  } catch (error) {
    if (!(error instanceof NpyError)) throw error;
    throw new BadRecording(file, error.message.replace(`${file}: `, ""));
  }
  if (array.type === "str" || array.type === "b1") {
    const kind = array.type === "str" ? "text" : "booleans";
    throw new BadRecording(file, `expected numbers, found ${kind}`);
  }
  return array;
}

type NumberArray = Exclude<NpyArray, { readonly type: "str" }>;

/** Which axis of the array is which. */
function axesOf({ shape }: NpyArray, file: string, layout: string, map: JointMap): Axes {
  const letters = shape.length === layout.length - 1 ? layout.replace("M", "") : layout;
  const found = `(${shape.join(", ")})`;
  if (letters.length !== shape.length) {
    throw new BadRecording(
      file,
      `expected an array of ${layout.length} axes (layout ${layout}), found the shape ${found}`,
    );
  }
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const axisOf = (letter: string): Axis => {
    const axis = letters.indexOf(letter);
    return axis < 0 ? { size: 1, stride: 0 } : { size: shape[axis]!, stride: strides[axis]! };
  };
  const axes = { T: axisOf("T"), V: axisOf("V"), C: axisOf("C"), M: axisOf("M") };
  const refuse = (expected: string, size: number) => {
    throw new BadRecording(
      file,
      `expected ${expected}, found ${size} in the shape ${found}, read as (${
        [...letters].join(", ")
      })`,
    );
  };
  if (axes.C.size !== 3) refuse("3 coordinates (C)", axes.C.size);
  if ("exactly" in map.expected && axes.V.size !== map.expected.exactly) {
    refuse(`${map.expected.exactly} joints (V)`, axes.V.size);
  }
  if ("atLeast" in map.expected && axes.V.size < map.expected.atLeast) {
    refuse(`at least ${map.expected.atLeast} joints (V), which joints lists`, axes.V.size);
  }
  if (axes.T.size === 0) refuse("at least 1 frame (T)", 0);
  if (axes.T.size > MOST_FRAMES) refuse(`at most ${MOST_FRAMES} frames (T)`, axes.T.size);
  if (axes.M.size === 0) refuse("at least 1 body (M)", 0);
  return axes;
}

/** Whether a body is there: not all 0, not all NaN. */
function stateOf(
  data: NumberArray["data"],
  from: number,
  { V, C }: Axes,
): "there" | "absent" | "unknown" {
  let zeros = 0;
  let unknowns = 0;
  for (let joint = 0; joint < V.size; joint++) {
    for (let c = 0; c < C.size; c++) {
      const value = Number(data[from + joint * V.stride + c * C.stride]);
      if (value === 0) zeros++;
      else if (Number.isNaN(value)) unknowns++;
      else return "there";
    }
  }
  return unknowns === 0 ? "absent" : zeros === 0 ? "unknown" : "there";
}
