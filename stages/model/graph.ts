/**
 * The skeleton as a graph (method section 4): the fixed adjacency A of the spatial convolutions, with
 * a partition each for the joint itself, its parent, and its children.
 *
 * @module
 */
import { INWARD_EDGES } from "../skeleton/bones.ts";
import { JOINTS } from "../skeleton/joints.ts";

/** Partitions of the adjacency, K. */
export const PARTITIONS = 3;

/** An entry A[k, v, w] of the adjacency: joint v of partition k adds to joint w. */
export interface AdjacencyEntry {
  /** k: 0 itself, 1 inward edges (the parent into the child), 2 outward edges (children into the parent). */
  readonly partition: number;
  /** v. */
  readonly from: number;
  /** w. */
  readonly to: number;
  /** A[k, v, w]: 1 over the number of joints that add to w in this partition. */
  readonly weight: number;
}

/** The 73 non-zero entries of A (3, 25, 25), by partition, then by the joint they add to. */
export function adjacency(): AdjacencyEntry[] {
  const itself = Array.from({ length: JOINTS }, (_, joint) => [joint, joint] as const);
  const inward = INWARD_EDGES.map(([child, parent]) => [parent, child] as const);
  return [itself, inward, INWARD_EDGES].flatMap((pairs, partition) => {
    const arriving = (joint: number) => pairs.filter(([, to]) => to === joint).length;
    return [...pairs]
      .sort((a, b) => a[1] - b[1] || a[0] - b[0])
      .map(([from, to]) => ({ partition, from, to, weight: 1 / arriving(to) }));
  });
}
