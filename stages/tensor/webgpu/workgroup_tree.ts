/**
 * Sums (or maxima, or whatever else joins two) of what the threads of a workgroup hold, as a tree of fixed
 * shape: the same bytes on every run.
 *
 * @module
 */

/** How a tree joins. */
export interface Tree {
  /** Entries before the first level; the thread `lix` has put entry `lix` there. */
  readonly threads: number;
  /** Entries that remain, 0 to `width - 1` (default: 1); `threads / width` is a power of two. */
  readonly width?: number;
  /** The statement that joins entry `b` to entry `a`: both are names of `u32`s. */
  readonly join: string;
}

/**
 * Statements that join entries in workgroup memory. They begin and end with a barrier; afterwards every
 * thread may read what remains.
 */
export function joinTree({ threads, width = 1, join }: Tree): string {
  const levels: string[] = ["workgroupBarrier();"];
  for (let half = threads / 2; half >= width; half /= 2) {
    levels.push(
      `if (lix < ${half}u) { let a = lix; let b = lix + ${half}u; ${join} }`,
      "workgroupBarrier();",
    );
  }
  return levels.join("\n");
}

/** {@link joinTree} of sums, in each of some arrays. */
export function sumTree(arrays: readonly string[], threads: number, width = 1): string {
  const join = arrays.map((name) => `${name}[a] = ${name}[a] + ${name}[b];`).join(" ");
  return joinTree({ threads, width, join });
}
