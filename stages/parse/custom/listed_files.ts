/**
 * Which file each row of a user's table means, and what its words come to in numbers.
 *
 * @module
 */
import { BadRecording } from "../../formats/bad_recording.ts";
import { quoted } from "../../formats/csv_text.ts";
import type { RecordingFile } from "../../formats/recording_source.ts";
import { UnusableInput } from "../../formats/unusable_input.ts";
import type { NamedFile } from "../parse_outcomes.ts";
import type { ClipIdentity } from "../recording_form.ts";
import { type ClipList, LIST_COLUMNS, type ListColumn, type ListedClip } from "./clip_list.ts";
import type { ParseCustomParams } from "./definition.ts";
import { type Numbering, numbering, numberingOf } from "./numbering.ts";

/** A clip of the table with its file and its numbers. */
export interface ListedFile extends NamedFile {
  readonly listed: ListedClip;
}

/** What the table comes to. */
export interface ListedFiles {
  /** In lexicographic order of names, by code units. */
  readonly clips: readonly ListedFile[];
  /** Rows without a file of their own, or whose fields do not fit the others. */
  readonly faults: readonly BadRecording[];
  /** Files that no row means. */
  readonly unlisted: readonly RecordingFile[];
  readonly classes: number;
  /** By label; empty where labels are numbers without names. */
  readonly class_names: readonly string[];
  /** The words of each other column, by number from 1. */
  readonly words: Readonly<Record<string, readonly string[]>>;
}

/**
 * The table among the files.
 *
 * @param name Its base name.
 * @param path What to call the source in an error.
 * @throws {UnusableInput} If there is none, or several.
 */
export function listFile(
  files: readonly RecordingFile[],
  name: string,
  path: string,
): RecordingFile {
  const lists = files.filter((file) => file.name === name);
  if (lists.length === 1) return lists[0]!;
  if (lists.length > 1) {
    throw new UnusableInput(
      `${path}: expected one table ${name}, found ${lists.length}: ` +
        lists.slice(0, 5).map((file) => file.path).join(", "),
    );
  }
  const others = files.filter((file) => /\.(csv|tsv|txt)$/i.test(file.name)).slice(0, 5);
  throw new UnusableInput(
    `${path}: expected a table of names and labels, ${name}, among the files, found none` +
      (others.length === 0
        ? ""
        : `; is it ${others.map((file) => file.path).join(" or ")}? Then say so with list`),
  );
}

/** The number of a clip in every column, or what is wrong with it. */
function numbersOf(
  { fields }: ListedClip,
  numberings: ReadonlyMap<ListColumn, Numbering>,
): Record<ListColumn, number> | string {
  const numbers: [ListColumn, number][] = [];
  for (const [column, { number }] of numberings) {
    const found = number(fields[column]);
    if (typeof found === "string") return found;
    numbers.push([column, found]);
  }
  return Object.fromEntries(numbers) as Record<ListColumn, number>;
}

function numberingsOf(
  { clips }: ClipList,
  { class_names, first_label: first }: ParseCustomParams,
): ReadonlyMap<ListColumn, Numbering> {
  return new Map(LIST_COLUMNS.map((column) => {
    const fields = clips.map((clip) => clip.fields[column]);
    if (column !== "label") {
      return [column, numbering(fields, { column, first: 1, least: 0, empty: 0 })];
    }
    return [
      column,
      class_names === undefined
        ? numbering(fields, { column, first, least: first })
        : numberingOf(class_names, fields, { column, first }),
    ];
  }));
}

/**
 * Joins table and files. A row's name is a file's path from the table's folder or a base name that no
 * other file has, both without `.npy`.
 *
 * @param list The table's file.
 * @param files All files of the source.
 */
export function listedFiles(
  table: ClipList,
  list: RecordingFile,
  files: readonly RecordingFile[],
  params: ParseCustomParams,
): ListedFiles {
  const arrays = files.filter((file) => /\.npy$/i.test(file.name));
  const byPath = new Map(arrays.map((file) => [bare(file.path), file]));
  const byName = Map.groupBy(arrays, (file) => bare(file.name));
  const folder = list.path.slice(0, list.path.length - list.name.length);
  const numberings = numberingsOf(table, params);
  const faults: BadRecording[] = [];
  const taken = new Map<RecordingFile, ListedClip>();
  const mentioned = new Set<RecordingFile>();
  const clips: ListedFile[] = [];
  const filesOf = (name: string) => {
    const path = name.replaceAll("\\", "/");
    const exact = byPath.get(folder + path);
    return exact === undefined ? byName.get(path) ?? [] : [exact];
  };
  for (const name of table.faultyNames) filesOf(name).forEach((file) => mentioned.add(file));
  for (const listed of table.clips) {
    const { name, line } = listed;
    const fault = (reason: string) =>
      faults.push(new BadRecording(list.path, `${quoted(name)}: ${reason}`, line));
    const found = filesOf(name);
    found.forEach((file) => mentioned.add(file));
    const numbers = numbersOf(listed, numberings);
    const [file] = found;
    if (file === undefined) {
      fault("there is no such .npy file");
    } else if (found.length > 1) {
      const places = found.slice(0, 3).map(({ path }) => path).join(", ");
      fault(`${found.length} files have this name (${places}): write the folder before it`);
    } else if (taken.has(file)) {
      fault(`${file.path} is the clip of line ${taken.get(file)!.line} already`);
    } else if (typeof numbers === "string") {
      fault(numbers);
    } else {
      taken.set(file, listed);
      const identity: ClipIdentity = { ...numbers, label: numbers.label - params.first_label };
      // Messages name the path: base names may be the same in several folders.
      clips.push({ name, listed, identity, file: { ...file, name: file.path } });
    }
  }
  const labels = numberings.get("label")!;
  const largest = clips.reduce((most, { identity }) => Math.max(most, identity.label), -1);
  return {
    clips: clips.sort((a, b) => a.name < b.name ? -1 : 1),
    faults,
    unlisted: arrays.filter((file) => !mentioned.has(file)),
    classes: Math.max(labels.words.length, largest + 1),
    class_names: labels.words,
    words: Object.fromEntries(
      [...numberings].filter(([column, { words }]) => column !== "label" && words.length > 0)
        .map(([column, { words }]) => [column, words]),
    ),
  };
}

function bare(path: string): string {
  return path.replace(/\.npy$/i, "");
}
