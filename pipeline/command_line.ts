/**
 * The command line: finds the verb, reads its options by its table, calls it, and turns whatever
 * goes wrong into a sentence and an exit status.
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { ExperimentError, placeOf } from "./experiment/experiment_error.ts";
import { allHelp, argumentsInWords, EVERY_VERB, verbHelp } from "./screen/help_text.ts";
import { HeardTerminal } from "./screen/heard_terminal.ts";
import { PINNED_DENO, versionNotice } from "./pinned_deno.ts";
import type { Catalogue } from "./stage.ts";
import { didYouMean, listed, nearest } from "./suggest.ts";
import type { DeviceResolver, FileComparer } from "./types.ts";
import { UsageError } from "./usage_error.ts";
import type { Call, Terminal, Verb, VerbOption } from "./verb.ts";

/** What the command line consists of. */
export interface CommandLine {
  readonly verbs: readonly Verb[];
  readonly catalogue: Catalogue;
  readonly terminal: Terminal;
  readonly resolveDevice: DeviceResolver;
  /** Says how two files of artifacts differ; without one, the runner compares bytes. */
  readonly compareFiles?: FileComparer;
  /** The version of Deno in use; another than the pinned one is said first. */
  readonly deno: string;
}

/** The folder of the store when neither `--store` nor `SKELRUN_STORE` names one. */
export const DEFAULT_STORE = ".skelrun";

type Options = Readonly<Record<string, VerbOption>>;

/** Refuses options that the verb does not have, and values for options that take none. */
function checkOptions(args: readonly string[], options: Options): void {
  const byAlias = new Map(
    Object.entries(options).flatMap(([name, { alias }]) =>
      alias === undefined ? [] : [[alias, name]]
    ),
  );
  for (const arg of args) {
    if (arg === "--") return;
    const long = /^--([^=]+)(=.*)?$/s.exec(arg);
    const short = /^-([A-Za-z])/.exec(arg);
    const name = long?.[1] ?? (short?.[1] === undefined ? undefined : byAlias.get(short[1]));
    if (long === null && short === null) continue;
    const option = name !== undefined && Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) {
      const known = Object.keys(options).map((known) => `--${known}`);
      const written = long === null ? arg.slice(0, 2) : `--${long[1]}`;
      throw new UsageError(
        `unknown option ${written}${didYouMean(written, known).replaceAll('"', "") || "."} ` +
          `Its options are: ${listed(known, 40)}`,
      );
    }
    if (option.kind === "flag" && long?.[2] !== undefined) {
      throw new UsageError(`--${name} takes no value; write --${name} alone, or leave it out`);
    }
  }
}

/**
 * Reads a verb's arguments by its table.
 *
 * @param verb The verb.
 * @param args What follows the verb.
 * @param rest What a call holds besides.
 * @throws {UsageError} For unknown or incomplete options and for too few or too many arguments.
 */
export function readCall(
  verb: Verb,
  args: readonly string[],
  rest: Pick<Call, "catalogue" | "terminal" | "resolveDevice" | "compareFiles" | "deno">,
): Call {
  const options: Options = { ...verb.options, ...EVERY_VERB };
  checkOptions(args, options);
  const named = (kind: VerbOption["kind"]) =>
    Object.keys(options).filter((name) => options[name]!.kind === kind);
  const parsed = parseArgs(args, {
    boolean: named("flag"),
    string: [...named("value"), ...named("list")],
    collect: named("list"),
    alias: Object.fromEntries(
      Object.entries(options).flatMap(([name, { alias }]) =>
        alias === undefined ? [] : [[name, alias]]
      ),
    ),
  });
  for (const name of [...named("value"), ...named("list")]) {
    const given = parsed[name];
    if (given === "" || (Array.isArray(given) && given.includes(""))) {
      const word = options[name]!.value ?? "VALUE";
      throw new UsageError(`--${name} needs a value: --${name} ${word} (or --${name}=${word})`);
    }
  }
  const positional = parsed._.map(String);
  const values = Object.fromEntries(verb.arguments.map(({ name }, i) => [name, positional[i]]));
  if (parsed.help !== true) {
    for (const { name, summary, optional } of verb.arguments) {
      if (values[name] === undefined && optional !== true) {
        throw new UsageError(
          `${name} is missing (${summary}); usage: deno task ${verb.name} ${
            argumentsInWords(verb)
          }`,
        );
      }
    }
    const repeats = verb.arguments.at(-1)?.rest === true;
    const extra = repeats ? undefined : positional[verb.arguments.length];
    if (extra !== undefined) {
      const takes = verb.arguments.length === 0 ? "no arguments" : argumentsInWords(verb);
      throw new UsageError(
        `unexpected argument ${JSON.stringify(extra)}; ${verb.name} takes ${takes}`,
      );
    }
  }
  const folder = typeof parsed.store === "string" ? parsed.store : Deno.env.get("SKELRUN_STORE");
  return {
    ...rest,
    store: folder === undefined || folder === "" ? DEFAULT_STORE : folder,
    args: values,
    rest: positional.slice(Math.max(0, verb.arguments.length - 1)),
    flag: (name) => parsed[name] === true,
    value: (name) => typeof parsed[name] === "string" ? parsed[name] : undefined,
    list: (name) => Array.isArray(parsed[name]) ? parsed[name].map(String) : [],
  };
}

