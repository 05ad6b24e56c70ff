/**
 * Whether prepared clips have been centred already: a joint is the origin in all of them.
 *
 * @module
 */
import { JOINT_NAMES, JOINTS } from "../../skeleton/joints.ts";

/** Joints that the field's preparations put at the origin: spine base, spine mid, spine shoulder. */
const CENTRES = [0, 1, 20] as const;

/** From this share of the clips on, a set is taken to be centred. */
const MOST = 0.9;

/** Counts clips whose first body has a joint at the origin, in every frame or in its first one. */
export class CentringWatch {
  #clips = 0;
  readonly #always = new Map<number, number>(CENTRES.map((joint) => [joint, 0]));
  readonly #first = new Map<number, number>(CENTRES.map((joint) => [joint, 0]));

  /** Looks at a clip, (F, bodies, 25, 3); one without a first body counts as centred nowhere. */
  add(positions: Float32Array, bodies: number): void {
    this.#clips++;
    const step = bodies * JOINTS * 3;
    const there = [];
    for (let at = 0; at < positions.length; at += step) {
      const body = positions.subarray(at, at + JOINTS * 3);
      if (body.some((value) => value !== 0)) there.push(body);
    }
    for (const joint of CENTRES) {
      const zero = (body: Float32Array | undefined) =>
        body !== undefined && body[3 * joint] === 0 && body[3 * joint + 1] === 0 &&
        body[3 * joint + 2] === 0;
      if (!zero(there[0])) continue;
      this.#first.set(joint, this.#first.get(joint)! + 1);
      if (there.every(zero)) this.#always.set(joint, this.#always.get(joint)! + 1);
    }
  }

  /** The counts, for the report. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(CENTRES.flatMap((joint) => [
      [`joint_${joint}_in_all_frames`, this.#always.get(joint)!],
      [`joint_${joint}_in_first_frame`, this.#first.get(joint)!],
    ]));
  }

  /** What a user should know of it, in sentences. */
  remarks(): string[] {
    const most = (counts: ReadonlyMap<number, number>) =>
      CENTRES.find((joint) => this.#clips > 0 && counts.get(joint)! >= MOST * this.#clips);
    const always = most(this.#always);
    const first = most(this.#first);
    if (always === undefined && first === undefined) return [];
    const joint = always ?? first!;
    const when = always === undefined ? "in the first frame" : "in all frames";
    return [
      `these clips are centred already: the ${JOINT_NAMES[joint]} (joint ${joint}) is the origin ` +
      `${when} of most. They are taken as they are, and normalize works on top of that` +
      (always === 0
        ? "; with resize: linearPrefix it counts frames by that joint, and finds none: choose another"
        : " (centre: none and yRotation: none leave them be)"),
    ];
  }
}
