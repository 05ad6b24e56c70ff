/**
 * Writes a synthetic data set into a folder.
 *
 * @module
 */
import { writeJson } from "../formats/json_text.ts";
import { formatNtuName, type NtuName } from "../formats/ntu_name.ts";
import { recordingNames } from "./cast.ts";
import type { SynthParams } from "./definition.ts";
import { skeletonText } from "./skeleton_writer.ts";
import { Studio } from "./studio.ts";
import { type ClipTruth, clipTruth, truth } from "./truth.ts";

/** What was written. */
export interface Written {
  readonly files: number;
  readonly frames: number;
  /** Of the `.skeleton` files. */
  readonly bytes: number;
}

/**
 * Makes all recordings: `skeletons/*.skeleton` and `truth.json`.
 *
 * @param folder Must exist.
 * @param progress Told after every file; may throw to stop.
 */
export async function writeRecordings(
  folder: string,
  params: SynthParams,
  progress: (done: number, total: number) => void | Promise<void>,
): Promise<Written> {
  await Deno.mkdir(`${folder}/skeletons`, { recursive: true });
  const studio = new Studio(params);
  const clips: ClipTruth[] = [];
  const written = { files: 0, frames: 0, bytes: 0 };
  const names = recordingNames(params).sort(byPerformance);
  for (const name of names) {
    const recording = studio.recording(name);
    const text = skeletonText(recording);
    await Deno.writeFile(`${folder}/skeletons/${formatNtuName(name)}.skeleton`, text);
    clips.push(clipTruth(recording, studio.actions[name.action - 1]!.people));
    written.files++;
    written.frames += recording.frames;
    written.bytes += text.length;
    await progress(written.files, names.length);
  }
  clips.sort((a, b) => a.name < b.name ? -1 : 1);
  await writeJson(`${folder}/truth.json`, truth(params, studio, clips));
  return written;
}

/** All cameras of a performance one after another, so that it is acted out once. */
function byPerformance(a: NtuName, b: NtuName): number {
  return a.setup - b.setup || a.performer - b.performer || a.replication - b.replication ||
    a.action - b.action || a.camera - b.camera;
}
