/**
 * Looking into JSON, tables and other text.
 *
 * @module
 */
import { counted } from "../formats/counted.ts";
import { encodingFault } from "../formats/text_encoding.ts";
import { parseNwUclaName } from "../formats/nw_ucla_name.ts";
import { LIST_COLUMNS, readClipList } from "../parse/custom/clip_list.ts";
import { inspectNwUcla } from "./inspect_recording.ts";
import type { InspectedFile } from "./inspected_file.ts";
import { Findings } from "./inspection.ts";
import { short } from "./value_ranges.ts";

/** Words for the files of artifacts, by the word before the slash in their `format`. */
export const ARTIFACT_WORDS: Readonly<Record<string, string>> = {
  raw_clips: "the index of parsed recordings",
  parse_report: "the report of a parse stage",
  clips: "the description of normalised clips",
  split: "a split into training and test clips",
  policy: "an augmentation policy",
  encoder: "the description of an encoder",
  features: "the description of features",
  training_log: "the summary of a training",
  classifier: "the description of a classifier",
  result: "a result",
  tsne: "features laid out by t-SNE",
  table: "a table of results",
  synth_truth: "the truth about synthetic recordings",
  synth_pku_truth: "the truth about synthetic long videos",
};

/** Looks into a JSON file. */
export async function inspectJson(file: InspectedFile): Promise<Findings> {
  const head = new TextDecoder().decode(await file.head(4096));
  const named = parseNwUclaName(file.name.replace(/\.json$/i, "")) !== undefined;
  if (named || /"skeletons"\s*:/.test(head)) return await inspectNwUcla(file);
  const findings = new Findings("JSON");
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(await file.bytes()));
    if (Array.isArray(value)) findings.fact("entries", value.length);
    else if (typeof value === "object" && value !== null) tellObject(findings, value);
    else findings.fact("value", value);
  } catch (error) {
    findings.fault(error, file.path);
  }
  return findings;
}

/** States the entries of an object of JSON; long ones by their length alone. */
export function tellObject(findings: Findings, value: object): void {
  const { format } = value as { format?: unknown };
  const words = typeof format === "string" ? ARTIFACT_WORDS[format.split("/")[0]!] : undefined;
  if (words !== undefined) findings.what = `${words} (${format})`;
  for (const [key, entry] of Object.entries(value).slice(0, 24)) {
    if (key === "format" && words !== undefined) continue;
    if (Array.isArray(entry)) {
      const text = inline(entry.map(scalarText)) ?? counted(entry.length, "entry", "entries");
      findings.fact(key, entry.length, text);
    } else if (typeof entry === "object" && entry !== null) {
      const keys = Object.keys(entry);
      const pairs = Object.entries(entry).map(([name, one]) => {
        const text = scalarText(one);
        return text === undefined ? undefined : `${name} ${text}`;
      });
      findings.fact(
        key,
        keys.slice(0, 20),
        inline(pairs) ??
          `${counted(keys.length, "entry", "entries")}: ` + keys.slice(0, 8).join(", ") +
            (keys.length > 8 ? " ..." : ""),
      );
    } else findings.fact(key, entry, String(entry));
  }
}

/** A few short words one behind the other; undefined where they are many, long or none. */
function inline(words: readonly (string | undefined)[]): string | undefined {
  const text = words.join(", ");
  return words.length > 0 && words.length <= 8 && text.length <= 100 && !words.includes(undefined)
    ? text
    : undefined;
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === "number") return short(value);
  return typeof value === "string" || typeof value === "boolean" || value === null
    ? String(value)
    : undefined;
}

/** Looks into a table, as custom recordings have one. */
export async function inspectTable(file: InspectedFile): Promise<Findings> {
  const findings = new Findings("a table of clips, as parse_custom reads it");
  try {
    const { clips, faults, protocols, unread } = readClipList(await file.bytes(), file.path);
    findings.fact("clips", clips.length);
    for (const column of LIST_COLUMNS) {
      const fields = new Set(clips.map((clip) => clip.fields[column]));
      fields.delete("");
      if (fields.size === 0) continue;
      const some = [...fields].sort().slice(0, 5).join(", ");
      findings.fact(
        `${column}s`,
        fields.size,
        `${fields.size}: ${some}${fields.size > 5 ? " ..." : ""}`,
      );
    }
    for (const protocol of protocols) {
      const count = (side: string) =>
        clips.filter((clip) => clip.sides.get(protocol) === side).length;
      const [train, test] = [count("train"), count("test")];
      findings.fact(`split ${protocol}`, { train, test }, `${train} train, ${test} test`);
    }
    for (const column of unread) findings.notes.push(`The column ${column} is not read.`);
    for (const fault of faults) findings.fault(fault, file.path);
  } catch (error) {
    findings.fault(error, file.path);
  }
  return findings;
}

/** Looks into text of no known form. */
export async function inspectText(file: InspectedFile): Promise<Findings> {
  const findings = new Findings("text of no form that is known here");
  const head = await file.head();
  const fault = encodingFault(head);
  if (fault !== undefined) findings.problem(fault);
  let lines = 0;
  let last = 0;
  for await (const piece of file.pieces()) {
    for (const byte of piece) if (byte === 0x0a) lines++;
    last = piece.at(-1) ?? last;
  }
  findings.fact("lines", last === 0x0a ? lines : lines + 1);
  const [first = ""] = new TextDecoder().decode(head).split(/\r?\n/);
  findings.fact("first line", first.slice(0, 200), JSON.stringify(first.slice(0, 60)));
  return findings;
}
