/**
 * Zip archives made by hand, so that any field of them can lie.
 *
 * @module
 */
import { crc32, deflateRawSync } from "node:zlib";

/** A file for an archive; what is left out is as it should be. */
export interface ZipPart {
  readonly path: string;
  readonly text: string | Uint8Array;
  readonly deflated?: boolean;
  /** What the archive says, in place of the truth. */
  readonly size?: number;
  readonly packed?: number;
  readonly crc?: number;
  readonly method?: number;
  readonly flags?: number;
  /** Where the directory says that it begins. */
  readonly offset?: number;
  /** Says sizes and offset in a zip64 field. */
  readonly zip64?: boolean;
}

function fields(...values: readonly (readonly [bytes: number, value: number | bigint])[]) {
  const out: number[] = [];
  for (const [bytes, value] of values) {
    for (let i = 0n; i < bytes; i++) out.push(Number((BigInt(value) >> (8n * i)) & 255n));
  }
  return Uint8Array.from(out);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const FULL = 0xffffffff;

/** The bytes of an archive. */
export function zipOf(parts: readonly ZipPart[]): Uint8Array {
  const encoder = new TextEncoder();
  const files: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const part of parts) {
    const name = encoder.encode(part.path);
    const raw = typeof part.text === "string" ? encoder.encode(part.text) : part.text;
    const bytes = part.deflated === true ? new Uint8Array(deflateRawSync(raw)) : raw;
    const crc = part.crc ?? crc32(raw);
    const method = part.method ?? (part.deflated === true ? 8 : 0);
    const flags = part.flags ?? 0x800;
    const packed = part.packed ?? bytes.length;
    const size = part.size ?? raw.length;
    const at = part.offset ?? offset;
    const long = part.zip64 === true;
    const sizes64: [number, number][] = [[8, size], [8, packed]];
    const localExtra = long ? fields([2, 1], [2, 16], ...sizes64) : new Uint8Array();
    const extra = long ? fields([2, 1], [2, 24], ...sizes64, [8, at]) : new Uint8Array();
    const common: [number, number][] = [
      ...([[2, 45], [2, flags], [2, method], [2, 0], [2, 33], [4, crc]] as [number, number][]),
      ...([[4, long ? FULL : packed], [4, long ? FULL : size], [2, name.length]] as const).map(
        ([n, value]) => [n, value] as [number, number],
      ),
    ];
    const local = [fields([4, 0x04034b50], ...common, [2, localExtra.length]), name, localExtra];
    files.push(...local, bytes);
    directory.push(
      fields([4, 0x02014b50], [2, 45], ...common, [2, extra.length], [2, 0], [2, 0], [2, 0], [
        4,
        0,
      ], [4, long ? FULL : at]),
      name,
      extra,
    );
    offset += local.reduce((sum, piece) => sum + piece.length, 0) + bytes.length;
  }
  const table = joined(directory);
  const count = parts.length;
  return joined([
    ...files,
    table,
    fields([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, table.length], [
      4,
      offset,
    ], [2, 0]),
  ]);
}
