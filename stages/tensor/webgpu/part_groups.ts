/**
 * Which of many tensors share a call: each thread has a number of one of them.
 *
 * @module
 */

/** Numbers from which a tensor counts as large. */
const LARGE = 4096;

/** Large tensors that share a call: threads that have nothing to do, or to choose from many, cost time. */
const MOST_LARGE = 4;

/**
 * Tensors in groups of like sizes, empty ones in none.
 *
 * @param most Tensors in a group, at most.
 * @returns Their places in the list, the largest of a group first.
 */
export function partGroups(sizes: readonly number[], most: number): number[][] {
  const order = [...sizes.keys()].filter((i) => sizes[i]! > 0)
    .sort((a, b) => sizes[b]! - sizes[a]! || a - b);
  const groups: number[][] = [];
  for (let from = 0; from < order.length;) {
    const count = sizes[order[from]!]! >= LARGE ? Math.min(most, MOST_LARGE) : most;
    groups.push(order.slice(from, from + count));
    from += count;
  }
  return groups;
}
