/**
 * A command line that makes no sense, told to the person who typed it.
 *
 * @module
 */

/** Wrong usage: exit status 2 and a sentence, never a stack trace. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
