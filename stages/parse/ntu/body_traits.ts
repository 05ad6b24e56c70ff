/**
 * What one recording says about its bodies, beside where their joints are.
 *
 * @module
 */
import type { SkeletonRecords } from "../../formats/skeleton_records.ts";
import { JOINTS } from "../../skeleton/joints.ts";

/** Counts of one recording; those of the first slot are of the clip, after selection. */
export interface BodyTraits {
  /** Frames whose first slot has a body: its spine base is not at the origin. */
  readonly valid: number;
  /** The first of them, from 0; 0 if there is none. */
  readonly first: number;
  /** The last of them, from 0; -1 if there is none. */
  readonly last: number;
  /** Frames that list two bodies or more. */
  readonly second: number;
  /** Most bodies that a frame lists. */
  readonly most: number;
  /** How often a bodyID is listed in another place than the last time it was. */
  readonly moves: number;
  /** Different bodyIDs. */
  readonly ids: number;
}

/**
 * Looks at a recording.
 *
 * @param selected float32 (F, M, 25, 3): its slots.
 */
export function bodyTraits(
  recording: SkeletonRecords,
  selected: Float32Array,
  bodies: number,
): BodyTraits {
  const { frames } = recording;
  const traits = { valid: 0, first: 0, last: -1 };
  for (let frame = 0; frame < frames; frame++) {
    const row = frame * bodies * JOINTS * 3;
    if (isThere(selected, row)) {
      if (traits.valid++ === 0) traits.first = frame;
      traits.last = frame;
    }
  }
  return { ...traits, ...listing(recording) };
}

/** As normalisation asks it: a body whose spine base is at the origin is none. */
function isThere(positions: Float32Array, at: number): boolean {
  return positions[at] !== 0 || positions[at + 1] !== 0 || positions[at + 2] !== 0;
}

function listing(
  { records, frameOf, bodyOf, bodyIds }: SkeletonRecords,
): Pick<BodyTraits, "second" | "most" | "moves" | "ids"> {
  const places = new Int32Array(bodyIds.length).fill(-1);
  let second = 0, most = 0, moves = 0;
  for (let record = 0, place = 0; record < records; record++) {
    place = record > 0 && frameOf[record] === frameOf[record - 1] ? place + 1 : 0;
    if (place === 1) second++;
    const body = bodyOf[record]!;
    if (places[body]! >= 0 && places[body] !== place) moves++;
    places[body] = place;
    most = Math.max(most, place + 1);
  }
  return { second, most, moves, ids: bodyIds.length };
}
