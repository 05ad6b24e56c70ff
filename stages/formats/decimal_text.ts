/**
 * Decimal numbers in text, read from bytes without making strings of them.
 *
 * @module
 */

const ZERO = 0x30;
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Below this a mantissa times ten plus a digit is still exact in float64. */
const EXACT_MANTISSA = 900_719_925_474_098;

/** A place in bytes from which numbers are read one after another. */
export class DecimalScanner {
  /** Index of the next byte to read. */
  position = 0;
  /** The number that {@link scan} read last. */
  value = 0;

  /** Begins at the first byte. */
  constructor(readonly bytes: Uint8Array) {}

  /**
   * Reads the number that begins at {@link position} into {@link value} and moves behind it: an
   * optional sign, digits with an optional point, an optional exponent. The value is the float64
   * nearest to the decimal: up to 15 digits and a power of ten within 10^22 one rounding does it,
   * the rare rest goes through `Number`.
   *
   * @returns False, with the position unchanged, if no number begins there. What follows the number
   * is the caller's to judge.
   */
  scan(): boolean {
    const { bytes } = this;
    const start = this.position;
    let at = start;
    let byte = bytes[at]!;
    const negative = byte === 0x2d;
    if (negative || byte === 0x2b) byte = bytes[++at]!;
    let mantissa = 0;
    let exact = true;
    let digits = 0;
    let digit = byte - ZERO;
    while (digit >= 0 && digit <= 9) {
      if (mantissa > EXACT_MANTISSA) exact = false;
      mantissa = mantissa * 10 + digit;
      digits++;
      byte = bytes[++at]!;
      digit = byte - ZERO;
    }
    let scale = 0;
    if (byte === 0x2e) {
      const point = at;
      digit = bytes[++at]! - ZERO;
      while (digit >= 0 && digit <= 9) {
        if (mantissa > EXACT_MANTISSA) exact = false;
        mantissa = mantissa * 10 + digit;
        digit = bytes[++at]! - ZERO;
      }
      scale = point + 1 - at;
      digits -= scale;
      byte = bytes[at]!;
    }
    if (digits === 0) return false;
    if (byte === 0x65 || byte === 0x45) {
      const after = this.#exponent(at + 1);
      if (after !== undefined) {
        scale += after.exponent;
        at = after.at;
      }
    }
    this.position = at;
    if (exact && scale >= -22 && scale <= 22) {
      const value = scale < 0
        ? mantissa / POWERS_OF_TEN[-scale]!
        : mantissa * POWERS_OF_TEN[scale]!;
      this.value = negative ? -value : value;
    } else {
      this.value = Number(new TextDecoder().decode(bytes.subarray(start, at)));
    }
    return true;
  }

  /** The exponent whose sign or first digit is at `at`, unless there are no digits. */
  #exponent(at: number): { exponent: number; at: number } | undefined {
    const { bytes } = this;
    const negative = bytes[at] === 0x2d;
    if (negative || bytes[at] === 0x2b) at++;
    const first = at;
    let exponent = 0;
    let digit = bytes[at]! - ZERO;
    while (digit >= 0 && digit <= 9) {
      exponent = Math.min(exponent * 10 + digit, 100_000);
      digit = bytes[++at]! - ZERO;
    }
    return at === first ? undefined : { exponent: negative ? -exponent : exponent, at };
  }
}

/**
 * A piece of a broken file for an error message: up to 24 bytes in quotes, with everything
 * unprintable replaced, or `nothing` where the piece is empty.
 */
export function quoteBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return "nothing";
  const shown = Array.from(
    bytes.subarray(0, 24),
    (byte) => byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "?",
  ).join("");
  return `"${shown}"${bytes.length > 24 ? "..." : ""}`;
}

/** Whether a word is one of the spellings of what is no finite number (nan, inf, -1.#IND ...). */
export function isNonFiniteWord(bytes: Uint8Array): boolean {
  if (bytes.length > 16) return false;
  return /^[+-]?(nan(\(\w*\))?|inf|infinity|\u221e|1\.#\w+)$/i.test(
    new TextDecoder().decode(bytes),
  );
}
