/**
 * Writes a recording as the `.skeleton` text of NTU RGB+D (method section 1.2), every column filled.
 *
 * @module
 */
import { JOINTS } from "../skeleton/joints.ts";
import { NumberWriter } from "./number_writer.ts";
import type { Recording, TrackedBody } from "./sensor.ts";

/** Pixels of the depth image: focal length and centre. */
const DEPTH = { focal: 365.4, x: 256.5, y: 208.1 } as const;
/** Pixels of the colour image, whose lens is 52 mm beside that of the depth image. */
const COLOUR = { focal: 1081.4, x: 959.5, y: 539.5, beside: 0.052 } as const;

/** Joints at the ends of limbs: the sensor gives them no orientation. */
const LEAVES: ReadonlySet<number> = new Set([3, 15, 19, 21, 22, 23, 24]);

/** The text of a recording, as bytes. */
export function skeletonText(recording: Recording): Uint8Array {
  const out = new NumberWriter(recording.crlf);
  out.word(String(recording.frames));
  out.endLine();
  for (let frame = 0; frame < recording.frames; frame++) {
    const listed = recording.bodies.filter((body) => body.present[frame] === 1);
    out.word(String(listed.length));
    out.endLine();
    for (const body of listed) writeBody(out, body, frame);
  }
  return out.bytes;
}

function writeBody(out: NumberWriter, body: TrackedBody, frame: number): void {
  const row = frame * JOINTS;
  out.word(String(body.ids[body.idAt[frame]!]));
  out.word("0"); // clippedEdges
  for (const hand of [7, 11]) {
    const seen = body.states[row + hand] === 2;
    out.word(seen ? "1" : "0"); // confidence
    out.word(seen ? "2" : "1"); // open, or not tracked
  }
  out.word("0"); // isRestricted
  for (const axis of [0, 2]) {
    const base = body.positions[row * 3 + axis]!;
    const chest = body.positions[(row + 20) * 3 + axis]!;
    out.number(Math.max(-1, Math.min(1, 2 * (chest - base))));
  }
  out.word("2"); // trackingState
  out.endLine();
  out.word(String(JOINTS));
  out.endLine();
  for (let joint = 0; joint < JOINTS; joint++) writeJoint(out, body, row + joint, joint);
}

function writeJoint(out: NumberWriter, body: TrackedBody, at: number, joint: number): void {
  const x = body.positions[at * 3]!;
  const y = body.positions[at * 3 + 1]!;
  const z = body.positions[at * 3 + 2]!;
  out.number(x);
  out.number(y);
  out.number(z);
  out.number(DEPTH.x + DEPTH.focal * x / z);
  out.number(DEPTH.y - DEPTH.focal * y / z);
  out.number(COLOUR.x + COLOUR.focal * (x + COLOUR.beside) / z);
  out.number(COLOUR.y - COLOUR.focal * y / z);
  if (LEAVES.has(joint)) {
    for (let i = 0; i < 4; i++) out.word("0");
  } else {
    for (const part of quaternion(body.rotations.subarray(at * 9, at * 9 + 9))) out.number(part);
  }
  out.word(body.states[at] === 2 ? "2" : "1");
  out.endLine();
}

/** The unit quaternion (w, x, y, z) of a rotation matrix, by its largest component. */
function quaternion(m: Float64Array): [number, number, number, number] {
  const [a, b, c, d, e, f, g, h, i] = m as unknown as number[] as [
    ...[number, number, number, number, number, number, number, number, number],
  ];
  const squares = [1 + a + e + i, 1 + a - e - i, 1 - a + e - i, 1 - a - e + i];
  const largest = squares.indexOf(Math.max(...squares));
  const s = 2 * Math.sqrt(squares[largest]!);
  switch (largest) {
    case 0:
      return [s / 4, (h - f) / s, (c - g) / s, (d - b) / s];
    case 1:
      return [(h - f) / s, s / 4, (b + d) / s, (c + g) / s];
    case 2:
      return [(c - g) / s, (b + d) / s, s / 4, (f + h) / s];
    default:
      return [(d - b) / s, (c + g) / s, (f + h) / s, s / 4];
  }
}
