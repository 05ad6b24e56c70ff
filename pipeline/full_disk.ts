/**
 * A disk with no room left: the one fault of a machine that every part of the project must expect.
 *
 * @module
 */

/** What to do about it. */
export const FREE_SPACE = "Nothing recorded so far is harmed; free some space and run again.";

/** What is said of it where nobody knows which disk it is. */
export const DISK_FULL = `The disk is full. ${FREE_SPACE}`;

/** No space left on the device, and no quota. */
const CODES = new Set(["ENOSPC", "EDQUOT"]);

/** Whether an error is, or was caused by, a write for which there was no room. */
export function isDiskFull(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { code?: string; cause?: unknown };
  return (code !== undefined && CODES.has(code)) || (cause !== undefined && isDiskFull(cause));
}
