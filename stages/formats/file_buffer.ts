/**
 * Reading many files one after another into the same memory.
 *
 * @module
 */

/** Memory that grows to the largest file it has held. */
export interface FileBuffer {
  /**
   * Reads a whole file.
   *
   * @returns Its bytes, valid until the next call; `undefined` if there are more than the limit.
   */
  read(path: string): Uint8Array | undefined;
}

/** Where a file buffer begins. */
const FIRST_BYTES = 1 << 20;

/**
 * Makes a buffer.
 *
 * @param limit Bytes of the largest file that is read.
 */
export function fileBuffer(limit: number): FileBuffer {
  let memory = new Uint8Array(Math.min(FIRST_BYTES, limit + 1));
  return {
    read(path) {
      using file = Deno.openSync(path);
      let length = 0;
      for (;;) {
        if (length === memory.length) {
          if (length > limit) return undefined;
          const larger = new Uint8Array(Math.min(2 * length, limit + 1));
          larger.set(memory);
          memory = larger;
        }
        const read = file.readSync(memory.subarray(length));
        if (read === null) return memory.subarray(0, length);
        length += read;
      }
    },
  };
}
