/**
 * The 25 joints of the Kinect v2 skeleton, in the order in which the NTU files list them (0-based;
 * method section 1.2).
 *
 * @module
 */

/** Names of the joints by index. */
export const JOINT_NAMES = [
  "spine base",
  "spine mid",
  "neck",
  "head",
  "left shoulder",
  "left elbow",
  "left wrist",
  "left hand",
  "right shoulder",
  "right elbow",
  "right wrist",
  "right hand",
  "left hip",
  "left knee",
  "left ankle",
  "left foot",
  "right hip",
  "right knee",
  "right ankle",
  "right foot",
  "spine shoulder",
  "left hand tip",
  "left thumb",
  "right hand tip",
  "right thumb",
] as const;

/** Number of joints, V. */
export const JOINTS = JOINT_NAMES.length;

/** The joint that centring makes the origin: spine at shoulder level. */
export const CENTRE_JOINT = 20;

/** The joint whose zeros mark a frame without a body: spine base. */
export const BASE_JOINT = 0;

/** The line from the left to the right shoulder gives the direction a body faces. */
export const LEFT_SHOULDER = 4;

/** See {@link LEFT_SHOULDER}. */
export const RIGHT_SHOULDER = 8;
