/**
 * Who performs what before which camera: the names of the recordings that `synth` makes.
 *
 * @module
 */
import type { NtuName } from "../formats/ntu_name.ts";
import { XSUB_TRAINING_SUBJECTS } from "../split/ntu_protocols.ts";

/** Performers that NTU numbers. */
export const MOST_PERFORMERS = 106;

/** How many there are of each; every combination is recorded. */
export interface CastCounts {
  readonly actions: number;
  readonly performers: number;
  readonly setups: number;
  readonly cameras: number;
  readonly replications: number;
}

/**
 * The numbers of `count` performers, ascending: taken in turn from those that train and those that
 * test under cross-subject, lowest first, so that any two or more fall in both halves.
 *
 * @param count From 1 to 106; beyond the 53 who train all others test.
 */
export function performerNumbers(count: number): number[] {
  const train = [...XSUB_TRAINING_SUBJECTS];
  const test = numbers(MOST_PERFORMERS).filter((performer) => !train.includes(performer));
  const chosen: number[] = [];
  while (chosen.length < count && train.length + test.length > 0) {
    const from = chosen.length % 2 === 0 ? train : test;
    chosen.push((from.length > 0 ? from : from === train ? test : train).shift()!);
  }
  return chosen.sort((a, b) => a - b);
}

/** All recordings, in lexicographic order of their names. */
export function recordingNames(counts: CastCounts): NtuName[] {
  const names: NtuName[] = [];
  for (const setup of numbers(counts.setups)) {
    for (const camera of numbers(counts.cameras)) {
      for (const performer of performerNumbers(counts.performers)) {
        for (const replication of numbers(counts.replications)) {
          for (const action of numbers(counts.actions)) {
            names.push({ setup, camera, performer, replication, action });
          }
        }
      }
    }
  }
  return names;
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}
