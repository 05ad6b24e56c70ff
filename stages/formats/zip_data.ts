/**
 * The bytes of a file in a zip archive: stored or deflated, never more than they say.
 *
 * @module
 */
import { crc32, inflateRawSync } from "node:zlib";

/** What the archive's directory says of a file. */
export interface ZipPlace {
  /** Where its own header begins. */
  readonly offset: number;
  /** Bytes in the archive. */
  readonly packed: number;
  /** Bytes when unpacked. */
  readonly size: number;
  /** {@link STORED} or {@link DEFLATED}; others are not read. */
  readonly method: number;
  readonly encrypted: boolean;
}

/** The methods of packing that are read. */
export const STORED = 0;
export const DEFLATED = 8;

/** Packed bytes handed to the unpacker at once: they give up to a thousand times as many. */
const PIECE = 16 * 1024;

/** Stored bytes read at once. */
const BLOCK = 1 << 20;

/** Reads bytes at any place. */
export interface ReadableAt {
  readUint8Array(index: number, length: number): Promise<Uint8Array>;
}

function wrongSize(place: ZipPlace, found: string): Error {
  return new Error(`expected ${place.size} bytes, unpacked ${found}: the archive is damaged`);
}

/**
 * Unpacks a whole file.
 *
 * @throws {Error} If it is damaged or unpacks to another size.
 */
export function unpack(packed: Uint8Array, place: ZipPlace): Uint8Array {
  if (packed.length !== place.packed) throw new Error("the archive has become shorter");
  if (place.method === STORED) return packed;
  let bytes: Uint8Array;
  try {
    // At least one byte is allowed for, since zlib takes no limit of 0.
    const { buffer, byteOffset, length } = inflateRawSync(packed, {
      maxOutputLength: Math.max(1, place.size),
    });
    bytes = new Uint8Array(buffer, byteOffset, length);
  } catch (error) {
    if (error instanceof RangeError) throw wrongSize(place, "more");
    throw new Error(`its packed bytes are damaged (${(error as Error).message})`);
  }
  if (bytes.length !== place.size) throw wrongSize(place, `${bytes.length}`);
  return bytes;
}

/** A file as it lies in its archive: plain data. */
export interface PackedFile {
  readonly bytes: Uint8Array;
  readonly place: ZipPlace;
  /** CRC-32 of the file when unpacked. */
  readonly crc: number;
}

/**
 * Unpacks a whole file.
 *
 * @throws {Error} As {@link unpack}, and if its bytes do not fit their check sum.
 */
export function unpackFile({ bytes, place, crc }: PackedFile): Uint8Array {
  const data = unpack(bytes, place);
  checkSum(crc32(data), crc);
  return data;
}

/** @throws {Error} If two check sums differ. */
export function checkSum(found: number, expected: number): void {
  if (found !== expected) {
    throw new Error("its bytes do not fit their check sum (CRC-32): the archive is damaged");
  }
}

/** Packed bytes, piece by piece. */
export async function* packedChunks(
  bytes: ReadableAt,
  from: number,
  length: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let done = 0; done < length;) {
    const block = await bytes.readUint8Array(from + done, Math.min(BLOCK, length - done));
    if (block.length === 0) throw new Error("the archive has become shorter");
    done += block.length;
    yield block as Uint8Array<ArrayBuffer>;
  }
}

/**
 * Unpacks a file piece by piece.
 *
 * @throws {Error} If it is damaged or unpacks to another size.
 */
export async function* unpackedChunks(
  packed: AsyncGenerator<Uint8Array<ArrayBuffer>>,
  place: ZipPlace,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const chunk of place.method === STORED ? packed : inflated(packed)) {
    done += chunk.length;
    if (done > place.size) throw wrongSize(place, "more");
    yield chunk;
  }
  if (done !== place.size) throw wrongSize(place, `${done}`);
}

async function* inflated(
  packed: AsyncGenerator<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array> {
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(small(packed), { highWaterMark: 0 })
    .pipeThrough(new DecompressionStream("deflate-raw"));
  try {
    for await (const chunk of stream) yield chunk;
  } catch (error) {
    throw new Error(`its packed bytes are damaged (${(error as Error).message})`);
  }
}

function small(
  packed: AsyncGenerator<Uint8Array<ArrayBuffer>>,
): UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> {
  let block: Uint8Array<ArrayBuffer> = new Uint8Array();
  return {
    pull: async (controller) => {
      if (block.length === 0) {
        const next = await packed.next();
        if (next.done === true) return controller.close();
        block = next.value;
      }
      controller.enqueue(block.slice(0, PIECE));
      block = block.subarray(PIECE);
    },
    cancel: async () => {
      await packed.return(undefined);
    },
  };
}
