/**
 * A small synthetic data set for tests, and what stands in its files.
 *
 * @module
 */
import { formatNtuName, type NtuName } from "../../../stages/formats/ntu_name.ts";
import { readSkeletonText, type SkeletonClip } from "../../../stages/formats/skeleton_text.ts";
import { recordingNames } from "../../../stages/synth/cast.ts";
import { type SynthParams, synthParams } from "../../../stages/synth/definition.ts";
import type { Recording } from "../../../stages/synth/sensor.ts";
import { skeletonText } from "../../../stages/synth/skeleton_writer.ts";
import { Studio } from "../../../stages/synth/studio.ts";

/** Parameters of a data set that takes a moment to make. */
export function smallParams(changes: Partial<SynthParams> = {}): SynthParams {
  return synthParams.parse({
    actions: 5,
    performers: 2,
    replications: 1,
    frames: [12, 20],
    missing: 0.5,
    passers_by: 0.3,
    seed: 7,
    ...changes,
  });
}

/** One file of a data set: as made, as written, and as read. */
export interface MadeFile {
  readonly name: NtuName;
  readonly recording: Recording;
  readonly text: Uint8Array;
  readonly clip: SkeletonClip;
}

/** All files of a data set, without writing them. */
export function makeFiles(params: SynthParams, studio = new Studio(params)): MadeFile[] {
  return recordingNames(params).map((name) => {
    const recording = studio.recording(name);
    const text = skeletonText(recording);
    const clip = readSkeletonText(text, `${formatNtuName(name)}.skeleton`, 2);
    return { name, recording, text, clip };
  });
}
