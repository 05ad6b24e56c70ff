/**
 * A Worker that cuts videos of PKU-MMD.
 *
 * @module
 */
import { serveTasks } from "../serve_tasks.ts";
import type { CutParams, CutVideo } from "./cut_video.ts";
import { cutTask, type VideoTask } from "./video_task.ts";

serveTasks(
  (params: CutParams) => (task: VideoTask): Promise<CutVideo> => cutTask(task, params),
  (cut) =>
    cut.kind === "bad"
      ? []
      : cut.clips.flatMap((clip) => clip.kind === "clip" ? [clip.positions.buffer] : []),
);
