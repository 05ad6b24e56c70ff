/**
 * Text that is not in the encoding that a format has, told apart before its lines are blamed.
 *
 * @module
 */

/** So many bytes at the start of a file are looked at. */
export const ENCODING_BYTES = 4096;

/**
 * Why bytes are no text in ASCII or UTF-8, by what they begin with, or `undefined` if nothing speaks
 * against it.
 */
export function encodingFault(bytes: Uint8Array): string | undefined {
  const [a, b] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    return "the text is in UTF-16: save it as UTF-8 or plain ASCII";
  }
  const head = bytes.subarray(0, ENCODING_BYTES);
  return head.includes(0)
    ? "this is no text: expected ASCII or UTF-8, found zero bytes (UTF-16, or another kind of file)"
    : undefined;
}

/** Bytes without a UTF-8 byte order mark at their start. */
export function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
