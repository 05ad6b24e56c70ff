/**
 * What kind of file it is, by its first bytes and then by its name: a name may be wrong.
 *
 * @module
 */
import { PKU_COLUMNS } from "../formats/pku_skeleton.ts";
import { splitHeader } from "../formats/pku_split_list.ts";

/** Kinds that can be looked into. */
export type FileKind =
  | "empty"
  | "npy"
  | "npz"
  | "zip"
  | "torch"
  | "safetensors"
  | "pickle"
  | "json"
  | "skeleton"
  | "pku_skeleton"
  | "pku_labels"
  | "pku_splits"
  | "table"
  | "svg"
  | "text"
  | "foreign"
  | "unknown";

/** A kind, and for kinds that are not read here what it is. */
export interface KindFound {
  readonly kind: FileKind;
  /** For `foreign`: what it is and what to do, in a sentence. */
  readonly hint?: string;
}

/** Files by their first bytes that others write and nobody here reads. */
const FOREIGN: readonly (readonly [readonly number[], string])[] = [
  [[0x89, 0x48, 0x44, 0x46], "an HDF5 file: save its arrays as .npy or .npz"],
  [[0x1f, 0x8b], "a gzip file: unpack it first (tar xzf, gunzip)"],
  [[0x37, 0x7a, 0xbc, 0xaf], "a 7z archive: unpack it first"],
  [[0x52, 0x61, 0x72, 0x21], "a RAR archive: unpack it first"],
  [[0x42, 0x5a, 0x68], "a bzip2 file: unpack it first"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "an xz file: unpack it first"],
  [[0x28, 0xb5, 0x2f, 0xfd], "a zstd file: unpack it first"],
  [[0x89, 0x50, 0x4e, 0x47], "a PNG picture"],
  [[0xff, 0xd8, 0xff], "a JPEG picture"],
  [[0x25, 0x50, 0x44, 0x46], "a PDF document"],
  [[0x52, 0x49, 0x46, 0x46], "a RIFF file, such as AVI video; skeletons are wanted, not video"],
  [[0x53, 0x51, 0x4c, 0x69], "an SQLite database"],
];

const MATLAB = "MATLAB 5.0 MAT-file";

/** Tells a file's kind from its first bytes (some tens of thousands) and its base name. */
export function fileKind(head: Uint8Array, name: string): KindFound {
  if (head.length === 0) return { kind: "empty" };
  const begins = (bytes: readonly number[]) => bytes.every((byte, i) => head[i] === byte);
  const extension = /\.[^.]+$/.exec(name.toLowerCase())?.[0] ?? "";
  if (begins([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59])) return { kind: "npy" };
  if (begins([0x50, 0x4b, 3, 4]) || begins([0x50, 0x4b, 5, 6])) {
    return { kind: zipKind(head, extension) };
  }
  const foreign = FOREIGN.find(([bytes]) => begins(bytes));
  if (foreign !== undefined) return { kind: "foreign", hint: foreign[1] };
  if (head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5) return { kind: "pickle" };
  const start = new TextDecoder("latin1").decode(head.subarray(0, 4096));
  if (start.startsWith(MATLAB)) {
    return { kind: "foreign", hint: "a MATLAB file: save its arrays as .npy" };
  }
  if (start.startsWith("ustar", 257)) {
    return { kind: "foreign", hint: "a tar archive: unpack it first (tar xf)" };
  }
  if (head.length > 9 && head[8] === 0x7b && head.subarray(4, 8).every((byte) => byte === 0)) {
    return { kind: "safetensors" };
  }
  // Tables in UTF-16, as spreadsheets write them, are read.
  const isWide = begins([0xff, 0xfe]) || begins([0xfe, 0xff]);
  if (isWide && [".csv", ".tsv"].includes(extension)) return { kind: "table" };
  return byName(extension) ?? textKind(head, start);
}

function zipKind(head: Uint8Array, extension: string): FileKind {
  if (extension === ".npz") return "npz";
  if ([".pt", ".pth", ".ckpt"].includes(extension)) return "torch";
  const first = new TextDecoder("latin1").decode(head.subarray(30, 130));
  if (/^[^/]{0,60}\/data\.pkl/.test(first)) return "torch";
  return /^[^/]{1,60}\.npy/.test(first) && extension === "" ? "npz" : "zip";
}

/** Damaged files have lost their first bytes rather than their names. */
function byName(extension: string): KindFound | undefined {
  const kinds: Readonly<Record<string, FileKind>> = {
    ".npy": "npy",
    ".npz": "npz",
    ".zip": "zip",
    ".safetensors": "safetensors",
    ".pkl": "pickle",
    ".pickle": "pickle",
    ".skeleton": "skeleton",
    ".json": "json",
    ".svg": "svg",
  };
  const kind = kinds[extension];
  return kind === undefined ? undefined : { kind };
}

function textKind(head: Uint8Array, start: string): KindFound {
  if (head.subarray(0, 4096).includes(0) && !(head[0] === 0xff || head[0] === 0xfe)) {
    return { kind: "unknown" };
  }
  const text = start.replace(/^\u00ef\u00bb\u00bf/, "").trimStart();
  if (text.startsWith("{") || text.startsWith("[")) return { kind: "json" };
  if (text.startsWith("<svg") || text.startsWith("<?xml")) return { kind: "svg" };
  const [first = "", second = ""] = text.split(/\r?\n/);
  if (splitHeader(first) !== undefined) return { kind: "pku_splits" };
  if (/^\s*\d+\s*,\s*\d+\s*,\s*\d+\s*(,\s*\d+\s*)?$/.test(first)) return { kind: "pku_labels" };
  if (/^\s*\d+\s*$/.test(first) && /^\s*\d+\s*$/.test(second)) return { kind: "skeleton" };
  const words = first.trim().split(/[ \t]+/);
  if (words.length >= PKU_COLUMNS - 2 && words.slice(0, 20).every((word) => isNumber(word))) {
    return { kind: "pku_skeleton" };
  }
  if (/[,;\t]/.test(first) && /(^|[,;\t"])\s*(name|label)\s*([,;\t"]|$)/i.test(first)) {
    return { kind: "table" };
  }
  return { kind: "text" };
}

function isNumber(word: string): boolean {
  return word !== "" && Number.isFinite(Number(word));
}
