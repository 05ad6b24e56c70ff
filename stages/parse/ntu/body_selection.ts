/**
 * Which bodies of a recording become the slots of a clip.
 *
 * @module
 */
import type { SkeletonRecords } from "../../formats/skeleton_records.ts";
import { firstListed } from "../../formats/skeleton_text.ts";
import { JOINTS } from "../../skeleton/joints.ts";
import type { ParseNtuParams } from "./definition.ts";

const BODY_VALUES = JOINTS * 3;

/** A record is as wide as a thing, not a person, if its width is more than this times its height. */
const WIDEST = 0.8;

/** A track is dropped if this share of its records, or more, is too wide. */
const MOST_WIDE = 0.69754;

/** One bodyID in the frames that list it. */
interface Track {
  readonly records: readonly number[];
  readonly energy: number;
  readonly wide: boolean;
}

/**
 * The bodies of a clip.
 *
 * `first2` takes those that each frame lists first, as the released code of most methods does: who is in
 * a slot may change from frame to frame.
 *
 * `energy` follows bodies by their bodyID. Of a body's n records p[i, j, a] (record i, joint j, axis a)
 *
 *     energy = sum over a of sqrt(mean over i, j of (p[i, j, a] - mean of p[., ., a])^2)
 *
 * that is, the spread of its coordinates over the clip, which grows with its movement. Bodies that are wider (in x)
 * than 0.8 times their height (in y) in 69.754 % of their records or more are taken for furniture and dropped, unless all are.
 * The others come by energy, highest first, ties in order of appearance: each takes the first slot that is
 * free in all of its frames, so that someone who was lost and found under another bodyID stays in one slot;
 * whom no slot has room for is dropped.
 *
 * @param bodies Slots, M.
 * @returns float32 (F, M, 25, 3); zero where a slot is empty.
 */
export function selectBodies(
  recording: SkeletonRecords,
  bodies: number,
  selection: ParseNtuParams["bodySelect"],
): Float32Array {
  if (selection === "first2") return firstListed(recording, bodies);
  const { frames, frameOf, positions } = recording;
  const selected = new Float32Array(frames * bodies * BODY_VALUES);
  const taken = new Uint8Array(frames * bodies);
  for (const { records } of ranked(tracksOf(recording))) {
    const slot = Array.from({ length: bodies }, (_, slot) => slot).find((slot) =>
      records.every((record) => taken[frameOf[record]! * bodies + slot] === 0)
    );
    if (slot === undefined) continue;
    for (const record of records) {
      const at = frameOf[record]! * bodies + slot;
      const from = record * BODY_VALUES;
      taken[at] = 1;
      selected.set(positions.subarray(from, from + BODY_VALUES), at * BODY_VALUES);
    }
  }
  return selected;
}

function ranked(tracks: readonly Track[]): readonly Track[] {
  const people = tracks.filter(({ wide }) => !wide);
  const kept = people.length > 0 ? people : [...tracks];
  return kept.sort((a, b) => b.energy - a.energy);
}

/** Bodies in the order of their appearance; a second record of one in the same frame is left out. */
function tracksOf({ records, frameOf, bodyOf, bodyIds, positions }: SkeletonRecords): Track[] {
  const byBody: number[][] = bodyIds.map(() => []);
  for (let record = 0; record < records; record++) {
    const own = byBody[bodyOf[record]!]!;
    if (own.length > 0 && frameOf[own.at(-1)!] === frameOf[record]) continue;
    own.push(record);
  }
  return byBody.map((own) => ({
    records: own,
    energy: energyOf(positions, own),
    wide: own.filter((record) => isWide(positions, record)).length >= MOST_WIDE * own.length,
  }));
}

function energyOf(positions: Float32Array, records: readonly number[]): number {
  let energy = 0;
  for (let axis = 0; axis < 3; axis++) {
    const mean = average(positions, records, axis, (value) => value);
    energy += Math.sqrt(average(positions, records, axis, (value) => (value - mean) ** 2));
  }
  return energy;
}

function average(
  positions: Float32Array,
  records: readonly number[],
  axis: number,
  term: (value: number) => number,
): number {
  let sum = 0;
  for (const record of records) {
    const end = (record + 1) * BODY_VALUES;
    for (let at = record * BODY_VALUES + axis; at < end; at += 3) sum += term(positions[at]!);
  }
  return sum / (records.length * JOINTS);
}

function isWide(positions: Float32Array, record: number): boolean {
  const [width, height] = [extent(positions, record, 0), extent(positions, record, 1)];
  return width > WIDEST * height;
}

function extent(positions: Float32Array, record: number, axis: number): number {
  let [least, most] = [Infinity, -Infinity];
  const end = (record + 1) * BODY_VALUES;
  for (let at = record * BODY_VALUES + axis; at < end; at += 3) {
    least = Math.min(least, positions[at]!);
    most = Math.max(most, positions[at]!);
  }
  return most - least;
}
