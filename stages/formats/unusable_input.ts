/**
 * What a person gave does not suit: told in a sentence, never with a stack trace.
 *
 * @module
 */

/** Input that cannot be used. The message names it, what was expected and what was found. */
export class UnusableInput extends Error {
  override readonly name: string = "UnusableInput";
  /** The message says all there is to say to the person who runs this. */
  readonly forUser = true;
}
