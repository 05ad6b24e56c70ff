/**
 * Northwestern-UCLA recordings as the parse loop sees them.
 *
 * @module
 */
import { BadRecording } from "../../formats/bad_recording.ts";
import { counted } from "../../formats/counted.ts";
import { NW_UCLA_JOINTS, readNwUclaJson } from "../../formats/nw_ucla_json.ts";
import { NW_UCLA_ACTIONS, NW_UCLA_NAME_FORM, parseNwUclaName } from "../../formats/nw_ucla_name.ts";
import { JOINTS } from "../../skeleton/joints.ts";
import type { ClipFrames, ClipIdentity, NameReading, RecordingForm } from "../recording_form.ts";

/**
 * The joint of the first Kinect from which each of the 25 is taken. The first 20 are the same; the
 * rest it does not see: spine at shoulder level is its shoulder centre, tips and thumbs its hands.
 */
export const JOINT_SOURCES: readonly number[] = [
  ...Array.from({ length: NW_UCLA_JOINTS }, (_, joint) => joint),
  ...[2, 7, 7, 11, 11],
];

/** The form: one body in the first of one or two slots, no setups. */
export function nwUclaForm(bodies: 1 | 2 = 1): RecordingForm {
  return {
    dataset: "nw_ucla",
    extension: ".json",
    bodies,
    identify: (name): NameReading => {
      const parsed = parseNwUclaName(name);
      if (parsed === undefined) {
        return { kind: "bad", reason: `expected a name of the form ${NW_UCLA_NAME_FORM}` };
      }
      const label = NW_UCLA_ACTIONS.indexOf(parsed.action);
      if (label < 0) {
        return {
          kind: "bad",
          reason: `expected one of the actions ${
            NW_UCLA_ACTIONS.join(", ")
          }, found ${parsed.action}`,
        };
      }
      const { subject, view, episode } = parsed;
      return {
        kind: "clip",
        identity: { label, subject, camera: view, setup: 0, replication: episode },
      };
    },
    read: (bytes, file, identity) => {
      const clip = readClip(bytes, file, identity);
      return bodies === 1 ? clip : { ...clip, positions: withEmptyBody(clip.positions) };
    },
  };
}

/** (F, 1, 25, 3) as (F, 2, 25, 3), the second body all zero. */
function withEmptyBody(positions: Float32Array): Float32Array {
  const frame = JOINTS * 3;
  const out = new Float32Array(2 * positions.length);
  for (let at = 0; at < positions.length; at += frame) {
    out.set(positions.subarray(at, at + frame), 2 * at);
  }
  return out;
}

function readClip(bytes: Uint8Array, file: string, identity: ClipIdentity): ClipFrames {
  const clip = readNwUclaJson(bytes, file);
  if (clip.label !== identity.label + 1) {
    throw new BadRecording(
      file,
      `expected label ${identity.label + 1}, as its name says, found ${clip.label}`,
    );
  }
  const { frames } = clip;
  if (frames === 0) throw new BadRecording(file, "skeletons has no frames");
  const positions = new Float32Array(frames * JOINTS * 3);
  let valid = 0;
  for (let frame = 0; frame < frames; frame++) {
    for (let joint = 0; joint < JOINTS; joint++) {
      const from = (frame * NW_UCLA_JOINTS + JOINT_SOURCES[joint]!) * 3;
      positions.set(clip.positions.subarray(from, from + 3), (frame * JOINTS + joint) * 3);
    }
    const base = clip.positions.subarray(frame * NW_UCLA_JOINTS * 3).subarray(0, 3);
    if (base.some((value) => value !== 0)) valid++;
  }
  if (valid === 0) {
    throw new BadRecording(
      file,
      `no frame has a body with coordinates (${counted(frames, "frame")})`,
    );
  }
  const own = file.replace(/\.json$/i, "");
  const renamed = clip.fileName !== undefined && clip.fileName.replace(/\.json$/i, "") !== own;
  return { frames, positions, ...(renamed ? { note: `calls itself ${clip.fileName}` } : {}) };
}
