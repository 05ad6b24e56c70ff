/**
 * The table that comes with a user's own recordings: which clips there are, and what is known of each.
 *
 * @module
 */
import { PROTOCOL_FORM } from "../../clips/shipped_splits.ts";
import { BadRecording } from "../../formats/bad_recording.ts";
import { type CsvRow, csvTextOf, quoted, readCsv } from "../../formats/csv_text.ts";
import { UnusableInput } from "../../formats/unusable_input.ts";

/** What a clip's row says beside its name, as text. */
export const LIST_COLUMNS = ["label", "subject", "camera", "setup", "replication"] as const;

/** One of {@link LIST_COLUMNS}. */
export type ListColumn = typeof LIST_COLUMNS[number];

/** The side of a split that a clip is on. */
export type Side = "train" | "test";

/** A row of the table. */
export interface ListedClip {
  /** As written, without `.npy`. */
  readonly name: string;
  /** From 1. */
  readonly line: number;
  /** Fields as written; empty where the table does not say. */
  readonly fields: Readonly<Record<ListColumn, string>>;
  /** By protocol. */
  readonly sides: ReadonlyMap<string, Side>;
}

/** A read table. */
export interface ClipList {
  /** In the table's order, each name once. */
  readonly clips: readonly ListedClip[];
  /** Rows that cannot be used. */
  readonly faults: readonly BadRecording[];
  /** Names that were in such rows. */
  readonly faultyNames: ReadonlySet<string>;
  /** Protocols that the table has columns for, in its order. */
  readonly protocols: readonly string[];
  /** Columns that nothing reads. */
  readonly unread: readonly string[];
}

/** Tables beyond this are something else, in bytes: half a million rows fit. */
export const LARGEST_LIST = 32 * 2 ** 20;

/** What is said of a file that is larger. */
export function noTable(file: string, bytes: number): string {
  return `${file}: expected a table of at most ${LARGEST_LIST} bytes, found ${bytes}`;
}

const SPLIT_PREFIX = "split_";

interface Columns {
  readonly name: number;
  readonly known: readonly (readonly [ListColumn, number])[];
  readonly splits: readonly (readonly [string, number])[];
  readonly unread: readonly string[];
  readonly count: number;
}

/**
 * Reads the table. The first line names its columns, in any order: `name` and `label`, and as far as
 * there are any `subject`, `camera`, `setup`, `replication` and `split_PROTOCOL`, whose fields are
 * `train`, `test` or empty.
 *
 * @param file What to call it in an error.
 * @throws {UnusableInput} If it has no such columns, or one of them twice, or is no table.
 */
export function readClipList(bytes: Uint8Array, file: string): ClipList {
  if (bytes.length > LARGEST_LIST) {
    throw new UnusableInput(noTable(file, bytes.length));
  }
  const table = readCsv(csvTextOf(bytes));
  const [head, ...rows] = table.rows;
  const first = table.faults[0];
  if (first !== undefined && (head === undefined || first.line < head.line)) {
    throw new UnusableInput(`${file}:${first.line}: ${first.reason}`);
  }
  const columns = columnsOf(head, file);
  const faults = table.faults.map(({ line, reason }) => new BadRecording(file, reason, line));
  const faultyNames = new Set<string>();
  const read = new Map<string, ListedClip>();
  const fault = ({ line }: { line: number }, name: string, reason: string) => {
    faults.push(new BadRecording(file, name === "" ? reason : `${quoted(name)}: ${reason}`, line));
    if (name !== "") faultyNames.add(name);
  };
  for (const row of rows) {
    const name = (row.fields[columns.name] ?? "").replace(/\.npy$/i, "").replace(/^\.\//, "");
    const clip = clipOf(row, name, columns);
    const before = read.get(name);
    if (typeof clip === "string") fault(row, name, clip);
    else if (before === undefined) read.set(name, clip);
    else if (!sameRow(before, clip)) {
      fault(row, name, `line ${before.line} says otherwise of the same clip; neither is taken`);
    }
  }
  return {
    clips: [...read.values()].filter(({ name }) => !faultyNames.has(name)),
    faults: faults.toSorted((a, b) => a.line! - b.line!),
    faultyNames,
    protocols: columns.splits.map(([protocol]) => protocol),
    unread: columns.unread,
  };
}

function columnsOf(head: CsvRow | undefined, file: string): Columns {
  const names = head?.fields.map((name) => name.toLowerCase()) ?? [];
  const twice = names.find((name, i) => name !== "" && names.indexOf(name) < i);
  if (twice !== undefined) {
    throw new UnusableInput(`${file}:${head!.line}: the column ${quoted(twice)} is there twice`);
  }
  for (const needed of ["name", "label"]) {
    if (names.includes(needed)) continue;
    throw new UnusableInput(
      `${file}${
        head === undefined ? "" : `:${head.line}`
      }: expected a first line with the columns ` +
        `name and label, found ${
          head === undefined ? "nothing" : quoted(head.fields.slice(0, 20).join(","))
        }`,
    );
  }
  // A protocol's name is a word of its own, so its case counts.
  const splits = head!.fields.flatMap((field, at) =>
    field.toLowerCase().startsWith(SPLIT_PREFIX)
      ? [[field.slice(SPLIT_PREFIX.length), at] as const]
      : []
  );
  const bad = splits.find(([protocol]) => !PROTOCOL_FORM.test(protocol));
  if (bad !== undefined) {
    throw new UnusableInput(
      `${file}:${head!.line}: expected a protocol's name, a word, behind ${SPLIT_PREFIX}, found ` +
        quoted(bad[0]),
    );
  }
  const isRead = (name: string) =>
    name === "name" || name.startsWith(SPLIT_PREFIX) ||
    LIST_COLUMNS.some((known) => known === name);
  return {
    name: names.indexOf("name"),
    known: LIST_COLUMNS.map((name) => [name, names.indexOf(name)]),
    splits,
    unread: names.filter((name) => !isRead(name)),
    count: names.length,
  };
}

function clipOf(row: CsvRow, name: string, columns: Columns): ListedClip | string {
  if (row.fields.length !== columns.count) {
    return `expected ${columns.count} fields, as the first line has, found ${row.fields.length}`;
  }
  if (name === "") return "expected a name, found nothing";
  const damaged = row.fields.find((field) => field.includes("\ufffd"));
  if (damaged !== undefined) return `${quoted(damaged)} is not UTF-8 text`;
  const fields = Object.fromEntries(
    columns.known.map(([column, at]) => [column, row.fields[at] ?? ""]),
  ) as Record<ListColumn, string>;
  if (fields.label === "") return "label: expected a number or a word, found nothing";
  const sides = new Map<string, Side>();
  for (const [protocol, at] of columns.splits) {
    const side = row.fields[at]!.toLowerCase();
    if (side === "train" || side === "test") sides.set(protocol, side);
    else if (side !== "") {
      return `${SPLIT_PREFIX}${protocol}: expected train, test or nothing, found ${quoted(side)}`;
    }
  }
  return { name, line: row.line, fields, sides };
}

function sameRow(a: ListedClip, b: ListedClip): boolean {
  return LIST_COLUMNS.every((column) => a.fields[column] === b.fields[column]) &&
    a.sides.size === b.sides.size &&
    [...a.sides].every(([protocol, side]) => b.sides.get(protocol) === side);
}
