/**
 * Words between blanks (spaces, tabs, carriage returns) in the bytes of one line.
 *
 * @module
 */

/** How many words a line holds from a word's start on, up to one more than `most`. */
export function countWords(bytes: Uint8Array, from: number, end: number, most: number): number {
  let words = 0;
  for (let at = from; at < end && words <= most; words++) {
    while (!isSeparator(bytes, at, end)) at++;
    at = skipBlanks(bytes, at, end);
  }
  return words;
}

/** The first byte from `at` on that is no blank, or `end`. */
export function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && isBlank(bytes[at]!)) at++;
  return at;
}

/** Whether no word goes on there. */
export function isSeparator(bytes: Uint8Array, at: number, end: number): boolean {
  return at >= end || isBlank(bytes[at]!);
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}
