/**
 * NTU RGB+D recordings as the parse loop sees them.
 *
 * @module
 */
import { BadRecording } from "../../formats/bad_recording.ts";
import { counted } from "../../formats/counted.ts";
import { NTU_NAME_FORM, parseNtuName } from "../../formats/ntu_name.ts";
import { readSkeletonRecords } from "../../formats/skeleton_records.ts";
import type { ClipFrames, NameReading, RecordingForm } from "../recording_form.ts";
import { selectBodies } from "./body_selection.ts";
import { bodyTraits } from "./body_traits.ts";
import type { ParseNtuParams } from "./definition.ts";
import { missingNames } from "./missing_lists.ts";

/** Actions of the published data sets. */
export const NTU_ACTIONS = { ntu60: 60, ntu120: 120 } as const;

/** Names to leave out. */
export function missingOf({ dataset, missing }: ParseNtuParams): ReadonlySet<string> {
  const list = missing !== "dataset" ? missing : dataset === "ntu" ? "none" : dataset;
  return list === "none" ? new Set() : missingNames(list);
}

/** The form, for some parameters. */
export function ntuForm(params: ParseNtuParams): RecordingForm {
  const { dataset, bodies, classes } = params;
  const missing = missingOf(params);
  return {
    dataset: "ntu",
    extension: ".skeleton",
    bodies,
    identify: (name): NameReading => {
      const parsed = parseNtuName(name);
      if (parsed === undefined) {
        return { kind: "bad", reason: `expected a name of the form ${NTU_NAME_FORM}` };
      }
      if (dataset !== "ntu" && parsed.action > NTU_ACTIONS[dataset]) return { kind: "outside" };
      if (missing.has(name)) return { kind: "excluded", reason: "listed as missing" };
      if (classes !== undefined && parsed.action > classes) {
        return {
          kind: "bad",
          reason: `expected an action from 1 to ${classes} (parameter classes), found ` +
            `${parsed.action}`,
        };
      }
      const { action, performer, camera, setup, replication } = parsed;
      return {
        kind: "clip",
        identity: { label: action - 1, subject: performer, camera, setup, replication },
      };
    },
    read: (bytes, file) => readClip(bytes, file, params),
  };
}

function readClip(
  bytes: Uint8Array,
  file: string,
  { bodies, bodySelect }: ParseNtuParams,
): ClipFrames {
  const recording = readSkeletonRecords(bytes, file);
  const { frames, records, nonFiniteColumns } = recording;
  const nothing = (what: string) =>
    new BadRecording(file, `no frame has ${what} (${counted(frames, "frame")})`, 1);
  if (records === 0) throw nothing("a body");
  const positions = selectBodies(recording, bodies, bodySelect);
  const traits = bodyTraits(recording, positions, bodies);
  if (traits.valid === 0) throw nothing("a first body with coordinates");
  return {
    frames,
    positions,
    traits: { ...traits },
    ...(nonFiniteColumns === 0
      ? {}
      : { note: `not finite, though nothing reads it: ${counted(nonFiniteColumns, "number")}` }),
  };
}
