/**
 * The kinematic model: 25 joints on a tree of rigid bones, turned at the joints.
 *
 * A body's own axes: x to its right, y up, z to its back; so a body that is not turned faces a camera
 * that stands at negative z and looks along positive z, and its right hand has the larger x, as in
 * recordings of the real sensor. Metres and radians.
 *
 * @module
 */
import { JOINTS } from "../skeleton/joints.ts";

/** The joint on which each hangs; unlike the graph's bones, hand tips hang on hands. -1 is none. */
const HANGS_ON: readonly number[] = [
  ...[-1, 0, 20, 2], // spine base, spine mid, neck, head
  ...[20, 4, 5, 6], // left arm
  ...[20, 8, 9, 10], // right arm
  ...[0, 12, 13, 14], // left leg
  ...[0, 16, 17, 18], // right leg
  ...[1, 7, 7, 11, 11], // spine shoulder, left tip and thumb, right tip and thumb
];

/** Joints in an order in which each comes after the one it hangs on. */
const OUTWARD: readonly number[] = (() => {
  const order: number[] = [];
  const visit = (joint: number) => {
    order.push(joint);
    HANGS_ON.forEach((parent, child) => parent === joint && visit(child));
  };
  visit(0);
  return order;
})();

/** Where each joint is from the one it hangs on, standing with hanging arms, at a height of 1.72 m. */
const OFFSETS: readonly (readonly [number, number, number])[] = [
  [0, 0, 0],
  [0, 0.31, 0.01],
  [0, 0.08, 0],
  [0, 0.15, -0.02],
  [-0.17, -0.04, 0],
  [-0.03, -0.27, 0.02],
  [-0.01, -0.24, -0.03],
  [0, -0.08, -0.01],
  [0.17, -0.04, 0],
  [0.03, -0.27, 0.02],
  [0.01, -0.24, -0.03],
  [0, -0.08, -0.01],
  [-0.08, -0.04, 0],
  [-0.02, -0.39, -0.01],
  [0, -0.38, 0.02],
  [-0.02, -0.06, -0.12],
  [0.08, -0.04, 0],
  [0.02, -0.39, -0.01],
  [0, -0.38, 0.02],
  [0.02, -0.06, -0.12],
  [0, 0.23, 0.01],
  [0, -0.08, -0.01],
  [0.03, -0.05, -0.03],
  [0, -0.08, -0.01],
  [-0.03, -0.05, -0.03],
];

/** The height, in metres, of a body with {@link OFFSETS} as they are. */
export const MODEL_HEIGHT = 1.72;

/** Lengths of a performer's bones as factors of {@link OFFSETS}, one per joint. */
export type BoneFactors = Float64Array;

/** One body's pose over time, in world coordinates (y up, the floor at 0). */
export interface Motion {
  readonly frames: number;
  /** (F, 25, 3), metres. */
  readonly positions: Float64Array;
  /** (F, 25, 3, 3), row-major: turns a joint's own axes into the world's. */
  readonly rotations: Float64Array;
}

/** Angles of a pose: rotations about x, y and z of what hangs on each joint, (25, 3), radians. */
export type JointAngles = Float64Array;

/** Where and how a whole body stands. */
export interface Stance {
  /** Position on the floor, metres. */
  readonly x: number;
  readonly z: number;
  /** Rotation about the vertical, radians; 0 faces negative z. */
  readonly yaw: number;
}

const own = new Float64Array(9);
const spine = new Float64Array(9);

/**
 * Poses a body: writes frame `frame` of a motion. The body stands with its lowest joint on the floor.
 *
 * The angles of the spine base bend the spine and leave the hips alone, which only the stance turns.
 *
 * @param motion Receives (25, 3) positions and (25, 3, 3) rotations at that frame.
 */
export function poseBody(
  motion: Motion,
  frame: number,
  bones: BoneFactors,
  angles: JointAngles,
  stance: Stance,
): void {
  const { positions, rotations } = motion;
  const p = frame * JOINTS * 3;
  const r = frame * JOINTS * 9;
  for (const joint of OUTWARD) {
    const parent = HANGS_ON[joint]!;
    const at = p + joint * 3;
    const matrix = rotations.subarray(r + joint * 9, r + joint * 9 + 9);
    rotation(own, angles[joint * 3]!, angles[joint * 3 + 1]!, angles[joint * 3 + 2]!);
    if (parent < 0) {
      positions.fill(0, at, at + 3);
      rotation(matrix, 0, stance.yaw, 0);
      multiply(spine, matrix, own);
      continue;
    }
    const carrying = joint === 1 ? spine : rotations.subarray(r + parent * 9, r + parent * 9 + 9);
    const [x, y, z] = OFFSETS[joint]!;
    for (let i = 0; i < 3; i++) {
      positions[at + i] = positions[p + parent * 3 + i]! + bones[joint]! *
          (carrying[i * 3]! * x + carrying[i * 3 + 1]! * y + carrying[i * 3 + 2]! * z);
    }
    multiply(matrix, carrying, own);
  }
  let lowest = Infinity;
  for (let joint = 0; joint < JOINTS; joint++) {
    lowest = Math.min(lowest, positions[p + joint * 3 + 1]!);
  }
  for (let joint = 0; joint < JOINTS; joint++) {
    positions[p + joint * 3]! += stance.x;
    positions[p + joint * 3 + 1]! -= lowest;
    positions[p + joint * 3 + 2]! += stance.z;
  }
}

/** An empty motion of `frames` frames. */
export function emptyMotion(frames: number): Motion {
  return {
    frames,
    positions: new Float64Array(frames * JOINTS * 3),
    rotations: new Float64Array(frames * JOINTS * 9),
  };
}

/** `out` = Ry(y) Rz(z) Rx(x), row-major 3 x 3. */
export function rotation(out: Float64Array, x: number, y: number, z: number): void {
  const cx = Math.cos(x), sx = Math.sin(x);
  const cy = Math.cos(y), sy = Math.sin(y);
  const cz = Math.cos(z), sz = Math.sin(z);
  out[0] = cy * cz;
  out[1] = sy * sx - cy * sz * cx;
  out[2] = cy * sz * sx + sy * cx;
  out[3] = sz;
  out[4] = cz * cx;
  out[5] = -cz * sx;
  out[6] = -sy * cz;
  out[7] = sy * sz * cx + cy * sx;
  out[8] = cy * cx - sy * sz * sx;
}

/** `out` = `a` `b`, row-major 3 x 3; `out` is neither of them. */
export function multiply(out: Float64Array, a: Float64Array, b: Float64Array): void {
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      out[i * 3 + j] = a[i * 3]! * b[j]! + a[i * 3 + 1]! * b[3 + j]! + a[i * 3 + 2]! * b[6 + j]!;
    }
  }
}
