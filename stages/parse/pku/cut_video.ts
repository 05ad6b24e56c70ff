/**
 * Cuts one video into its clips, and says what is wrong with those that cannot be had.
 *
 * @module
 */
import { BadRecording } from "../../formats/bad_recording.ts";
import { counted } from "../../formats/counted.ts";
import { PKU_COLUMNS, type PkuVideo, readPkuSkeleton } from "../../formats/pku_skeleton.ts";
import type { ParseReport } from "../parse_report.ts";
import type { RawClipsWriter } from "../raw_clips_writer.ts";
import { piecesOf } from "./pieces.ts";
import { cutSpan } from "./cut.ts";
import type { ParsePkuParams } from "./definition.ts";
import type { PlannedClip, PlannedVideo } from "./planned_clips.ts";

const BODY_COLUMNS = PKU_COLUMNS / 2;

/**
 * Appends a video's clips; those without a body are left out.
 *
 * @param params With one slot for bodies the second of the file is not kept.
 * @returns The video's frames; 0 where it cannot be read.
 */
export async function cutVideo(
  planned: PlannedVideo,
  params: Pick<ParsePkuParams, "bodies" | "cut" | "overhang">,
  writer: RawClipsWriter,
  report: ParseReport,
): Promise<number> {
  let video = planned;
  let read: PkuVideo;
  try {
    read = await readVideo(video);
    const shorter = params.overhang === "shorten" ? shortened(video, read.frames, params) : video;
    if (shorter !== video) {
      // What is in the middle of a shorter action is known only now; this is rare.
      read = await readVideo(video = shorter);
      for (const [i, { name, span }] of video.clips.entries()) {
        if (span === planned.clips[i]!.span) continue;
        const over = planned.clips[i]!.label.end - read.frames;
        const note = `the action ends ${counted(over, "frame")} after the video and is cut there`;
        report.notes.push({ name, note });
      }
    }
  } catch (error) {
    if (!(error instanceof BadRecording)) throw error;
    report.exclude(
      new BadRecording(
        error.file,
        `${error.reason}; the video is left out with its ${counted(video.clips.length, "clip")}`,
        error.line,
      ),
    );
    return 0;
  }
  for (const [i, clip] of video.clips.entries()) {
    const { line, start, end } = clip.label;
    const found = end > read.frames ? undefined : read.spans[i];
    if (found === undefined) {
      const reason =
        `expected an action within the ${
          counted(read.frames, "frame")
        } of ${video.skeleton.path}, found one that ends at ${end}` +
        (params.overhang === "leave_out" && start <= read.frames
          ? " (with overhang: shorten what there is would be taken)"
          : "");
      report.exclude(new BadRecording(video.labels.path, reason, line));
    } else if (found.fault !== undefined) {
      const { file, line, reason } = found.fault;
      report.exclude(new BadRecording(file, `${reason}; clip ${clip.name} is left out`, line));
    } else {
      await append(clip, video, found.positions, params.bodies, writer, report);
    }
  }
  return read.frames;
}

/** The same video with no action that ends after it, or itself if there was none. */
function shortened(
  video: PlannedVideo,
  frames: number,
  { cut }: Pick<ParsePkuParams, "cut">,
): PlannedVideo {
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

async function readVideo({ skeleton, clips }: PlannedVideo): Promise<PkuVideo> {
  try {
    return await readPkuSkeleton(
      piecesOf(skeleton),
      skeleton.path,
      clips.map(({ span }) => span),
    );
  } catch (error) {
    if (error instanceof BadRecording) throw error;
    throw new BadRecording(skeleton.path, `cannot be read: ${(error as Error).message}`);
  }
}

async function append(
  { name, identity, span }: PlannedClip,
  { skeleton }: PlannedVideo,
  both: Float32Array<ArrayBuffer>,
  bodies: number,
  writer: RawClipsWriter,
  report: ParseReport,
): Promise<void> {
  const frames = `frames ${span.first + 1} to ${span.first + span.frames} of ${skeleton.path}`;
  const positions = bodies === 2 ? both : firstBodies(both);
  if (positions.every((value) => value === 0)) {
    report.leave(name, `all coordinates are zero in ${frames}`);
  } else if (firstBodies(both).every((value) => value === 0)) {
    report.leave(name, `there is no first body in ${frames}`);
  } else {
    await writer.append(name, identity, positions);
  }
}

function firstBodies(both: Float32Array): Float32Array {
  const first = new Float32Array(both.length / 2);
  for (let from = 0, to = 0; to < first.length; from += PKU_COLUMNS, to += BODY_COLUMNS) {
    first.set(both.subarray(from, from + BODY_COLUMNS), to);
  }
  return first;
}
