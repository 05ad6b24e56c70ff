/**
 * The files in a zip archive, read one at a time from where they lie: the archive is never in memory
 * as a whole, nothing is unpacked to disk, and every file's size and CRC-32 are checked.
 *
 * zip.js reads the directory (zip64 too); the files' bytes are read here, so that none can unpack to
 * more than the directory says. What is wrong with one file is told when that file is read, so that it
 * costs none of the others.
 *
 * @module
 */
import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { type Entry, Reader, ZipReader } from "@zip.js/zip.js";
import { UnusableInput } from "./unusable_input.ts";
import {
  checkSum,
  packedChunks,
  type PackedFile,
  unpackedChunks,
  unpackFile,
  type ZipPlace,
} from "./zip_data.ts";
import { memberFaults, pathFault } from "./zip_faults.ts";

/** One file of an archive. */
export interface ZipMember {
  /** Its path inside the archive. */
  readonly path: string;
  /** Bytes when unpacked, as the archive's directory says. */
  readonly size: number;
  /**
   * Reads it.
   *
   * @throws {Error} If its bytes are damaged, it is encrypted, packed by an unknown method, unpacks to
   * another size than it says or to more than {@link LARGEST_READ}, or its path leads out of the
   * archive.
   */
  read(): Promise<Uint8Array>;
  /**
   * Reads it without unpacking it: another thread may do that.
   *
   * @throws {Error} As `read`, as far as can be told by now.
   */
  packed(): Promise<PackedFile>;
  /**
   * Its bytes as they are unpacked, of any number, with a few megabytes in memory. Damage shows as an
   * error of the stream, a wrong CRC-32 only at its end. Cancelling it stops the unpacking.
   */
  stream(): ReadableStream<Uint8Array>;
}

/** An open archive. */
export interface ZipSource {
  readonly members: readonly ZipMember[];
  close(): Promise<void>;
}

/** No file that is read at once unpacks to more, in bytes. */
export const LARGEST_READ = 2 ** 28;

/** No archive has more files; the largest of NTU RGB+D has 58,000. */
const MOST_FILES = 500_000;

/** Positional reads, so that reads may overlap in time, and archives may exceed 4 GiB. */
class FileHandleReader extends Reader<FileHandle> {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    super(handle);
    this.#handle = handle;
  }

  override async init(): Promise<void> {
    await super.init?.();
    this.size = (await this.#handle.stat()).size;
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - index)));
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await this.#handle.read(
        bytes,
        done,
        bytes.length - done,
        index + done,
      );
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  }
}

/**
 * Opens an archive and reads its directory.
 *
 * @throws {UnusableInput} If the file is no zip archive or its directory is damaged, naming the file.
 */
export async function openZip(path: string): Promise<ZipSource> {
  const handle = await open(path, "r");
  try {
    const bytes = new FileHandleReader(handle);
    const reader = new ZipReader(bytes, { useWebWorkers: false, filenameValidation: "tolerant" });
    const entries: ListedFile[] = [];
    // One by one: a hundred thousand entries in the library's own form take a gigabyte.
    for await (const entry of reader.getEntriesGenerator()) {
      if (entries.length === MOST_FILES) throw new Error(`it has more than ${MOST_FILES} files`);
      if (!entry.directory) entries.push(listed(entry));
    }
    const faults = memberFaults(entries.map(({ place }) => place), bytes.size);
    return {
      members: entries.map((entry, i) => member(bytes, entry, pathFault(entry.path) ?? faults[i])),
      close: async () => {
        await reader.close();
        await handle.close();
      },
    };
  } catch (error) {
    await handle.close();
    throw new UnusableInput(
      `${path}: cannot be read as a zip archive (${(error as Error).message}): ` +
        "the file may be damaged or cut short; get it again",
      { cause: error },
    );
  }
}

/** What is kept of a file in the directory. */
interface ListedFile {
  readonly path: string;
  readonly place: ZipPlace;
  readonly crc: number;
}

function listed(entry: Entry): ListedFile {
  return {
    path: entry.filename,
    place: {
      offset: entry.offset,
      packed: entry.compressedSize,
      size: entry.uncompressedSize,
      method: entry.compressionMethod,
      encrypted: entry.encrypted,
    },
    crc: entry.signature! >>> 0,
  };
}

function member(
  bytes: FileHandleReader,
  { path, place, crc }: ListedFile,
  fault: string | undefined,
): ZipMember {
  const chunks = async function* () {
    if (fault !== undefined) throw new Error(fault);
    const packed = packedChunks(bytes, ...await packedRange(bytes, place));
    let sum = 0;
    for await (const chunk of unpackedChunks(packed, place)) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
    checkSum(sum, crc);
  };
  const packed = async () => {
    if (fault !== undefined) throw new Error(fault);
    if (place.size > LARGEST_READ) {
      throw new Error(`expected at most ${LARGEST_READ} bytes, it says it has ${place.size}`);
    }
    return { bytes: await bytes.readUint8Array(...await packedRange(bytes, place)), place, crc };
  };
  return {
    path,
    size: place.size,
    read: async () => unpackFile(await packed()),
    packed,
    stream: () => ReadableStream.from(chunks()),
  };
}

/** Where the packed bytes lie: behind the file's own header. */
async function packedRange(bytes: FileHandleReader, place: ZipPlace): Promise<[number, number]> {
  const head = await bytes.readUint8Array(place.offset, 30);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 30 || view.getUint32(0, true) !== 0x04034b50) {
    throw new Error(`no file begins at byte ${place.offset}: the archive is damaged`);
  }
  if (view.getUint16(8, true) !== place.method) {
    throw new Error("its own header and the archive's directory disagree: the archive is damaged");
  }
  const at = place.offset + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  if (at + place.packed > bytes.size) throw new Error("the archive ends before it does");
  return [at, place.packed];
}
