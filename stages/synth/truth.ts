/**
 * What is true of a synthetic data set: `truth.json`, for tests of a parser, of splits, and of what a
 * model looks at.
 *
 * @module
 */
import { formatNtuName } from "../formats/ntu_name.ts";
import { BODY_PARTS } from "../skeleton/parts.ts";
import type { SynthParams } from "./definition.ts";
import type { Recording } from "./sensor.ts";
import type { Studio } from "./studio.ts";

/** What is true of one file. */
export interface ClipTruth {
  /** Without extension. */
  readonly name: string;
  readonly frames: number;
  /** Body records in the file, over all frames. */
  readonly body_records: number;
  readonly line_end: "LF" | "CRLF";
  /** Frames, from 0, that list another number of bodies than the action has people. */
  readonly irregular_frames: readonly number[];
}

/** What is true of a recording. */
export function clipTruth(recording: Recording, people: number): ClipTruth {
  const { name, frames, bodies, crlf } = recording;
  const counts = Array.from(
    { length: frames },
    (_, frame) => bodies.filter((body) => body.present[frame] === 1).length,
  );
  return {
    name: formatNtuName(name),
    frames,
    body_records: counts.reduce((sum, count) => sum + count, 0),
    line_end: crlf ? "CRLF" : "LF",
    irregular_frames: counts.flatMap((count, frame) => count === people ? [] : [frame]),
  };
}

/**
 * The value of `truth.json`. Angles are in radians, lengths in metres.
 *
 * @param clips In lexicographic order of names.
 */
export function truth(
  params: SynthParams,
  studio: Studio,
  clips: readonly ClipTruth[],
): Record<string, unknown> {
  return {
    format: "synth_truth/1",
    parameters: params,
    parts: Object.fromEntries(BODY_PARTS.map(({ name, joints }) => [name, joints])),
    actions: studio.actions.map(({ number, ...action }) => ({
      action: number,
      label: number - 1,
      ...action,
    })),
    performers: studio.performers.map(({ number, height, tempo, amplitude }) => ({
      performer: number,
      height,
      tempo,
      amplitude,
    })),
    cameras: studio.cameras,
    clips,
  };
}
