/**
 * People: their bones, how they stand, how fast and how largely they move.
 *
 * @module
 */
import { randomStream } from "../random.ts";
import { JOINTS } from "../skeleton/joints.ts";
import { type BoneFactors, type JointAngles, MODEL_HEIGHT } from "./body.ts";

/** One performer. */
export interface Performer {
  readonly number: number;
  /** Metres. */
  readonly height: number;
  /** Factor of the frequency of all movements. */
  readonly tempo: number;
  /** Factor of the size of all movements. */
  readonly amplitude: number;
  readonly bones: BoneFactors;
  /** How the performer stands, (25, 3) radians. */
  readonly rest: JointAngles;
}

/** Bones that are of one length: both sides of a limb, or one segment of the trunk. */
const PROPORTIONS: readonly (readonly number[])[] = [
  [1],
  [20],
  [2, 3],
  [4, 8],
  [5, 9],
  [6, 10],
  [7, 11, 21, 22, 23, 24],
  [12, 16],
  [13, 17],
  [14, 18],
  [15, 19],
];

/** How much performers differ. */
export interface PerformerSpreads {
  readonly amplitude_spread: number;
  readonly tempo_spread: number;
  readonly height_spread: number;
  readonly proportion_spread: number;
}

/** Draws a performer, the same one wherever the number appears. */
export function drawPerformer(
  number: number,
  spreads: PerformerSpreads,
  seed: number,
): Performer {
  const stream = randomStream(seed, "synth performer", 0, number);
  const height = MODEL_HEIGHT - spreads.height_spread +
    2 * spreads.height_spread * stream.uniform();
  const bones = new Float64Array(JOINTS).fill(height / MODEL_HEIGHT);
  for (const joints of PROPORTIONS) {
    const factor = 1 + 2 * spreads.proportion_spread * (stream.uniform() - 0.5);
    for (const joint of joints) bones[joint]! *= factor;
  }
  const tempo = Math.exp(spreads.tempo_spread * bounded(stream.normal()));
  const amplitude = Math.exp(spreads.amplitude_spread * bounded(stream.normal()));
  const rest = new Float64Array(JOINTS * 3);
  const set = (joint: number, axis: number, angle: number) => rest[joint * 3 + axis] = angle;
  for (const [shoulder, elbow, hip, side] of [[8, 9, 16, 1], [4, 5, 12, -1]] as const) {
    set(shoulder, 0, 0.08 * stream.normal());
    set(shoulder, 2, side * (0.1 + 0.05 * stream.normal()));
    set(elbow, 0, 0.25 + 0.15 * stream.uniform());
    set(hip, 2, side * 0.06 * stream.uniform());
  }
  set(0, 0, 0.06 * stream.normal());
  set(2, 0, 0.08 * stream.normal());
  return { number, height, tempo, amplitude, bones, rest };
}

/** Keeps a normal value within two standard deviations. */
export function bounded(value: number): number {
  return Math.max(-2, Math.min(2, value));
}
