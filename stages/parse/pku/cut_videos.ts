/**
 * Videos one after another with what was cut out of each: in this thread, or in several.
 *
 * @module
 */
import type { RecordingFile } from "../../formats/recording_source.ts";
import { inOrder, ParsePool, worthStarting } from "../parse_pool.ts";
import { type CutParams, type CutVideo, cutVideo } from "./cut_video.ts";
import { piecesOf } from "./pieces.ts";
import { PKU_WORKER } from "./pku_worker_url.ts";
import type { PlannedVideo } from "./planned_clips.ts";
import { cutTask, fitsMemory, type VideoTask } from "./video_task.ts";

/** A video and what became of it. */
export interface CutOutcome {
  readonly video: PlannedVideo;
  readonly cut: CutVideo;
}

/** Fewer videos a thread are not worth starting it. */
const LEAST_SHARE = 6;

/** Cuts videos; they come out in their order. */
export async function* cutVideos(
  videos: readonly PlannedVideo[],
  params: CutParams,
  threads: number,
): AsyncGenerator<CutOutcome> {
  const count = worthStarting(threads, videos.length, LEAST_SHARE);
  if (count < 2) {
    for (const video of videos) yield { video, cut: await cutHere(video, params) };
    return;
  }
  const { bodies, cut, overhang } = params;
  const source = { entry: PKU_WORKER, params: { bodies, cut, overhang } satisfies CutParams };
  const pool = new ParsePool<VideoTask, CutVideo>(
    source,
    count,
    ({ from }) => typeof from === "string" ? [] : [from.bytes.buffer as ArrayBuffer],
  );
  try {
    yield* inOrder(videos, pool.width, (video) => cutElsewhere(video, params, pool));
  } finally {
    pool.close();
  }
}

async function cutHere(video: PlannedVideo, params: CutParams): Promise<CutVideo> {
  const task = await taskOf(video);
  return task === undefined
    ? await cutVideo(plainVideo(video), () => piecesOf(video.skeleton), params)
    : await cutTask(task, params);
}

async function cutElsewhere(
  video: PlannedVideo,
  params: CutParams,
  pool: ParsePool<VideoTask, CutVideo>,
): Promise<CutOutcome> {
  const task = await taskOf(video);
  if (task === undefined) return { video, cut: await cutHere(video, params) };
  const [cut] = await pool.parse([task]);
  return { video, cut: cut! };
}

/** What another thread needs; `undefined` for what only this one can read. */
async function taskOf(video: PlannedVideo): Promise<VideoTask | undefined> {
  const from = await sourceOf(video.skeleton);
  return from === undefined ? undefined : { ...plainVideo(video), from };
}

async function sourceOf(file: RecordingFile): Promise<VideoTask["from"] | undefined> {
  if (file.plain !== undefined) return file.plain;
  if (file.packed === undefined || !fitsMemory(file)) return undefined;
  try {
    return await file.packed();
  } catch {
    // Reading it piece by piece will say what is wrong.
    return undefined;
  }
}

/** A video without what cannot be sent to another thread. */
function plainVideo({ skeleton, labels, clips }: PlannedVideo) {
  return {
    skeleton: skeleton.path,
    labels: labels.path,
    clips: clips.map(({ name, label, span }) => ({ name, label, span })),
  };
}
