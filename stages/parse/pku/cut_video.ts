/**
 * Cuts one video into its clips, and says what is wrong with those that cannot be had. All of it is
 * plain data, so that it can be done in another thread.
 *
 * @module
 */
import { BadRecording } from "../../formats/bad_recording.ts";
import { counted } from "../../formats/counted.ts";
import { PKU_COLUMNS, type PkuVideo, readPkuSkeleton } from "../../formats/pku_skeleton.ts";
import { cutSpan } from "./cut.ts";
import type { ParsePkuParams } from "./definition.ts";
import type { PlannedClip } from "./planned_clips.ts";

const BODY_COLUMNS = PKU_COLUMNS / 2;

/** Parameters that cutting depends on. With one slot for bodies the second of the file is not kept. */
export type CutParams = Pick<ParsePkuParams, "bodies" | "cut" | "overhang">;

/** What is to be cut. */
export interface VideoToCut {
  /** Where the skeleton file and the label file lie, for messages. */
  readonly skeleton: string;
  readonly labels: string;
  readonly clips: readonly Pick<PlannedClip, "name" | "label" | "span">[];
}

/** A fault and its place. */
export interface Fault {
  readonly file: string;
  readonly line: number | undefined;
  readonly reason: string;
}

/** What became of a clip, with a remark on it where there is one. */
export type CutClip =
  & { readonly note?: string }
  & (
    // float32 (F, bodies, 25, 3)
    | { readonly kind: "clip"; readonly positions: Float32Array<ArrayBuffer> }
    | { readonly kind: "bad"; readonly fault: Fault }
    | { readonly kind: "empty"; readonly reason: string }
  );

/** What became of a video: of its clips in their order, or what is wrong with all of it. */
export type CutVideo =
  | { readonly kind: "video"; readonly clips: readonly CutClip[] }
  | { readonly kind: "bad"; readonly fault: Fault };

/**
 * Cuts a video.
 *
 * @param pieces The bytes of its skeleton file from the beginning, in pieces of any size. They are read
 * twice where an action ends after the video and is to be shortened.
 * @throws {Error} For whatever is no fault of the video.
 */
export async function cutVideo(
  planned: VideoToCut,
  pieces: () => AsyncIterable<Uint8Array>,
  params: CutParams,
): Promise<CutVideo> {
  let video = planned;
  let read: PkuVideo;
  try {
    read = await readVideo(video, pieces);
    const shorter = params.overhang === "shorten" ? shortened(video, read.frames, params) : video;
    // What is in the middle of a shorter action is known only now; this is rare.
    if (shorter !== video) read = await readVideo(video = shorter, pieces);
  } catch (error) {
    if (!(error instanceof BadRecording)) throw error;
    const { file, line } = error;
    const left = `the video is left out with its ${counted(planned.clips.length, "clip")}`;
    return { kind: "bad", fault: { file, line, reason: `${error.reason}; ${left}` } };
  }
  const clips = video.clips.map((clip, i): CutClip => {
    const over = planned.clips[i]!.label.end - read.frames;
    const cut = cutClip(video, i, read, params);
    return clip.span === planned.clips[i]!.span ? cut : {
      ...cut,
      note: `the action ends ${counted(over, "frame")} after the video and is cut there`,
    };
  });
  return { kind: "video", clips };
}

/** The same video with no action that ends after it, or itself if there was none. */
function shortened(video: VideoToCut, frames: number, { cut }: CutParams): VideoToCut {
  let any = false;
  const clips = video.clips.map((clip) => {
    const { label } = clip;
    const span = label.end > frames ? cutSpan(cut, label.start, frames) : undefined;
    if (span === undefined) return clip;
    any = true;
    return { ...clip, label: { ...label, end: frames }, span };
  });
  return any ? { ...video, clips } : video;
}

async function readVideo(
  { skeleton, clips }: VideoToCut,
  pieces: () => AsyncIterable<Uint8Array>,
): Promise<PkuVideo> {
  try {
    return await readPkuSkeleton(pieces(), skeleton, clips.map(({ span }) => span));
  } catch (error) {
    if (error instanceof BadRecording) throw error;
    throw new BadRecording(skeleton, `cannot be read: ${(error as Error).message}`);
  }
}

function cutClip(
  { skeleton, labels, clips }: VideoToCut,
  i: number,
  read: PkuVideo,
  { bodies, overhang }: CutParams,
): CutClip {
  const { name, label: { line, start, end }, span } = clips[i]!;
  const found = end > read.frames ? undefined : read.spans[i];
  if (found === undefined) {
    const reason =
      `expected an action within the ${counted(read.frames, "frame")} of ${skeleton}, found one ` +
      `that ends at ${end}` +
      (overhang === "leave_out" && start <= read.frames
        ? " (with overhang: shorten what there is would be taken)"
        : "");
    return { kind: "bad", fault: { file: labels, line, reason } };
  }
  if (found.fault !== undefined) {
    const { file, line, reason } = found.fault;
    const fault = { file, line, reason: `${reason}; clip ${name} is left out` };
    return { kind: "bad", fault };
  }
  const place = `frames ${span.first + 1} to ${span.first + span.frames} of ${skeleton}`;
  const first = firstBodies(found.positions);
  const positions = bodies === 2 ? found.positions : first;
  if (positions.every((value) => value === 0)) {
    return { kind: "empty", reason: `all coordinates are zero in ${place}` };
  }
  if (first.every((value) => value === 0)) {
    return { kind: "empty", reason: `there is no first body in ${place}` };
  }
  return { kind: "clip", positions };
}

function firstBodies(both: Float32Array): Float32Array<ArrayBuffer> {
  const first = new Float32Array(both.length / 2);
  for (let from = 0, to = 0; to < first.length; from += PKU_COLUMNS, to += BODY_COLUMNS) {
    first.set(both.subarray(from, from + BODY_COLUMNS), to);
  }
  return first;
}
