/**
 * From the joints that arrays hold to the 25 of the second Kinect.
 *
 * @module
 */
import { JOINTS } from "../../skeleton/joints.ts";
import type { ParseCustomParams } from "./definition.ts";

/** Where each of the 25 joints is taken from. */
export interface JointMap {
  /** Index of the array's joint, by joint. */
  readonly sources: readonly number[];
  /** How many joints an array has, exactly or at least. */
  readonly expected: { readonly exactly: number } | { readonly atLeast: number };
}

/**
 * The first Kinect's 20 joints come in the same order; spine at shoulder level is its shoulder centre,
 * tips and thumbs its hands.
 */
const KINECT_V1: JointMap = {
  sources: [...Array.from({ length: 20 }, (_, joint) => joint), 2, 7, 7, 11, 11],
  expected: { exactly: 20 },
};

/** The map that the parameter `joints` names or lists. */
export function jointMap(joints: ParseCustomParams["joints"]): JointMap {
  if (joints === "kinect_v1") return KINECT_V1;
  if (joints === "kinect_v2") {
    return {
      sources: Array.from({ length: JOINTS }, (_, joint) => joint),
      expected: { exactly: JOINTS },
    };
  }
  return { sources: joints, expected: { atLeast: Math.max(...joints) + 1 } };
}
