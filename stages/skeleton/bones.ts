/**
 * The bones that join the 25 joints (method sections 3.3 and 4).
 *
 * @module
 */

/**
 * The parent of each joint, one step nearer to the spine at shoulder level (joint 20, its own
 * parent). A bone vector is `x[j] - x[BONE_PARENTS[j]]`. The hand tips hang on the thumbs, as in the
 * method.
 */
export const BONE_PARENTS: readonly number[] = [
  1, // spine base -> spine mid
  20, // spine mid -> spine shoulder
  20, // neck -> spine shoulder
  2, // head -> neck
  20, // left shoulder -> spine shoulder
  4, // left elbow -> left shoulder
  5, // left wrist -> left elbow
  6, // left hand -> left wrist
  20, // right shoulder -> spine shoulder
  8, // right elbow -> right shoulder
  9, // right wrist -> right elbow
  10, // right hand -> right wrist
  0, // left hip -> spine base
  12, // left knee -> left hip
  13, // left ankle -> left knee
  14, // left foot -> left ankle
  0, // right hip -> spine base
  16, // right knee -> right hip
  17, // right ankle -> right knee
  18, // right foot -> right ankle
  20, // spine shoulder, the root
  22, // left hand tip -> left thumb
  7, // left thumb -> left hand
  24, // right hand tip -> right thumb
  11, // right thumb -> right hand
];

/** The 24 bones as `[child, parent]`, children ascending: the inward edges of the graph. */
export const INWARD_EDGES: readonly (readonly [number, number])[] = BONE_PARENTS
  .map((parent, child) => [child, parent] as const)
  .filter(([child, parent]) => child !== parent);
