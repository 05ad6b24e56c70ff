/**
 * PYSKL's form, which MMAction2 uses too: a pickle of a dictionary with `split`, lists of names by the
 * split's name, and `annotations`, a list with one dictionary a clip: `frame_dir` (its name),
 * `label`, `total_frames` and `keypoint` of shape (M, T, 25, 3), float16 or float32. An older form is
 * the list alone.
 *
 * @module
 */
import { BadRecording } from "../../formats/bad_recording.ts";
import { openPickle, type PickleFile } from "../../formats/pickle_reader.ts";
import {
  describePickleValue,
  PickleArray,
  PickleSlice,
  type PickleValue,
} from "../../formats/pickle_value.ts";
import { UnusableInput } from "../../formats/unusable_input.ts";
import { wholeLabel } from "../class_labels.ts";
import { arrangePose, floatsOf, jointsFault, layoutMTVC, MOST_FRAMES } from "../pose_layout.ts";
import type { NamedSplit, PreparedClip, PreparedSource } from "../prepared_source.ts";
import { pairSplits } from "./split_pairs.ts";

type Annotation = ReadonlyMap<unknown, PickleValue>;

/** What the stage decides about reading. */
export interface PysklOptions {
  readonly bodies: number;
  /** What a split that is only called `train` and `val` is called. */
  readonly protocol: string;
}

/**
 * Opens a file: the structure is read, the poses stay in the file until their clip is asked for.
 *
 * @throws {UnusableInput} If it is broken or holds something else.
 */
export function openPyskl(path: string, { bodies, protocol }: PysklOptions): PreparedSource {
  const file = openPickle(path);
  try {
    const { value } = file;
    const annotations = value instanceof Map ? value.get("annotations") : value;
    if (!Array.isArray(annotations)) {
      throw new UnusableInput(
        `${path}: expected a dictionary with split and annotations, or a list of annotations, ` +
          `found ${describePickleValue(value)}` +
          (value instanceof Map ? ` with ${[...value.keys()].slice(0, 8).join(", ")}` : ""),
      );
    }
    const { splits, notes } = readSplits(path, value, protocol);
    return {
      form: "pyskl",
      total: annotations.length,
      classes: undefined,
      notes,
      clips: () => clipsOf(path, file, annotations, bodies),
      splits: () => splits,
      close: () => Promise.resolve(file.close()),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function readSplits(
  path: string,
  value: PickleValue,
  protocol: string,
): { splits: ReadonlyMap<string, NamedSplit>; notes: readonly string[] } {
  const split = value instanceof Map ? value.get("split") ?? null : null;
  if (split === null) return { splits: new Map(), notes: ["the clips come without a split"] };
  if (!(split instanceof Map)) {
    throw new UnusableInput(
      `${path}: split: expected a dictionary of lists of names, found ${
        describePickleValue(split)
      }`,
    );
  }
  const lists = new Map<string, readonly string[]>();
  for (const [name, names] of split) {
    if (!Array.isArray(names) || !names.every((entry) => typeof entry === "string")) {
      throw new UnusableInput(
        `${path}: split ${name}: expected a list of names, found ${describePickleValue(names)}`,
      );
    }
    lists.set(String(name), names as readonly string[]);
  }
  return pairSplits(lists, protocol);
}

async function* clipsOf(
  path: string,
  file: PickleFile,
  annotations: readonly PickleValue[],
  bodies: number,
): AsyncGenerator<PreparedClip | BadRecording> {
  const used = new Set<number>();
  for (const [i, annotation] of annotations.entries()) {
    try {
      requireOwnPose(annotation, `annotations[${i}]`, used);
      yield clipOf(file, annotation, `annotations[${i}]`, bodies);
    } catch (error) {
      if (!(error instanceof UnusableInput)) throw error;
      // A set of other poses is told at its first clip, not clip by clip.
      if (error instanceof OtherPose) {
        if (i > 0) yield new BadRecording(error.place, error.message);
        else throw new UnusableInput(`${path}: ${error.place}: ${error.message}`);
      } else {
        yield error instanceof BadRecording
          ? error
          : new BadRecording(`annotations[${i}]`, error.message);
      }
    }
  }
}

/**
 * A pickle may refer to one large array a million times; clips that do so are not written out, since
 * they would take more room than the file ever could.
 */
function requireOwnPose(annotation: PickleValue, at: string, used: Set<number>): void {
  const pose = annotation instanceof Map ? annotation.get("keypoint") : undefined;
  if (!(pose instanceof PickleArray) || !(pose.data instanceof PickleSlice)) return;
  if (used.has(pose.data.offset)) {
    throw new BadRecording(at, "its keypoint is that of another clip; the first one keeps it");
  }
  used.add(pose.data.offset);
}

/** A clip of other joints. */
class OtherPose extends UnusableInput {
  readonly place: string;

  constructor(place: string, reason: string) {
    super(reason);
    this.place = place;
  }
}

function clipOf(
  file: PickleFile,
  annotation: PickleValue,
  at: string,
  bodies: number,
): PreparedClip {
  if (!(annotation instanceof Map)) {
    throw new BadRecording(at, `expected a dictionary, found ${describePickleValue(annotation)}`);
  }
  const name = (annotation as Annotation).get("frame_dir") ?? annotation.get("filename");
  if (typeof name !== "string" || name === "") {
    throw new BadRecording(at, `expected a name as frame_dir, found ${describePickleValue(name)}`);
  }
  const place = `${at} (${name})`;
  const label = wholeLabel(annotation.get("label"));
  if (label === undefined) {
    throw new BadRecording(
      place,
      `expected a whole number from 0 as label, found ` +
        describePickleValue(annotation.get("label")),
    );
  }
  const pose = annotation.get("keypoint");
  if (!(pose instanceof PickleArray) || pose.header.shape.length !== 4) {
    throw new BadRecording(
      place,
      "expected keypoint to be an array of shape (bodies, frames, 25, 3), found " +
        describePickleValue(pose),
    );
  }
  const [people, frames, joints, axes] = pose.header.shape as [number, number, number, number];
  const fault = jointsFault(joints, axes);
  if (fault !== undefined) throw new OtherPose(place, fault);
  if (people < 1 || people > 8 || frames < 1 || frames > MOST_FRAMES) {
    throw new BadRecording(
      place,
      `expected 1 to ${MOST_FRAMES} frames and 1 to 8 bodies, found ${describePickleValue(pose)}`,
    );
  }
  const data = ["f2", "f4", "f8"].includes(pose.header.type)
    ? floatsOf(file.array(pose, place).data)
    : undefined;
  if (data === undefined) {
    throw new BadRecording(place, `expected keypoint to be floats, found ${pose.header.type}`);
  }
  return { name, label, place, ...arrangePose(data, layoutMTVC(frames, people), bodies, place) };
}
