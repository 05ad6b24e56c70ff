/**
 * What can be told to be wrong with the files of a zip archive from its directory alone.
 *
 * @module
 */
import { DEFLATED, STORED, type ZipPlace } from "./zip_data.ts";

/** Deflate cannot make one byte into more. */
const LARGEST_RATIO = 1032;

/** Bytes of a file's own header, without its name. */
const HEADER = 30;

/** Why a path is not taken, or `undefined`: it is absolute, or leads out of the archive. */
export function pathFault(path: string): string | undefined {
  const parts = path.split(/[/\\]/);
  if (/^[/\\]|^[a-zA-Z]:/.test(path) || parts.includes("..") || path.includes("\0")) {
    return `its path leads out of the archive (${
      JSON.stringify(path)
    }); nothing sound has such a path`;
  }
  return undefined;
}

/**
 * Why files are not taken, in their order: sizes that cannot be, unknown packing, bytes that two files
 * share.
 *
 * @param places What the directory says of the files.
 * @param size Bytes of the archive.
 */
export function memberFaults(
  places: readonly ZipPlace[],
  size: number,
): (string | undefined)[] {
  const faults = places.map((place) => placeFault(place, size));
  const order = places.map((_, i) => i).sort((a, b) => places[a]!.offset - places[b]!.offset);
  for (const [at, i] of order.entries()) {
    const { offset, packed } = places[i]!;
    const before = places[order[at - 1] ?? -1]?.offset;
    const after = places[order[at + 1] ?? -1]?.offset ?? Infinity;
    if (before === offset || after < offset + HEADER + packed) {
      faults[i] ??= "it lies over another file of the archive: the archive is damaged or a trap";
    }
  }
  return faults;
}

function placeFault(place: ZipPlace, size: number): string | undefined {
  const { offset, packed, method } = place;
  if (place.encrypted) return "it is encrypted: unpack the archive with its password first";
  if (method !== STORED && method !== DEFLATED) {
    return `it is packed by method ${method}, expected stored (0) or deflated (8)`;
  }
  if (offset + HEADER + packed > size) return "the archive ends before it does";
  const most = method === STORED ? packed : packed * LARGEST_RATIO;
  const least = method === STORED ? packed : 0;
  if (place.size > most || place.size < least) {
    return `${packed} packed bytes cannot be the ${place.size} that it says: the archive is damaged`;
  }
  return undefined;
}
