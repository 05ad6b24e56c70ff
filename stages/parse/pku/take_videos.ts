/**
 * The loop of `parse_pku`: from planned videos to the clips of `raw_clips`, with a checkpoint after each
 * full shard. A shard may be full amid a video; a run that goes on there cuts that video again.
 *
 * @module
 */
import type { StageContext } from "../../../pipeline/stage.ts";
import { BadRecording } from "../../formats/bad_recording.ts";
import { JOINTS } from "../../skeleton/joints.ts";
import { type ParseProgress, resumeParse, saveParse } from "../parse_checkpoint.ts";
import type { RawClipsWriter } from "../raw_clips_writer.ts";
import type { CutClip, Fault } from "./cut_video.ts";
import { cutVideos } from "./cut_videos.ts";
import type { ParsePkuParams } from "./definition.ts";
import type { PlannedClip, PlannedVideo } from "./planned_clips.ts";

/** What the loop needs of the stage's context. */
type Context = Pick<
  StageContext<ParsePkuParams>,
  | "params"
  | "threads"
  | "output"
  | "progress"
  | "breathe"
  | "checkpoint"
  | "resume"
  | "stopping"
  | "stopped"
>;

/** Cuts videos and appends their clips. */
export async function takeVideos(
  ctx: Context,
  videos: readonly PlannedVideo[],
  progress: ParseProgress,
): Promise<void> {
  const { threads = navigator.hardwareConcurrency } = ctx;
  // Planned clips that are done, whether there are such in the end or not.
  let done = await resumeParse(ctx, progress);
  const { first, clips } = placeOf(videos, done);
  done -= clips;
  let taken = first, skip = clips;
  for await (const { video, cut } of cutVideos(videos.slice(first), ctx.params, threads)) {
    if (cut.kind === "bad") {
      progress.report.exclude(badRecording(cut.fault));
    } else {
      for (const [i, clip] of cut.clips.entries()) {
        if (i < skip) continue;
        if (clip.kind === "clip" && fillsShard(progress.writer, clip.positions, ctx.params)) {
          await progress.writer.closeShard();
          await saveParse(ctx, progress, done + i);
        }
        await takeClip(video.clips[i]!, clip, progress);
      }
    }
    skip = 0;
    done += video.clips.length;
    ctx.progress(++taken, videos.length, "videos");
    await ctx.breathe();
    if (ctx.stopping) ctx.stopped();
  }
}

/** The first video that is not done after so many clips, and how many of its clips are. */
function placeOf(
  videos: readonly PlannedVideo[],
  done: number,
): { readonly first: number; readonly clips: number } {
  let left = done, first = 0;
  for (; first < videos.length && videos[first]!.clips.length <= left; first++) {
    left -= videos[first]!.clips.length;
  }
  return { first, clips: left };
}

function fillsShard(
  writer: RawClipsWriter,
  positions: Float32Array,
  { bodies }: ParsePkuParams,
): boolean {
  return writer.fillsShard(positions.length / (bodies * JOINTS * 3));
}

async function takeClip(
  { name, identity }: PlannedClip,
  clip: CutClip,
  { writer, report }: ParseProgress,
): Promise<void> {
  if (clip.note !== undefined) report.notes.push({ name, note: clip.note });
  if (clip.kind === "bad") report.exclude(badRecording(clip.fault));
  else if (clip.kind === "empty") report.leave(name, clip.reason);
  else await writer.append(name, identity, clip.positions);
}

function badRecording({ file, reason, line }: Fault): BadRecording {
  return new BadRecording(file, reason, line);
}
