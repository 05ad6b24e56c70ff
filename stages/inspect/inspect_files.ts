/**
 * Looking into a folder or an archive of files: what there is of each kind, and a sample of it.
 *
 * @module
 */
import { counted } from "../formats/counted.ts";
import { parseNtuName } from "../formats/ntu_name.ts";
import { parseNwUclaName } from "../formats/nw_ucla_name.ts";
import { parsePkuName } from "../formats/pku_name.ts";
import type { RecordingFile } from "../formats/recording_source.ts";
import { completeness } from "../parse/ntu/completeness.ts";
import { missingNames } from "../parse/ntu/missing_lists.ts";
import { inspectFile } from "./inspect_file.ts";
import { InspectedFile } from "./inspected_file.ts";
import { Findings, type Looking, type Problem } from "./inspection.ts";
import { spread, type StripClip } from "./skeleton_strip.ts";
import { short, wordsOfNumbers } from "./value_ranges.ts";

/** Files of a kind that are looked into, unless all are asked for. */
const SAMPLE = 60;

/** Problems that are kept; more are counted. */
const MOST_PROBLEMS = 1000;

/** Looks into files, such as {@link import("../formats/recording_source.ts").openFiles} finds. */
export async function inspectFiles(
  what: string,
  files: readonly RecordingFile[],
  looking: Looking,
): Promise<Findings> {
  const findings = new Findings(what);
  findings.fact("files", files.length);
  if (files.length === 0) {
    findings.problem("there is no file in it");
    return findings;
  }
  if (files.length === 1) {
    const [only] = files as readonly [RecordingFile];
    const found = await inspectOne(only, looking);
    found.what = `${what} of one file, ${only.path}: ${found.what}`;
    return found;
  }
  const groups = [
    ...Map.groupBy(files, ({ name }) => /\.[^.]*$/.exec(name)?.[0].toLowerCase() ?? ""),
  ]
    .sort(([, a], [, b]) => b.length - a.length);
  findings.fact(
    "by extension",
    Object.fromEntries(groups.map(([extension, { length }]) => [extension, length])),
    groups.slice(0, 8).map(([extension, { length }]) => `${length} ${extension || "without"}`)
      .join(", "),
  );
  tellNames(findings, files);
  const chosen = groups.flatMap(([, members]) => evenly(members, looking.all ? Infinity : SAMPLE));
  const gathered = new Gathered(chosen.length);
  for (const [i, file] of chosen.entries()) {
    await gathered.take(file, looking);
    looking.progress(i + 1, chosen.length, "files");
  }
  gathered.tell(findings);
  if (chosen.length < files.length) {
    findings.notes.push(
      `Looked into ${chosen.length} of ${
        counted(files.length, "file")
      }, evenly spread; --all looks ` +
        "into all of them.",
    );
  }
  return findings;
}

/** Looks into one of several files. */
async function inspectOne(file: RecordingFile, looking: Looking): Promise<Findings> {
  try {
    return await inspectFile(await InspectedFile.of(file), looking);
  } catch (error) {
    // A link that leads nowhere, a file that may not be read.
    if (
      !(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)
    ) {
      throw error;
    }
    const findings = new Findings("a file that cannot be read");
    findings.problem(error.message);
    return findings;
  }
}

function evenly<T>(items: readonly T[], most: number): T[] {
  const count = Math.min(items.length, most);
  return Array.from({ length: count }, (_, i) => items[Math.floor(i * items.length / count)]!);
}

/** What the names of recordings say, of all of them. */
function tellNames(findings: Findings, files: readonly RecordingFile[]): void {
  const named = <T>(extension: string, parse: (name: string) => T | undefined) => {
    const members = files.filter(({ name }) => name.toLowerCase().endsWith(extension));
    const parsed = members.map(({ name }) => parse(name.slice(0, -extension.length)));
    return { members, parsed: parsed.filter((one) => one !== undefined) };
  };
  const tell = <T>(of: readonly T[], columns: readonly (keyof T & string)[]) => {
    for (const column of columns) {
      const { value, text } = wordsOfNumbers(of.map((one) => Number(one[column])));
      findings.fact(`${column}s`, value, text);
    }
  };
  const ntu = named(".skeleton", parseNtuName);
  if (ntu.members.length > 0) {
    tell(ntu.parsed, ["setup", "camera", "performer", "replication", "action"]);
    tellOddNames(findings, ntu.members, (name) => parseNtuName(name.slice(0, -9)) !== undefined);
    tellCompleteness(findings, ntu.members);
  }
  const ucla = named(".json", parseNwUclaName);
  if (ucla.parsed.length > 0) tell(ucla.parsed, ["action", "subject", "view"]);
  const pku = named(".txt", parsePkuName);
  if (pku.parsed.length > 0) tell(pku.parsed, ["part", "camera"]);
  const twice = ntu.members.find(({ name }, i) => i > 0 && ntu.members[i - 1]!.name === name);
  if (twice !== undefined) findings.notes.push(`${twice.name} is there more than once.`);
}

/** Recordings of NTU's form beyond this are taken for one of its data sets, whole or in part. */
const LEAST_OF_NTU = 5_000;

