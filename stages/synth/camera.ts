/**
 * Where the cameras stand and what they see: world coordinates to a camera's frame.
 *
 * @module
 */
import { randomStream } from "../random.ts";
import { JOINTS } from "../skeleton/joints.ts";
import { type Motion, multiply } from "./body.ts";

/** A camera of a setup. */
export interface Camera {
  readonly setup: number;
  readonly camera: number;
  /** Where it stands, seen from the performers, radians: 0 in front, positive to their right. */
  readonly azimuth: number;
  /** How far it looks down, radians. */
  readonly pitch: number;
  /** Above the floor, metres. */
  readonly height: number;
  /** From the performers, metres along the floor. */
  readonly distance: number;
}

/** Azimuths as in NTU: camera 1 in front, 2 and 3 at 45 degrees. */
const AZIMUTHS = [0, -Math.PI / 4, Math.PI / 4] as const;

/** Draws a camera, the same one for all recordings of its setup. */
export function drawCamera(setup: number, camera: number, seed: number): Camera {
  const stream = randomStream(seed, "synth camera", setup, camera);
  const azimuth = AZIMUTHS[camera - 1]! + 0.08 * (2 * stream.uniform() - 1);
  const height = 1.1 + 1.2 * stream.uniform();
  const distance = 2.6 + 1.4 * stream.uniform();
  const aim = 0.95 + 0.1 * stream.uniform();
  return { setup, camera, azimuth, pitch: Math.atan2(height - aim, distance), height, distance };
}

/**
 * What a camera sees of a motion: x to the sensor's left, y up, z away from it, metres.
 *
 * @returns A new motion of the same shape.
 */
export function seenBy(camera: Camera, motion: Motion): Motion {
  const turn = cameraAxes(camera);
  const { frames } = motion;
  const positions = new Float64Array(motion.positions.length);
  const rotations = new Float64Array(motion.rotations.length);
  const at = [
    camera.distance * Math.sin(camera.azimuth),
    camera.height,
    -camera.distance * Math.cos(camera.azimuth),
  ] as const;
  const product = new Float64Array(9);
  for (let joint = 0; joint < frames * JOINTS; joint++) {
    const x = motion.positions[joint * 3]! - at[0];
    const y = motion.positions[joint * 3 + 1]! - at[1];
    const z = motion.positions[joint * 3 + 2]! - at[2];
    for (let i = 0; i < 3; i++) {
      positions[joint * 3 + i] = turn[i * 3]! * x + turn[i * 3 + 1]! * y + turn[i * 3 + 2]! * z;
    }
    multiply(product, turn, motion.rotations.subarray(joint * 9, joint * 9 + 9));
    rotations.set(product, joint * 9);
  }
  return { frames, positions, rotations };
}

/** The camera's axes in world coordinates, one per row. */
function cameraAxes({ azimuth, pitch }: Camera): Float64Array {
  const [sa, ca] = [Math.sin(azimuth), Math.cos(azimuth)];
  const [sp, cp] = [Math.sin(pitch), Math.cos(pitch)];
  return Float64Array.of(ca, 0, sa, -sa * sp, cp, ca * sp, -sa * cp, -sp, ca * cp);
}
