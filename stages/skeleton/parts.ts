/**
 * The five parts a body is divided into, which the part swap exchanges between clips (method section
 * 3.2). The method calls the arm of joints 8 to 11 "left hand", though the sensor names those joints
 * right; names here are the sensor's, the order is the method's.
 *
 * @module
 */

/** A body part: a name and its joints, 0-based, ascending. */
export interface BodyPart {
  readonly name: string;
  readonly joints: readonly number[];
}

/** The parts, in the order in which draws and recorded steps number them; each joint is in one. */
export const BODY_PARTS: readonly BodyPart[] = [
  { name: "trunk", joints: [0, 1, 2, 3, 20] },
  { name: "right arm", joints: [8, 9, 10, 11, 23, 24] },
  { name: "left arm", joints: [4, 5, 6, 7, 21, 22] },
  { name: "right leg", joints: [16, 17, 18, 19] },
  { name: "left leg", joints: [12, 13, 14, 15] },
];

/** All joints of some parts, ascending. */
export function jointsOfParts(parts: Iterable<number>): number[] {
  const joints: number[] = [];
  for (const part of parts) {
    const found = BODY_PARTS[part];
    if (found === undefined) {
      throw new RangeError(`part ${part}: expected an index from 0 to ${BODY_PARTS.length - 1}`);
    }
    joints.push(...found.joints);
  }
  return joints.sort((a, b) => a - b);
}
