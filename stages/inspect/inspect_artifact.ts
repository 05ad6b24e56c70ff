/**
 * Looking into artifacts: folders that the stages of a pipeline leave.
 *
 * @module
 */
import { readJson } from "../formats/json_text.ts";
import type { ResultFile } from "../results/result_file.ts";
import { inspectClips, inspectRawClips } from "./inspect_clips.ts";
import { inspectFile } from "./inspect_file.ts";
import { ARTIFACT_WORDS, tellObject } from "./inspect_text.ts";
import { InspectedFile } from "./inspected_file.ts";
import { Findings, type Looking } from "./inspection.ts";
import { tellResult, tellTsne } from "./tell_result.ts";

/** Files by which artifacts are known. */
const DESCRIPTIONS = [
  "index.json",
  "meta.json",
  "split.json",
  "policy.json",
  "encoder.json",
  "features.json",
  "classifier.json",
  "result.json",
  "tsne.json",
  "table.json",
  "summary.json",
] as const;

/** The description of the artifact that a folder is, or `undefined` if it is none. */
export async function artifactIn(
  folder: string,
): Promise<{ readonly file: string; readonly format: string } | undefined> {
  for (const file of DESCRIPTIONS) {
    let text: string;
    try {
      text = await Deno.readTextFile(`${folder}/${file}`);
    } catch {
      continue;
    }
    const format = /"format":\s*"([a-z_]+\/\d+)"/.exec(text)?.[1];
    if (format !== undefined && format.split("/")[0]! in ARTIFACT_WORDS) return { file, format };
  }
  return undefined;
}

/** Looks into an artifact. */
export async function inspectArtifact(
  folder: string,
  { file, format }: { readonly file: string; readonly format: string },
  looking: Looking,
): Promise<Findings> {
  const what = ARTIFACT_WORDS[format.split("/")[0]!]!;
  const findings = new Findings(`${what} (${format})`);
  try {
    if (format === "raw_clips/1") await inspectRawClips(findings, folder, looking);
    else if (format === "clips/1") await inspectClips(findings, folder, looking);
    else await inspectOther(findings, folder, file);
  } catch (error) {
    const { message } = error as Error;
    // A description of another form than its format says is found out by those who use it.
    findings.problem(
      error instanceof TypeError
        ? `${file} does not hold what ${format} says it does (${message})`
        : message.replaceAll(`${folder}/`, ""),
    );
  }
  return findings;
}

/** Any other artifact: its description, and what its further files are. */
async function inspectOther(findings: Findings, folder: string, file: string): Promise<void> {
  const value = await readJson<object>(`${folder}/${file}`);
  if (file === "result.json") tellResult(findings, value as ResultFile);
  else if (file === "tsne.json") tellTsne(findings, value as Parameters<typeof tellTsne>[1]);
  else tellObject(findings, value);
  if ("subset" in value) findings.what = `a subset of training clips, as a split (split/1)`;
  const looking = { all: false, progress: () => {} };
  const entries = await Array.fromAsync(Deno.readDir(folder));
  for (const { name, isFile } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    if (!isFile || name === file || !/\.(npy|safetensors|json|txt|csv|svg|md)$/.test(name)) {
      continue;
    }
    const found = await inspectFile(
      await InspectedFile.onDisk(`${folder}/${name}`, name),
      looking,
    );
    const facts = found.facts.filter(({ name, value }) =>
      ["shape", "tensors", "lines", "clips"].includes(name) ||
      (name === "not finite" && value !== 0)
    );
    findings.fact(
      name,
      Object.fromEntries(facts.map(({ name, value }) => [name, value])),
      `${found.what}${facts.map(({ name, value, text }) => `, ${name} ${text ?? value}`).join("")}`,
    );
    for (const { file: place = name, ...rest } of found.problems) {
      findings.problems.push({ file: place, ...rest });
    }
  }
}
