/**
 * Help, generated from the verbs' tables.
 *
 * @module
 */
import type { Verb, VerbOption } from "../verb.ts";

/** Options that every verb takes. */
export const EVERY_VERB: Readonly<Record<string, VerbOption>> = {
  help: { kind: "flag", alias: "h", summary: "Show this help" },
};

/** Breaks a text into lines of at most `width` columns, at spaces. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Two columns, the second wrapped and aligned. */
function columns(rows: readonly (readonly [string, string])[], width: number): string {
  const left = Math.min(30, Math.max(...rows.map(([name]) => name.length)));
  return rows.flatMap(([name, text]) => {
    const lines = wrapped(text, Math.max(24, width - left - 4));
    const first = name.length > left ? [`  ${name}`] : [];
    const heads = name.length > left
      ? lines.map(() => "")
      : lines.map((_, i) => i === 0 ? name : "");
    return [...first, ...lines.map((line, i) => `  ${heads[i]!.padEnd(left)}  ${line}`)];
  }).join("\n");
}

function optionHead(name: string, option: VerbOption): string {
  const alias = option.alias === undefined ? "" : `-${option.alias}, `;
  return `${alias}--${name}${option.kind === "flag" ? "" : ` ${option.value ?? "VALUE"}`}`;
}

/** A verb's arguments as a usage line writes them: `STAGE [FILE]`. */
export function argumentsInWords(verb: Verb): string {
  return verb.arguments.map(({ name, optional, rest }) => {
    const word = rest === true ? `${name}...` : name;
    return optional === true ? `[${word}]` : word;
  }).join(" ");
}

/**
 * The help of one verb.
 *
 * @param verb The verb.
 * @param width Columns of the terminal.
 */
export function verbHelp(verb: Verb, width: number): string {
  const options = Object.entries({ ...verb.options, ...EVERY_VERB })
    .map(([name, option]) => [optionHead(name, option), option.summary] as const);
  const usage = ["usage: deno task", verb.name, argumentsInWords(verb), "[options]"]
    .filter((word) => word !== "").join(" ");
  const parts = [
    `${verb.name}: ${verb.summary}`,
    usage,
    ...verb.arguments.length === 0 ? [] : [
      "arguments:\n" +
      columns(verb.arguments.map(({ name, summary }) => [name, summary] as const), width),
    ],
    `options:\n${columns(options, width)}`,
    `example:\n  ${verb.example}`,
  ];
  return `${parts.join("\n\n")}\n`;
}

/**
 * The help of the whole command line.
 *
 * @param verbs All verbs, in the order in which they are shown.
 * @param width Columns of the terminal.
 */
export function allHelp(verbs: readonly Verb[], width: number): string {
  const rows = verbs.map((verb) =>
    [[verb.name, argumentsInWords(verb)].filter((w) => w !== "").join(" "), verb.summary] as const
  );
  return [
    "skelrun: self-supervised learning on skeleton sequences, from raw recordings to a table",
    "usage: deno task VERB [arguments] [options]    (or: deno run -A main.ts VERB ...)",
    `verbs:\n${columns(rows, width)}`,
    "Each verb explains itself: deno task VERB --help\n" +
    "Results go to standard output; progress, warnings and errors to standard error.\n" +
    "Exit status: 0 done, 1 failed, 2 wrong usage or a wrong experiment file, 130 stopped.",
    "example:\n  deno task run experiments/demo.yaml",
  ].join("\n\n") + "\n";
}
