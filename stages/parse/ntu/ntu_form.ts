/**
 * NTU RGB+D recordings as the parse loop sees them.
 *
 * @module
 */
import { BadRecording } from "../../formats/bad_recording.ts";
import { counted } from "../../formats/counted.ts";
import { NTU_NAME_FORM, parseNtuName } from "../../formats/ntu_name.ts";
import { readSkeletonText } from "../../formats/skeleton_text.ts";
import type { ClipFrames, NameReading, RecordingForm } from "../recording_form.ts";
import type { ParseNtuParams } from "./definition.ts";
import { missingNames } from "./missing_lists.ts";

/** Actions of the published data sets. */
export const NTU_ACTIONS = { ntu60: 60, ntu120: 120 } as const;

/** The form, for some parameters. */
export function ntuForm(params: ParseNtuParams): RecordingForm {
  const { dataset, bodies, classes } = params;
  const list = params.missing !== "dataset" ? params.missing : dataset === "ntu" ? "none" : dataset;
  const missing = list === "none" ? new Set<string>() : missingNames(list);
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
    read: (bytes, file) => readClip(bytes, file, bodies),
  };
}

function readClip(bytes: Uint8Array, file: string, bodies: number): ClipFrames {
  const clip = readSkeletonText(bytes, file, bodies);
  if (clip.validFrames === 0) {
    throw new BadRecording(
      file,
      clip.bodyRecords === 0
        ? `no frame has a body (${counted(clip.frames, "frame")})`
        : `no frame has a first body with coordinates (${counted(clip.frames, "frame")})`,
      1,
    );
  }
  const { frames, positions, nonFiniteColumns } = clip;
  return {
    frames,
    positions,
    ...(nonFiniteColumns === 0
      ? {}
      : { note: `not finite, though nothing reads it: ${counted(nonFiniteColumns, "number")}` }),
  };
}