/** How much of NTU RGB+D 60 or 120 is there. */
function tellCompleteness(findings: Findings, members: readonly RecordingFile[]): void {
  if (members.length < LEAST_OF_NTU) return;
  const all = new Map(members.flatMap(({ name: file }) => {
    const name = file.slice(0, -".skeleton".length);
    const parsed = parseNtuName(name);
    if (parsed === undefined) return [];
    const { action, performer: subject, camera, setup, replication } = parsed;
    return [[name, { label: action - 1, subject, camera, setup, replication }] as const];
  }));
  const isLarge = [...all.values()].some(({ label, setup }) => label >= 60 || setup > 17);
  const dataset = isLarge ? "ntu120" : "ntu60";
  const listed = missingNames(dataset);
  const found = [...all].filter(([name]) => !listed.has(name))
    .map(([name, identity]) => ({ name, identity }));
  const count = completeness(dataset, found, listed);
  findings.fact(
    `of ${dataset}`,
    { expected: count.expected, found: count.found, listed: all.size - found.length },
    `${count.found} of ${count.expected} clips; ${
      all.size - found.length
    } more are on its list of ` +
      "missing skeletons",
  );
  for (const { name, expected, found } of count.archives) {
    if (!count.fetch.includes(name)) continue;
    findings.notes.push(
      `Of ${name} ${found} of ${expected} clips are there: if it was meant to be whole, fetch it again.`,
    );
  }
}

function tellOddNames(
  findings: Findings,
  members: readonly RecordingFile[],
  isGood: (name: string) => boolean,
): void {
  const odd = members.filter(({ name }) => !isGood(name));
  if (odd.length === 0) return;
  findings.problem(
    `${counted(odd.length, "name")} of .skeleton files not of NTU's form, such as ${odd[0]!.path}`,
  );
}

/** Files, evenly spread, of which a clip is kept to be drawn. */
const KEPT_FIGURES = 60;

/** What is gathered from the files that were looked into; it hardly grows with them. */
class Gathered {
  readonly #stride: number;
  #taken = 0;
  readonly #kinds = new Map<string, number>();
  readonly #frames: number[] = [];
  readonly #ranges = new Map<string, [number, number]>();
  readonly #problems: Problem[] = [];
  readonly #figures: StripClip[] = [];
  readonly #notes = new Map<string, { readonly count: number; readonly first: string }>();
  #damaged = 0;
  #nonFinite = 0;

  /** @param files How many will be looked into. */
  constructor(files: number) {
    this.#stride = Math.ceil(files / KEPT_FIGURES);
  }

  async take(file: RecordingFile, looking: Looking): Promise<void> {
    const found = await inspectOne(file, { ...looking, progress: () => {} });
    this.#kinds.set(found.what, (this.#kinds.get(found.what) ?? 0) + 1);
    if (found.problems.length > 0) this.#damaged++;
    for (const { file: place = file.path, ...rest } of found.problems.slice(0, MOST_PROBLEMS)) {
      if (this.#problems.length < MOST_PROBLEMS) this.#problems.push({ file: place, ...rest });
    }
    if (this.#taken++ % this.#stride === 0) this.#figures.push(...found.figures.slice(0, 1));
    for (const note of found.notes) {
      // One of a kind stands for all that differ in their numbers alone.
      const kind = note.replace(/\d+/g, "N");
      const { count = 0, first = note } = this.#notes.get(kind) ?? {};
      this.#notes.set(kind, { count: count + 1, first });
    }
    for (const { name, value } of found.facts) this.#fact(name, value);
  }

  #fact(name: string, value: unknown): void {
    if (name === "frames" && typeof value === "number") this.#frames.push(value);
    else if (name === "not finite" && typeof value === "number") this.#nonFinite += value;
    else if (["x", "y", "z"].includes(name)) {
      const [min, max] = value as [number, number];
      const [least, most] = this.#ranges.get(name) ?? [Infinity, -Infinity];
      this.#ranges.set(name, [Math.min(least, min), Math.max(most, max)]);
    }
  }

  tell(findings: Findings): void {
    const kinds = [...this.#kinds].sort(([, a], [, b]) => b - a);
    findings.fact(
      "looked into",
      Object.fromEntries(kinds),
      kinds.map(([kind, count]) => `${count}: ${kind}`).join("\n"),
    );
    const frames = this.#frames.sort((a, b) => a - b);
    if (frames.length > 0) {
      const [first, middle, last] = [0, frames.length >> 1, frames.length - 1].map((i) =>
        frames[i]!
      );
      findings.fact(
        "frames",
        { shortest: first, median: middle, longest: last },
        `${first} to ${last}, median ${middle}`,
      );
    }
    for (const [axis, [min, max]] of [...this.#ranges].sort()) {
      findings.fact(axis, [min, max], `${short(min)} to ${short(max)}`);
    }
    if (this.#ranges.size > 0) {
      findings.fact("not finite", this.#nonFinite, this.#nonFinite === 0 ? "none" : undefined);
    }
    if (this.#damaged > 0) findings.fact("with problems", this.#damaged);
    findings.problems.push(...this.#problems);
    findings.figures.push(...spread(this.#figures.length).map((i) => this.#figures[i]!));
    for (
      const { count, first } of [...this.#notes.values()].sort((a, b) => b.count - a.count)
        .slice(0, 5)
    ) {
      findings.notes.push(`${counted(count, "file")}${count === 1 ? "" : " such as"}: ${first}`);
    }
  }
}
