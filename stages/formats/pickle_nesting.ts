/**
 * How deep the values of a pickle lie inside one another.
 *
 * @module
 */

/**
 * What is wrong with how values lie inside one another, or `undefined` if nothing is: a value that
 * holds itself, or more levels than allowed. Whoever walks through the rest needs no guard.
 *
 * Every container is walked through once, however often it is referred to.
 */
export function checkNesting(value: unknown, deepest: number): string | undefined {
  /** Height of each container whose walk is over; 0 while it is under way. */
  const heights = new Map<unknown, number>();
  const open: { readonly node: unknown; readonly inside: Iterator<unknown>; height: number }[] = [];
  const enter = (node: unknown) => {
    heights.set(node, 0);
    open.push({ node, inside: (node as Map<unknown, unknown> | unknown[]).values(), height: 1 });
  };
  if (isContainer(value)) enter(value);
  while (open.length > 0) {
    const top = open.at(-1)!;
    const next = top.inside.next();
    if (next.done === true) {
      open.pop();
      heights.set(top.node, top.height);
      const above = open.at(-1);
      if (above !== undefined) above.height = Math.max(above.height, top.height + 1);
    } else if (isContainer(next.value)) {
      const height = heights.get(next.value);
      if (height === 0) return "expected plain data, found a list or dictionary that holds itself";
      if (height === undefined) enter(next.value);
      else top.height = Math.max(top.height, height + 1);
    }
    if (open.length > deepest || top.height > deepest) {
      return `lists and dictionaries lie more than ${deepest} deep inside one another`;
    }
  }
  return undefined;
}

function isContainer(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Map;
}
