/**
 * `synth DIR`: synthetic NTU RGB+D recordings straight into a folder, for tests of anyone's parser.
 *
 * @module
 */
import type { z } from "zod";
import type { Call, Terminal, Verb, VerbOption } from "../../pipeline/verb.ts";
import { parseNtuName } from "../formats/ntu_name.ts";
import { synthParams, synthProblems } from "../synth/definition.ts";
import { scaleProblem, writeFullScale } from "./synth_scale.ts";

/** Words for the values of the options, where N does not say enough. */
const VALUE_WORDS: Readonly<Record<string, string>> = { frames: "LOW-HIGH" };

/** Parameters of the stage as options: `two_body` is `--two-body`. */
const PARAM_OPTIONS: Readonly<Record<string, VerbOption>> = Object.fromEntries(
  Object.entries(synthParams.shape).map(([name, schema]) => [optionOf(name), {
    kind: "value",
    value: VALUE_WORDS[name] ?? "N",
    summary: `${schema.description} (default: ${defaultText(schema.parse(undefined))})`,
  }]),
);

/** Writes a synthetic data set. */
export const synth: Verb = {
  name: "synth",
  summary: "Write synthetic NTU RGB+D recordings, with the truth beside them",
  arguments: [{ name: "DIR", summary: "the folder to write into; made if it does not exist" }],
  options: {
    ...PARAM_OPTIONS,
    scale: {
      kind: "value",
      value: "SET",
      summary:
        "ntu60 or ntu120: as many names as that set has (56,880 or 114,480), recordings of 2 to 4 " +
        "frames unless --frames says otherwise; --setups N writes the first N setups alone. pku1 or " +
        "pku2: the 1,076 or 1,009 long videos of a part of PKU-MMD, with labels and splits",
    },
    archives: {
      kind: "flag",
      summary: "With --scale: write archives called like the published ones, not files",
    },
    force: {
      kind: "flag",
      summary: "Write into a folder that is not empty, in place of recordings made before",
    },
    json: { kind: "flag", summary: "Print the counts as JSON on standard output" },
  },
  example: "deno task synth recordings --actions 6 --performers 4",
  async run(call) {
    const folder = call.args.DIR!;
    const { given, params, problems } = paramsOf(call);
    if (params === undefined) {
      for (const problem of new Set(problems)) call.terminal.err(`synth: ${problem}\n`);
      call.terminal.err("More: deno task synth --help\n");
      return 2;
    }
    const obstacle = await makeWay(folder, call.flag("force"));
    if (obstacle !== undefined) {
      call.terminal.err(`synth: ${obstacle}\n`);
      return 2;
    }
    if (call.value("scale") !== undefined) {
      return await writeFullScale(call, given, progressOn(call.terminal));
    }
    const { writeRecordings } = await import("../synth/write_recordings.ts");
    const written = await writeRecordings(folder, params, progressOn(call.terminal));
    const { files, frames, bytes } = written;
    call.terminal.out(
      call.flag("json")
        ? `${JSON.stringify({ folder, ...written }, undefined, 2)}\n`
        : `${files} recordings of ${params.actions} actions by ${params.performers} performers, ` +
          `${frames} frames, ${(bytes / 1e6).toFixed(1)} MB: ${folder}/skeletons, ` +
          `${folder}/truth.json\n`,
    );
    return 0;
  },
};

function paramsOf(call: Call) {
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(synthParams.shape)) {
    const text = call.value(optionOf(name));
    if (text !== undefined) given[name] = name === "frames" ? range(text) : number(text);
  }
  const result = synthParams.safeParse(given);
  const problems = result.success
    ? synthProblems(result.data).map(({ path, message }) =>
      `--${optionOf(`${path[0]}`)}: ${message}`
    )
    : result.error.issues.map((issue) => {
      const option = optionOf(String(issue.path[0]));
      return `--${option}: expected ${expected(issue)}, found ${
        JSON.stringify(call.value(option))
      }`;
    });
  const together = scaleProblem(call);
  if (together !== undefined) problems.push(together);
  return { given, params: problems.length === 0 ? result.data : undefined, problems };
}

/** What the schema wants, in words. */
function expected(issue: z.core.$ZodIssue): string {
  const lengths = issue.path[0] === "frames" ? "LOW-HIGH such as 40-140, both " : "";
  if (issue.code === "too_small" && issue.origin !== "array") {
    return `${lengths}at least ${issue.minimum}`;
  }
  if (issue.code === "too_big" && issue.origin !== "array") {
    return `${lengths}at most ${issue.maximum}`;
  }
  if (lengths !== "") return "LOW-HIGH such as 40-140, or one length for all";
  const whole = issue.code === "invalid_type" && /\bint\b/.test(issue.message);
  return whole ? "a whole number" : "a number";
}

function optionOf(param: string): string {
  return param.replaceAll("_", "-");
}

function defaultText(value: unknown): string {
  return Array.isArray(value) ? value.join("-") : String(value);
}

/** The number a text says, or the text, for the schema to refuse. */
function number(text: string): number | string {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
}

function range(text: string): unknown {
  const parts = text.split("-").map(number);
  return parts.length === 1 ? [parts[0], parts[0]] : parts;
}

/** Makes the folder ready; says why it cannot be used. */
async function makeWay(folder: string, force: boolean): Promise<string | undefined> {
  try {
    const info = await Deno.stat(folder);
    if (!info.isDirectory) return `${folder}: expected a folder, found a file`;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    await Deno.mkdir(folder, { recursive: true });
    return undefined;
  }
  const entries = await Array.fromAsync(Deno.readDir(folder));
  if (entries.length === 0) return undefined;
  if (!force) {
    return `${folder}: not empty; name another folder, or add --force to replace recordings in it`;
  }
  await removeRecordings(folder, entries.map(({ name }) => name));
  return undefined;
}

/** Removes what an earlier call made, and nothing else. */
async function removeRecordings(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (name === "truth.json" || /^nturgbd_skeletons_s\d+_to_s\d+\.zip$/.test(name)) {
      await Deno.remove(`${folder}/${name}`);
    }
  }
  if (!names.includes("skeletons")) return;
  for await (const { name } of Deno.readDir(`${folder}/skeletons`)) {
    const base = name.replace(/\.skeleton$/, "");
    if (base !== name && parseNtuName(base) !== undefined) {
      await Deno.remove(`${folder}/skeletons/${name}`);
    }
  }
}

/** A counter on a terminal, a line every quarter elsewhere. */
function progressOn(terminal: Terminal): (done: number, total: number) => void {
  let said = 0;
  return (done, total) => {
    if (terminal.live) {
      if (done % 8 === 0 || done === total) {
        terminal.err(`\r${done} of ${total} recordings${done === total ? "\n" : ""}`);
      }
    } else if (done === total || Math.floor(4 * done / total) > said) {
      said = Math.floor(4 * done / total);
      terminal.err(`${done} of ${total} recordings\n`);
    }
  };
}
