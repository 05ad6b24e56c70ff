/**
 * Long sums over rows in parts, so that a product with few outputs keeps a large device busy.
 *
 * @module
 */

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
