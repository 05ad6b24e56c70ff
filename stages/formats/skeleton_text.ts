/**
 * The bodies that each frame of a `.skeleton` text lists first: what most code of the field reads.
 *
 * @module
 */
import { JOINTS } from "../skeleton/joints.ts";
import { readSkeletonRecords, type SkeletonRecords } from "./skeleton_records.ts";

const BODY_VALUES = JOINTS * 3;

/** One recording, the first bodies of each frame alone. */
export interface SkeletonClip {
  /** Number of frames, F. */
  readonly frames: number;
  /** Slots for bodies, M: the first M bodies that a frame lists are kept (method section 1.3). */
  readonly bodies: number;
  /** float32 (F, M, 25, 3); a slot for which a frame lists no body is zero. */
  readonly positions: Float32Array;
  /** Frames in which the first body's spine base is not at the origin: those normalisation counts. */
  readonly validFrames: number;
  /** Body records in the file, including those beyond the slots. */
  readonly bodyRecords: number;
  /** As in {@link SkeletonRecords}. */
  readonly bodyIds: readonly string[];
  /** As in {@link SkeletonRecords}. */
  readonly nonFiniteColumns: number;
}

/**
 * Reads a whole `.skeleton` file, the first bodies that each frame lists.
 *
 * @param bodies Slots for bodies, M.
 * @throws {BadRecording} As {@link readSkeletonRecords}.
 */
export function readSkeletonText(bytes: Uint8Array, file: string, bodies: number): SkeletonClip {
  const recording = readSkeletonRecords(bytes, file);
  const positions = firstListed(recording, bodies);
  const rowLength = bodies * BODY_VALUES;
  let validFrames = 0;
  for (let row = 0; row < positions.length; row += rowLength) {
    if (positions[row] !== 0 || positions[row + 1] !== 0 || positions[row + 2] !== 0) validFrames++;
  }
  const { frames, records, bodyIds, nonFiniteColumns } = recording;
  return {
    frames,
    bodies,
    positions,
    validFrames,
    bodyRecords: records,
    bodyIds,
    nonFiniteColumns,
  };
}

/** float32 (F, M, 25, 3) of the first M bodies that each frame lists; zero where it lists fewer. */
export function firstListed(
  { frames, records, frameOf, positions }: SkeletonRecords,
  bodies: number,
): Float32Array {
  const listed = new Float32Array(frames * bodies * BODY_VALUES);
  for (let record = 0, slot = 0; record < records; record++) {
    slot = record > 0 && frameOf[record] === frameOf[record - 1] ? slot + 1 : 0;
    if (slot >= bodies) continue;
    const from = record * BODY_VALUES;
    listed.set(
      positions.subarray(from, from + BODY_VALUES),
      (frameOf[record]! * bodies + slot) * BODY_VALUES,
    );
  }
  return listed;
}
