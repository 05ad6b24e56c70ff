/**
 * Writes numbers and line ends as bytes, in the style of the NTU files: seven significant digits, no
 * trailing zeros, `1.2E-05` below a ten-thousandth.
 *
 * @module
 */

const SIGNIFICANT = 7;
const LARGEST = 10 ** SIGNIFICANT;
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** Grows as text is appended. */
export class NumberWriter {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;
  readonly #lineEnd: Uint8Array;
  readonly #digits = new Uint8Array(SIGNIFICANT);

  /** @param crlf Whether lines end with CR LF rather than LF. */
  constructor(crlf: boolean) {
    this.#lineEnd = new TextEncoder().encode(crlf ? "\r\n" : "\n");
  }

  /** What was written so far; valid until more is written. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Ends the line; a blank before the end is taken back. */
  endLine(): void {
    this.#room(2);
    if (this.#length > 0 && this.#bytes[this.#length - 1] === 0x20) this.#length--;
    for (const byte of this.#lineEnd) this.#bytes[this.#length++] = byte;
  }

  /** Writes ASCII text and a blank. */
  word(text: string): void {
    this.#room(text.length + 1);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i);
    this.#bytes[this.#length++] = 0x20;
  }

  /** Writes a number with seven significant digits and a blank. */
  number(value: number): void {
    this.#room(24);
    if (value < 0) this.#bytes[this.#length++] = MINUS;
    const size = Math.abs(value);
    if (size === 0) {
      this.#bytes[this.#length++] = ZERO;
    } else {
      let exponent = Math.floor(Math.log10(size));
      let digits = scaled(size, SIGNIFICANT - 1 - exponent);
      if (digits >= LARGEST) digits = scaled(size, SIGNIFICANT - 1 - ++exponent);
      else if (digits < LARGEST / 10) digits = scaled(size, SIGNIFICANT - 1 - --exponent);
      this.#decimal(digits, exponent);
    }
    this.#bytes[this.#length++] = 0x20;
  }

  /** Writes `digits` (seven of them), the first standing for 10^exponent. */
  #decimal(digits: number, exponent: number): void {
    let last = 0;
    for (let i = SIGNIFICANT - 1; i >= 0; i--) {
      const rest = Math.floor(digits / 10);
      const digit = digits - rest * 10;
      this.#digits[i] = digit;
      if (digit !== 0 && last === 0) last = i + 1;
      digits = rest;
    }
    if (exponent < -4 || exponent >= SIGNIFICANT) {
      this.#fixed(last, 0);
      const text = String(Math.abs(exponent)).padStart(2, "0");
      for (const c of `E${exponent < 0 ? "-" : "+"}${text}`) {
        this.#bytes[this.#length++] = c.charCodeAt(0);
      }
    } else {
      this.#fixed(last, exponent);
    }
  }

  #fixed(last: number, exponent: number): void {
    const bytes = this.#bytes;
    if (exponent < 0) {
      bytes[this.#length++] = ZERO;
      bytes[this.#length++] = POINT;
      for (let i = -1; i > exponent; i--) bytes[this.#length++] = ZERO;
    }
    const end = Math.max(last, exponent + 1);
    for (let i = 0; i < end; i++) {
      if (i === exponent + 1 && exponent >= 0) bytes[this.#length++] = POINT;
      bytes[this.#length++] = ZERO + this.#digits[i]!;
    }
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(this.#bytes.length * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** `round(value 10^power)` with one rounding of the product where the power of ten is exact. */
function scaled(value: number, power: number): number {
  if (power < 0) return Math.round(value / POWERS_OF_TEN[-power]!);
  if (power <= 22) return Math.round(value * POWERS_OF_TEN[power]!);
  return Math.round(value * 1e22 * 10 ** (power - 22));
}