function unknownVerb(word: string, verbs: readonly Verb[]): UsageError {
  const names = verbs.map(({ name }) => name);
  if (/\.ya?ml$/.test(word)) {
    return new UsageError(`expected a verb first, found a file; did you mean: run ${word}`);
  }
  if (word.startsWith("-")) {
    return new UsageError(`expected a verb first, found ${word}; the verbs are: ${listed(names)}`);
  }
  const near = nearest(word, names);
  return new UsageError(
    `unknown verb ${JSON.stringify(word)}${
      near === undefined ? "." : `; did you mean ${near}?`
    } The verbs are: ${listed(names)}`,
  );
}

/** Errors of the runner whose message says all there is to say. */
const PLAIN_ERRORS = new Set(["StoreError", "DeviceError", "PathError", "CodeError"]);

/** Whether an error is the user's or the machine's, so that its message says all there is to say. */
function isPlain(error: Error): boolean {
  return (error as { forUser?: boolean }).forUser === true || PLAIN_ERRORS.has(error.name) ||
    Object.values(Deno.errors).some((kind) => error instanceof kind) ||
    /^E[A-Z]+$/.test((error as { code?: string }).code ?? "");
}

/** Whether a flag is among the arguments. */
function isAsked(flag: string, args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? args.length : end).includes(flag);
}

function errorJson(body: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(body, undefined, 2)}\n`;
}

function report(error: unknown, verb: string, terminal: Terminal, json: boolean): number {
  const thrown = error instanceof Error ? error : new Error(String(error));
  if (json) {
    const complaints = thrown instanceof ExperimentError
      ? thrown.complaints.map(({ position, message }) => ({ place: placeOf(position), message }))
      : undefined;
    terminal.out(errorJson({ error: thrown.name, message: thrown.message, complaints }));
  }
  if (thrown instanceof UsageError) {
    terminal.err(`${verb}: ${thrown.message}\n`);
    if (verb !== "skelrun") terminal.err(`More: deno task ${verb} --help\n`);
    return 2;
  }
  if (thrown instanceof ExperimentError) {
    const count = thrown.complaints.length;
    terminal.err(`${thrown.message}\n`);
    if (count > 1) terminal.err(`\n${count} problems; nothing was run\n`);
    return 2;
  }
  if (isPlain(thrown)) {
    terminal.err(`${verb}: ${thrown.message}\n`);
    return (thrown as { exitStatus?: number }).exitStatus ?? 1;
  }
  terminal.err(
    `${verb}: unexpected error, a fault of skelrun rather than yours; please report it:\n` +
      `${thrown.stack ?? thrown.message}\n`,
  );
  return 1;
}

/**
 * Runs one command line.
 *
 * @param args The arguments, such as `Deno.args`.
 * @param line The verbs and what they work with.
 * @returns The exit status.
 */
export async function runCommandLine(args: readonly string[], line: CommandLine): Promise<number> {
  const { verbs, catalogue, terminal, resolveDevice, compareFiles } = line;
  const [word, ...rest] = args;
  if (word === undefined) {
    terminal.err(allHelp(verbs, terminal.columns));
    return 2;
  }
  if (word === "--version") {
    terminal.out(`skelrun 0.1.0 (Deno ${line.deno}, tested with ${PINNED_DENO})\n`);
    return 0;
  }
  const about = word === "help" || word === "--help" || word === "-h" ? rest[0] : undefined;
  if (word === "help" || word === "--help" || word === "-h") {
    const verb = verbs.find(({ name }) => name === about);
    if (about === undefined) terminal.out(allHelp(verbs, terminal.columns));
    else if (verb !== undefined) terminal.out(verbHelp(verb, terminal.columns));
    else return report(unknownVerb(about, verbs), "skelrun", terminal, false);
    return 0;
  }
  const verb = verbs.find(({ name }) => name === word);
  if (verb === undefined) return report(unknownVerb(word, verbs), "skelrun", terminal, false);
  // Known before the rest is, so that a wrong command line is answered in JSON as well.
  const json = Object.hasOwn(verb.options, "json") && isAsked("--json", rest);
  const heard = new HeardTerminal(terminal);
  try {
    const call = readCall(verb, rest, {
      catalogue,
      terminal: json ? heard : terminal,
      resolveDevice,
      ...(compareFiles === undefined ? {} : { compareFiles }),
      deno: { running: line.deno, pinned: PINNED_DENO },
    });
    if (call.flag("help")) {
      terminal.out(verbHelp(verb, terminal.columns));
      return 0;
    }
    const notice = versionNotice(line.deno);
    if (notice !== undefined) {
      if (call.flag("strict")) throw new UsageError(`--strict: ${notice}`);
      terminal.err(`note: ${notice}\n`);
    }
    const status = await verb.run({
      ...call,
      withOutput: async (reference, use) => {
        const { withRememberedOutput } = await import("./remembered_output.ts");
        return await withRememberedOutput(call, reference, use);
      },
    });
    if (json && status !== 0 && !heard.printed) {
      terminal.out(errorJson({ error: "Failed", message: heard.said.trim() }));
    }
    return status;
  } catch (error) {
    return report(error, verb.name, terminal, json);
  }
}
