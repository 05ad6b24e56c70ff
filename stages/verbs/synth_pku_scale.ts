/**
 * `synth DIR --scale pku1`: as many long videos as a part of PKU-MMD has, with labels and splits.
 *
 * @module
 */
import type { Call } from "../../pipeline/verb.ts";

/** Scales of PKU-MMD. */
export const PKU_SCALES: readonly string[] = ["pku1", "pku2"];

/** Options that mean nothing for long videos. */
const FOREIGN = ["setups", "passers-by"];

/** Why the options do not go together, or undefined. */
export function pkuScaleProblem(call: Call): string | undefined {
  if (call.flag("archives")) return "--archives: not with the videos of PKU-MMD";
  const given = FOREIGN.find((name) => call.value(name) !== undefined);
  return given && `--${given}: not with the videos of PKU-MMD, which have none; leave it out`;
}

/**
 * Writes the videos of a whole part.
 *
 * @param params Of `synth`, as far as they were given.
 * @param progress Told after every video.
 * @returns The exit status.
 */
export async function writePkuScale(
  call: Call,
  params: Readonly<Record<string, unknown>>,
  progress: (done: number, total: number) => void,
): Promise<number> {
  const { fullProgramme, fullScaleParams } = await import("../synth/pku/full_scale.ts");
  const { writeVideos } = await import("../synth/pku/write_videos.ts");
  const folder = call.args.DIR!;
  const full = fullScaleParams(call.value("scale") === "pku1" ? 1 : 2, params);
  const written = await writeVideos(folder, full, progress, fullProgramme(full));
  const { files, clips, frames, bytes } = written;
  call.terminal.out(
    call.flag("json")
      ? `${JSON.stringify({ folder, ...written }, undefined, 2)}\n`
      : `${files} videos with ${clips} labelled actions, ${frames} frames, ` +
        `${(bytes / 1e6).toFixed(1)} MB of text: ${folder}\n`,
  );
  return 0;
}
