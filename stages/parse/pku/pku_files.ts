/**
 * Which files of a folder or archive are PKU-MMD's skeletons, labels and splits. Skeletons and labels
 * of a video have the same base name: the folder they lie in tells them apart, or else what is in them.
 *
 * @module
 */
import { counted } from "../../formats/counted.ts";
import { parsePkuName, type PkuName, type PkuPart } from "../../formats/pku_name.ts";
import { splitHeader } from "../../formats/pku_split_list.ts";
import type { RecordingFile } from "../../formats/recording_source.ts";
import { withoutMark } from "../../formats/text_encoding.ts";
import { UnusableInput } from "../../formats/unusable_input.ts";
import { piecesOf } from "./pieces.ts";

/** A video and its files. */
export interface VideoFiles {
  /** Without extension. */
  readonly name: string;
  readonly parsed: PkuName;
  readonly skeleton?: RecordingFile;
  readonly labels?: RecordingFile;
}

/** The files of one part of PKU-MMD. */
export interface PkuFiles {
  readonly part: PkuPart;
  /** In lexicographic order of names. */
  readonly videos: readonly VideoFiles[];
  /** What may be split files. */
  readonly splits: readonly RecordingFile[];
  /** Videos of the other part, which were left out. */
  readonly otherPart: number;
  /** Files that are none of these. */
  readonly others: number;
  /** Those of them that lie among skeletons or labels, though no video is called so. */
  readonly strangers: readonly RecordingFile[];
}

type Kind = "skeleton" | "labels" | "split";

/** Bytes that tell what a text is. */
const HEAD_BYTES = 4096;

/**
 * Sorts files.
 *
 * @param part Which part is wanted, where both may lie there.
 * @throws {UnusableInput} If there are no videos, both parts though neither was asked for, or two files of
 * one kind for a video.
 */
export async function sortPkuFiles(
  files: readonly RecordingFile[],
  part: PkuPart | undefined,
): Promise<PkuFiles> {
  const texts = files.filter(({ name }) =>
    /\.(txt|skeleton|csv)$/i.test(name) || !name.includes(".")
  );
  const kinds = await kindsOf(texts);
  const videos = new Map<string, { -readonly [K in keyof VideoFiles]: VideoFiles[K] }>();
  const splits: RecordingFile[] = [];
  const strangers: RecordingFile[] = [];
  let others = files.length - texts.length;
  for (const file of texts) {
    const kind = kinds.get(file);
    const name = baseName(file);
    const parsed = parsePkuName(name);
    if (kind === "split") splits.push(file);
    else if (kind === undefined || parsed === undefined) {
      others++;
      if (parsed === undefined && kindByPlace(folderOf(file)) !== undefined) strangers.push(file);
    } else {
      const video = videos.get(name) ?? { name, parsed };
      const before = video[kind];
      if (before !== undefined) {
        throw new UnusableInput(
          `two ${kind} files for video ${name}: ${before.path} and ${file.path}; keep one of them`,
        );
      }
      video[kind] = file;
      videos.set(name, video);
    }
  }
  const all = [...videos.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  if (!all.some(({ skeleton }) => skeleton !== undefined)) throw nothingFound(files, all.length);
  const chosen = part ?? onlyPart(all);
  const own = all.filter(({ parsed }) => parsed.part === chosen);
  if (own.length === 0) {
    throw new UnusableInput(
      `expected videos of part ${chosen}, found ${
        counted(all.length, "video")
      } of the other part; ` +
        "the parameter part chooses between them",
    );
  }
  const otherPart = all.length - own.length;
  return { part: chosen, videos: own, splits, otherPart, others, strangers };
}

function onlyPart(videos: readonly VideoFiles[]): PkuPart {
  const first = videos.filter(({ parsed }) => parsed.part === 1).length;
  if (first === 0 || first === videos.length) return first === 0 ? 2 : 1;
  throw new UnusableInput(
    `found ${counted(first, "video")} of part I and ${videos.length - first} of part II: ` +
      "say which with the parameter part: 1 or 2",
  );
}

function nothingFound(files: readonly RecordingFile[], labelled: number): UnusableInput {
  const packed = files.filter(({ name }) => /\.(7z|rar|tar|gz|tgz|bz2|xz)$/i.test(name));
  const hint = packed.length > 0
    ? `; ${packed[0]!.name} is packed in a way that is not read here: unpack it first`
    : labelled > 0
    ? `; there are labels of ${counted(labelled, "video")}`
    : "";
  return new UnusableInput(
    "expected skeleton files such as 0002-L.txt or A01N01-L.txt, with 150 numbers a line, in this " +
      `folder or archive, found none among ${counted(files.length, "file")}${hint}`,
  );
}

function baseName({ name }: RecordingFile): string {
  return name.replace(/\.[^.]*$/, "");
}

function folderOf({ path }: RecordingFile): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** What each file is: by its place; else by its content; else as its neighbours are. */
async function kindsOf(files: readonly RecordingFile[]): Promise<Map<RecordingFile, Kind>> {
  const kinds = new Map<RecordingFile, Kind>();
  const unclear: RecordingFile[] = [];
  const byContent = new Map<string, Set<Kind>>();
  for (const file of files) {
    const isVideo = parsePkuName(baseName(file)) !== undefined;
    const kind = isVideo ? kindByPlace(folderOf(file)) : await kindByContent(file);
    if (isVideo && kind === undefined) unclear.push(file);
    else if (kind !== undefined && isVideo !== (kind === "split")) kinds.set(file, kind);
  }
  const left: RecordingFile[] = [];
  for (const file of unclear) {
    const kind = await kindByContent(file);
    if (kind === undefined || kind === "split") {
      left.push(file);
      continue;
    }
    kinds.set(file, kind);
    const folder = folderOf(file);
    byContent.set(folder, (byContent.get(folder) ?? new Set()).add(kind));
  }
  for (const file of left) {
    const around = byContent.get(folderOf(file));
    if (around?.size === 1) kinds.set(file, [...around][0]!);
  }
  return kinds;
}

/** By the innermost folder or archive whose name says one thing. */
function kindByPlace(folder: string): Kind | undefined {
  for (const part of folder.split("/").reverse()) {
    const skeleton = /skelet/i.test(part);
    if (skeleton !== /label|annotation/i.test(part)) return skeleton ? "skeleton" : "labels";
  }
  return undefined;
}

async function kindByContent(file: RecordingFile): Promise<Kind | undefined> {
  const text = new TextDecoder("latin1").decode(withoutMark(await headOf(file)));
  const line = text.split("\n").find((line) => line.trim() !== "") ?? "";
  if (splitHeader(line) !== undefined) return "split";
  if (line.split(",").length === 4 && /^\s*\d+\s*,/.test(line)) return "labels";
  return /^(\s*[-+.\d]\S*){20}/.test(line) && !line.includes(",") ? "skeleton" : undefined;
}

/** The beginning of a file; nothing where it cannot be read, which its reader will say again. */
async function headOf(file: RecordingFile): Promise<Uint8Array> {
  const head = new Uint8Array(HEAD_BYTES);
  let length = 0;
  try {
    for await (const piece of piecesOf(file)) {
      const taken = piece.subarray(0, HEAD_BYTES - length);
      head.set(taken, length);
      length += taken.length;
      if (length === HEAD_BYTES) break;
    }
  } catch {
    return head.subarray(0, 0);
  }
  return head.subarray(0, length);
}
