/**
 * Named tensors in one file, in Hugging Face's safetensors format: 8 bytes with the header's length
 * (little endian), the header as JSON (`name -> dtype, shape, data_offsets`, padded with spaces so
 * that the data begin at a multiple of 8), then the tensors' bytes without gaps.
 *
 * @module
 */

/** A tensor: float32, or 64-bit integers as PyTorch counts batches with. C order. */
export type SafeTensor =
  | { readonly dtype: "F32"; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: "I64"; readonly shape: readonly number[]; readonly data: BigInt64Array };

/** What a file holds. */
export interface SafetensorsFile {
  /** Tensors by name, names ascending. */
  readonly tensors: ReadonlyMap<string, SafeTensor>;
  /** Texts that the writer added; empty where it added none. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A broken safetensors file; the message names the file and, where it can, the tensor. */
export class SafetensorsError extends Error {
  override name = "SafetensorsError";
}

const ITEM_BYTES = { F32: 4, I64: 8 } as const;
const LONGEST_HEADER = 100_000_000;
const METADATA = "__metadata__";

function byName<T>(a: readonly [string, T], b: readonly [string, T]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}

function volume(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * The bytes of a file. Equal tensors give equal bytes: the header's names are sorted, and the data
 * lie in order of element size (so that every tensor is aligned), then of name.
 *
 * @param tensors Tensors by name.
 * @param metadata Texts to put beside them.
 * @throws {RangeError} If a tensor's shape does not fit its data, or a name is reserved.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, SafeTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries = [...tensors].sort(byName);
  const header = new Map<string, unknown>();
  const texts = Object.entries(metadata).sort(byName);
  if (texts.length > 0) header.set(METADATA, Object.fromEntries(texts));
  const offsets = new Map<string, number>();
  let end = 0;
  for (const bytes of [8, 4]) {
    for (const [name, tensor] of entries) {
      if (ITEM_BYTES[tensor.dtype] !== bytes) continue;
      offsets.set(name, end);
      end += tensor.data.byteLength;
    }
  }
  for (const [name, { dtype, shape, data }] of entries) {
    if (name === METADATA) throw new RangeError(`a tensor cannot be called ${METADATA}`);
    if (volume(shape) !== data.length) {
      throw new RangeError(
        `${name}: shape [${shape.join(", ")}] does not fit ${data.length} values`,
      );
    }
    const begin = offsets.get(name)!;
    header.set(name, { dtype, shape, data_offsets: [begin, begin + data.byteLength] });
  }
  const members = [...header].map(([name, value]) =>
    `${JSON.stringify(name)}:${JSON.stringify(value)}`
  );
  const text = new TextEncoder().encode(`{${members.join(",")}}`);
  const dataStart = Math.ceil((8 + text.length) / 8) * 8;
  const file = new Uint8Array(dataStart + end).fill(0x20, 0, dataStart);
  new DataView(file.buffer).setBigUint64(0, BigInt(dataStart - 8), true);
  file.set(text, 8);
  for (const [name, { data }] of entries) {
    file.set(
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      dataStart + offsets.get(name)!,
    );
  }
  return file;
}

/** Counts an object's keys as they stand in its text, at depth 1 and at all depths. */
function countKeys(text: string): { top: number; all: number } {
  const count = { top: 0, all: 0 };
  let depth = 0;
  for (const token of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    if (token[0] === "{" || token[0] === "[") depth++;
    else if (token[0] === "}" || token[0] === "]") depth--;
    else if (token[1] !== undefined) {
      count.all++;
      if (depth === 1) count.top++;
    }
  }
  return count;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseHeader(bytes: Uint8Array, file: string): Record<string, Record<string, unknown>> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (error) {
    throw new SafetensorsError(`${file}: the header is no JSON: ${(error as Error).message}`);
  }
  if (!isObject(header)) throw new SafetensorsError(`${file}: the header is no JSON object`);
  for (const [name, value] of Object.entries(header)) {
    if (!isObject(value)) throw new SafetensorsError(`${file}: ${name}: expected an object`);
  }
  const entries = header as Record<string, Record<string, unknown>>;
  const keys = countKeys(text);
  const inner = Object.values(entries).reduce((sum, value) => sum + Object.keys(value).length, 0);
  // JSON.parse keeps the last of two equal keys without a word.
  if (keys.top !== Object.keys(entries).length || keys.all !== keys.top + inner) {
    throw new SafetensorsError(`${file}: a name occurs twice in the header`);
  }
  return entries;
}

function isIndexList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/**
 * Reads a file from memory, strictly.
 *
 * @param bytes The file; the tensors are copies.
 * @param file What to call it in an error.
 * @throws {SafetensorsError} If the header is broken, a name occurs twice, a dtype is neither F32 nor
 * I64, a shape does not fit its bytes, or the tensors do not cover the data exactly once.
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): SafetensorsFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? -1 : Number(view.getBigUint64(0, true));
  if (length < 2 || length > LONGEST_HEADER || 8 + length > bytes.length) {
    throw new SafetensorsError(
      `${file}: no safetensors file: ${bytes.length} bytes` +
        (length < 0 ? "" : ` with a header of ${length}`),
    );
  }
  const dataStart = 8 + length;
  const entries = parseHeader(bytes.subarray(8, dataStart), file);
  const metadata: Record<string, string> = {};
  const tensors = new Map<string, SafeTensor>();
  const spans: [number, number, string][] = [];
  for (const [name, entry] of Object.entries(entries).sort(byName)) {
    const fail = (problem: string) => new SafetensorsError(`${file}: ${name}: ${problem}`);
    if (name === METADATA) {
      for (const [key, value] of Object.entries(entry)) {
        if (typeof value !== "string") throw fail(`${key}: expected a text`);
        metadata[key] = value;
      }
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = entry;
    if (dtype !== "F32" && dtype !== "I64") {
      throw fail(`expected dtype F32 or I64, found ${JSON.stringify(dtype)}`);
    }
    if (!isIndexList(shape)) throw fail("its shape is no list of sizes");
    if (!isIndexList(offsets) || offsets.length !== 2) throw fail("its data_offsets are no pair");
    const [begin, end] = offsets as [number, number];
    if (end - begin !== volume(shape) * ITEM_BYTES[dtype] || dataStart + end > bytes.length) {
      throw fail(
        `shape [${shape.join(", ")}] of ${dtype} does not fit bytes ${begin} to ${end} of ` +
          `${bytes.length - dataStart}`,
      );
    }
    spans.push([begin, end, name]);
    const { buffer } = bytes.slice(dataStart + begin, dataStart + end);
    tensors.set(
      name,
      dtype === "F32"
        ? { dtype, shape, data: new Float32Array(buffer) }
        : { dtype, shape, data: new BigInt64Array(buffer) },
    );
  }
  let covered = 0;
  for (const [begin, end, name] of spans.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (begin !== covered) {
      throw new SafetensorsError(`${file}: ${name}: begins at byte ${begin}, expected ${covered}`);
    }
    covered = end;
  }
  if (dataStart + covered !== bytes.length) {
    throw new SafetensorsError(
      `${file}: the tensors end at byte ${covered} of ${bytes.length - dataStart}`,
    );
  }
  return { tensors, metadata };
}
