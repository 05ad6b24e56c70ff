/**
 * Where two files differ, for those who know nothing of their format.
 *
 * @module
 */

/** Where the bytes of two files begin to differ. */
export async function byteDifference(first: string, second: string): Promise<string> {
  const [a, b] = [await Deno.open(first), await Deno.open(second)];
  try {
    const sizes = [(await a.stat()).size, (await b.stat()).size];
    const lengths = sizes[0] === sizes[1] ? "" : ` (${sizes[0]} / ${sizes[1]} bytes)`;
    const [blockA, blockB] = [new Uint8Array(1 << 20), new Uint8Array(1 << 20)];
    for (let at = 0;; at += blockA.length) {
      const [lengthA, lengthB] = [await fill(a, blockA), await fill(b, blockB)];
      const shared = Math.min(lengthA, lengthB);
      for (let i = 0; i < shared; i++) {
        if (blockA[i] !== blockB[i]) {
          return `first differs at byte ${at + i}: ${blockA[i]} / ${blockB[i]}${lengths}`;
        }
      }
      if (lengthA !== lengthB || shared === 0) {
        return `the same up to byte ${at + shared}, where the shorter one ends${lengths}`;
      }
    }
  } finally {
    a.close();
    b.close();
  }
}

async function fill(file: Deno.FsFile, block: Uint8Array): Promise<number> {
  let length = 0;
  while (length < block.length) {
    const read = await file.read(block.subarray(length));
    if (read === null) break;
    length += read;
  }
  return length;
}
