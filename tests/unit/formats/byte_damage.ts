/**
 * Ways in which binary files are damaged, drawn by a seeded stream.
 *
 * @module
 */
import { type RandomStream, randomStream } from "../../../stages/random.ts";

/** Numbers that counts and lengths are overwritten with: huge, negative, and just beside. */
const ODD_COUNTS = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** Coordinates that are no coordinates, as float32 and float64. */
const ODD_FLOATS = [NaN, Infinity, -Infinity, 1e308, -1e308, 3.5e38, 5e-324, -0];

/** A file that is damaged, and how. */
export interface DamagedBytes {
  readonly bytes: Uint8Array;
  readonly how: string;
}

type Damage = (bytes: Uint8Array, stream: RandomStream) => Uint8Array;

function place(bytes: Uint8Array, stream: RandomStream, room = 0): number {
  const most = Math.max(0, bytes.length - 1 - room);
  // Headers and directories stand at the ends, and are the better part of the damage.
  const end = Math.min(most, 600);
  const draw = stream.uniform();
  if (draw < 0.35) return stream.integer(0, end);
  return draw < 0.7 ? stream.integer(most - end, most) : stream.integer(0, most);
}

function changed(
  bytes: Uint8Array,
  change: (copy: Uint8Array, view: DataView) => void,
): Uint8Array {
  const copy = bytes.slice();
  if (copy.length >= 16) change(copy, new DataView(copy.buffer));
  return copy;
}

function spliced(bytes: Uint8Array, at: number, drop: number, put: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length - drop + put.length);
  out.set(bytes.subarray(0, at));
  out.set(put, at);
  out.set(bytes.subarray(at + drop), at + put.length);
  return out;
}

/** By name; each gives another file each time. */
export const BYTE_DAMAGES: Readonly<Record<string, Damage>> = {
  "cut short": (bytes, stream) => bytes.slice(0, place(bytes, stream)),
  "cut at the front": (bytes, stream) => bytes.slice(stream.integer(1, Math.min(bytes.length, 40))),
  "flipped bit": (bytes, stream) =>
    changed(bytes, (copy) => copy[place(copy, stream)]! ^= 1 << stream.integer(0, 7)),
  "other byte": (bytes, stream) =>
    changed(bytes, (copy) => copy[place(copy, stream)] = stream.integer(0, 255)),
  "twenty other bytes": (bytes, stream) =>
    changed(bytes, (copy) => {
      for (let i = 0; i < 20; i++) copy[place(copy, stream)] = stream.integer(0, 255);
    }),
  "odd count": (bytes, stream) =>
    changed(bytes, (copy, view) => {
      const count = ODD_COUNTS[stream.integer(0, ODD_COUNTS.length - 1)]!;
      const at = place(copy, stream, 8);
      if (stream.uniform() < 0.5) view.setUint32(at, count, true);
      else view.setBigUint64(at, (BigInt(count) << 32n) | BigInt(count), true);
    }),
  "odd number": (bytes, stream) =>
    changed(bytes, (copy, view) => {
      const value = ODD_FLOATS[stream.integer(0, ODD_FLOATS.length - 1)]!;
      const at = place(copy, stream, 8) & ~3;
      if (stream.uniform() < 0.5) view.setFloat32(at, value, true);
      else view.setFloat64(at, value, stream.uniform() < 0.5);
    }),
  "dropped bytes": (bytes, stream) => {
    const at = place(bytes, stream);
    return spliced(bytes, at, Math.min(stream.integer(1, 64), bytes.length - at), new Uint8Array());
  },
  "put in bytes": (bytes, stream) => {
    const put = Uint8Array.from({ length: stream.integer(1, 64) }, () => stream.integer(0, 255));
    return spliced(bytes, place(bytes, stream), 0, put);
  },
  "repeated bytes": (bytes, stream) => {
    const at = place(bytes, stream);
    return spliced(bytes, at, 0, bytes.slice(at, at + stream.integer(1, 2000)));
  },
  "zeroed bytes": (bytes, stream) =>
    changed(bytes, (copy) => {
      const at = place(copy, stream);
      copy.fill(0, at, at + stream.integer(1, 600));
    }),
  "lines with CR": (bytes, stream) => {
    const at = bytes.indexOf(0x0a, place(bytes, stream));
    return at < 0 ? bytes.slice(1) : spliced(bytes, at, 0, Uint8Array.of(0x0d));
  },
  "more behind": (bytes, stream) =>
    spliced(bytes, bytes.length, 0, bytes.slice(0, stream.integer(1, 200))),
};

const NAMES = Object.keys(BYTE_DAMAGES);

/** Damages a file in every way in turn, one time in four in two ways. */
export function* damagedBytes(
  bytes: Uint8Array,
  count: number,
  seed: number,
): Generator<DamagedBytes> {
  for (let i = 0; i < count; i++) {
    const stream = randomStream(seed, "damaged bytes", i);
    const first = NAMES[i % NAMES.length]!;
    let out = BYTE_DAMAGES[first]!(bytes, stream);
    let how = `${i}: ${first}`;
    if (stream.uniform() < 0.25 && out.length > 0) {
      const second = NAMES[stream.integer(0, NAMES.length - 1)]!;
      out = BYTE_DAMAGES[second]!(out, stream);
      how += `, then ${second}`;
    }
    yield { bytes: out, how };
  }
}
