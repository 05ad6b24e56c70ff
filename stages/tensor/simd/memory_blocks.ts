/**
 * Which parts of a linear memory are in use. Kept outside of that memory, by the one thread that asks.
 *
 * @module
 */

/** Blocks begin at multiples of this many bytes. */
const ALIGNMENT = 16;

/**
 * Hands out the first room that is large enough, lowest address first: what is short-lived then goes
 * where earlier short-lived blocks were, and little more of the memory is ever touched than is in use
 * at the peak.
 */
export class MemoryBlocks {
  /** Free parts, ascending, never two in a row. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #grow: (end: number) => number;
  #end: number;

  /**
   * Begins with nothing in use.
   *
   * @param start The first byte to hand out, a multiple of 16.
   * @param end Where the memory ends.
   * @param grow Makes the memory end at a byte or beyond and returns where it ends then; throws where it
   * cannot.
   */
  constructor(start: number, end: number, grow: (end: number) => number) {
    this.#grow = grow;
    this.#end = end;
    if (end > start) this.#insert(0, start, end);
  }

  /** The free parts: how many there are, and their bytes. */
  get free(): { readonly parts: number; readonly bytes: number } {
    const bytes = this.#starts.reduce((sum, start, i) => sum + this.#ends[i]! - start, 0);
    return { parts: this.#starts.length, bytes };
  }

  /** The first byte of a new block; throws what growing throws, and nothing is changed then. */
  take(bytes: number): number {
    const size = sizeOf(bytes);
    for (let i = 0; i < this.#starts.length; i++) {
      if (this.#ends[i]! - this.#starts[i]! >= size) return this.#cut(i, size);
    }
    const last = this.#starts.length - 1;
    const start = this.#ends[last] === this.#end ? this.#starts[last]! : this.#end;
    const end = this.#grow(start + size);
    this.give(this.#end, end - this.#end);
    this.#end = end;
    return this.#cut(this.#starts.length - 1, size);
  }

  /** Takes a block back, of as many bytes as were asked for. */
  give(start: number, bytes: number): void {
    const end = start + sizeOf(bytes);
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! < start) low = middle + 1;
      else high = middle;
    }
    const before = low > 0 && this.#ends[low - 1] === start;
    const after = this.#starts[low] === end;
    if (before && after) {
      this.#ends[low - 1] = this.#ends[low]!;
      this.#remove(low);
    } else if (before) this.#ends[low - 1] = end;
    else if (after) this.#starts[low] = start;
    else this.#insert(low, start, end);
  }

  #cut(i: number, size: number): number {
    const start = this.#starts[i]!;
    this.#starts[i] = start + size;
    if (this.#starts[i] === this.#ends[i]) this.#remove(i);
    return start;
  }

  #insert(i: number, start: number, end: number): void {
    this.#starts.splice(i, 0, start);
    this.#ends.splice(i, 0, end);
  }

  #remove(i: number): void {
    this.#starts.splice(i, 1);
    this.#ends.splice(i, 1);
  }
}

/** Bytes that a block takes; an empty one takes some too, so that no two blocks begin alike. */
function sizeOf(bytes: number): number {
  return Math.max(ALIGNMENT, ALIGNMENT * Math.ceil(bytes / ALIGNMENT));
}
