/**
 * Long sums over rows in parts, so that a product with few outputs keeps a large device busy.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { gpuBackend } from "./gpu_backend.ts";
import { sumOfParts } from "./sum_of_parts.ts";

/** Bytes of all parts at once, at most. */
const MOST_BYTES = 256 << 20;

/** Workgroups that fill a large GPU several times over. */
const ENOUGH_GROUPS = 1024;

/** Rows that a part has at least, where there are so many. */
const LEAST_ROWS = 256;

/** Parts that a joint's rows have at most. */
export function mostParts(all: number): number {
  return Math.ceil(all / LEAST_ROWS);
}

/**
 * Parts of each joint's rows.
 *
 * @param all Rows of a joint.
 * @param groups Workgroups of all joints, if each joint is one part.
 * @param step Depth of a product's step: parts are of whole steps.
 */
export function partsOfRows(
  all: number,
  groups: number,
  step: number,
): { perJoint: number; rows: number } {
  const wanted = Math.min(mostParts(all), Math.ceil(ENOUGH_GROUPS / groups));
  const rows = Math.ceil(all / wanted / step) * step;
  return { perJoint: Math.ceil(all / rows), rows };
}

/** Joints whose parts are computed at once. */
export interface JointRange {
  readonly first: number;
  readonly count: number;
}

/**
 * The sum of all joints' parts, in their order; of as many joints at once as can be bound.
 *
 * @param shape Of the sum, and of each part.
 * @param run Fills the parts (count perJoint, ...shape) of some joints.
 * @param mostBytes Of the parts that are held at once (default: what the device can bind, or 256 MiB).
 */
export function sumOverJoints<T extends Tensor>(
  { joints, perJoint }: { readonly joints: number; readonly perJoint: number },
  shape: readonly number[],
  run: (parts: Tensor, range: JointRange) => void,
  mostBytes: number | undefined = Math.min(
    MOST_BYTES,
    gpuBackend().device.limits.maxStorageBufferBindingSize,
  ),
): T {
  const bytes = 4 * perJoint * shape.reduce((product, n) => product * n, 1);
  const most = Math.max(1, Math.floor(mostBytes / bytes));
  const sums: T[] = [];
  for (let first = 0; first < joints; first += most) {
    const count = Math.min(most, joints - first);
    const parts = gpuBackend().empty([count * perJoint, ...shape]);
    run(parts, { first, count });
    sums.push(sumOfParts<T>(parts, shape));
    parts.dispose();
  }
  if (sums.length === 1) return sums[0]!;
  const sum = tf.addN(sums);
  tf.dispose(sums);
  return sum;
}
