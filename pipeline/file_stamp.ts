/**
 * What the file system says of a file, as a stamp by which a later look knows whether it is the same.
 *
 * The stamp holds device, inode, size, modification and change time. Deno gives modification times in
 * milliseconds and change times in whole seconds, so equal stamps alone prove nothing about a file that
 * was rewritten within the clock's grain of the look: what was learnt of a file is remembered only if
 * the file had been left alone for two seconds by then. A rewrite after that moves the change time,
 * which no program can set, by at least one whole second.
 *
 * Caveat: the two seconds are counted by this machine's clock; a file server whose clock is behind by
 * more than that can hide a rewrite of equal size. `--rehash` trusts nothing.
 *
 * @module
 */

/** How long a file must have been left alone before what it held is remembered, in milliseconds. */
export const SETTLED_MS = 2000;

/** Identity and times of a file as text. */
export function stampOf({ size, mtime, ctime, ino, dev }: Deno.FileInfo): string {
  return `${dev}:${ino}:${size}:${mtime?.getTime()}:${ctime?.getTime()}`;
}

/**
 * Whether a file had been left alone long enough at a moment.
 *
 * @param info What the file system said of it.
 * @param now The moment before it was read, in milliseconds since 1970.
 */
export function isSettled({ mtime, ctime }: Deno.FileInfo, now: number): boolean {
  const modified = mtime?.getTime() ?? Infinity;
  return Math.max(modified, ctime?.getTime() ?? modified) + SETTLED_MS < now;
}
