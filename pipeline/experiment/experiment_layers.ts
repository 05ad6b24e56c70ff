/**
 * Reads an experiment file with everything it is laid over: the files it extends, a variant of it,
 * values from the command line.
 *
 * @module
 */
import { dirname, isAbsolute, join, resolve } from "node:path";
import { type Complaint, ExperimentError, SET_PREFIX } from "./experiment_error.ts";
import { shown, valueAt } from "./issue_wording.ts";
import { isPlainMap, Layers, type PlainMap } from "./layers.ts";
import { parseOverride } from "./overrides.ts";
import { didYouMean, listed } from "../suggest.ts";
import type { Source, SourceReader } from "./source.ts";
import type { Position } from "../types.ts";
import { unreadable } from "../unreadable.ts";

/** Files longer than this are no experiment files. */
const MOST_BYTES = 16 * 2 ** 20;

/** Keeps the error short when a file extends itself in a way that resolves to ever new names. */
const MOST_FILES = 32;

/** What an experiment is read from. */
export interface LayerOptions {
  /** The variant laid over it. */
  readonly variant?: string | undefined;
  /** Values from the command line, each as `path=value`. */
  readonly set?: readonly string[] | undefined;
}

/** Where a file is asked for by another one; found out only when there is something to say. */
type Asked = (() => Position) | undefined;

/** Reads a file; the error tells where it was asked for. */
function readSource(file: string, asked: Asked, read: SourceReader): Source {
  const fail = (message: string): never => {
    throw new ExperimentError([{ position: asked?.() ?? { file, line: 0, column: 0 }, message }]);
  };
  let text: string;
  try {
    const { isDirectory, size } = Deno.statSync(file);
    if (isDirectory) fail(`expected an experiment file, found a folder${asked ? `: ${file}` : ""}`);
    if (size > MOST_BYTES) fail(`expected an experiment file, found ${size} bytes: ${file}`);
    text = Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return fail(asked === undefined ? missing(file) : `extends: there is no file ${file}`);
    }
    if (error instanceof ExperimentError) throw error;
    return fail(unreadable(file, error).message);
  }
  const source = read(file, text);
  if (!("locate" in source)) throw new ExperimentError(source);
  if (!isPlainMap(source.value)) {
    const position = source.locate([]).position;
    const found = source.value === null ? "an empty file" : shown(source.value);
    throw new ExperimentError([{
      position,
      message: `expected a map with name and stages, found ${found}`,
    }]);
  }
  return source;
}

/** Says where a file was looked for; `deno task` runs in the project's folder, not in the user's. */
function missing(file: string): string {
  if (isAbsolute(file)) return "there is no such file";
  const here = Deno.cwd();
  const meant = resolve(Deno.env.get("INIT_CWD") ?? here, file);
  const hint = meant !== resolve(file) && exists(meant) ? `; did you mean ${meant}?` : "";
  return `there is no such file in ${here}${hint}`;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** The file and those it extends, the most general first. */
function chainOf(file: string, read: SourceReader): readonly Source[] {
  const chain: Source[] = [];
  const seen = new Set<string>();
  let next: string | undefined = file;
  let asked: Asked;
  while (next !== undefined) {
    const source: Source = readSource(next, asked, read);
    seen.add(resolve(next));
    chain.unshift(source);
    const parent: unknown = (source.value as PlainMap).extends;
    asked = () => source.locate(["extends"]).position;
    if (parent === undefined || parent === null) break;
    if (typeof parent !== "string" || parent === "") {
      throw new ExperimentError([{
        position: asked(),
        message: `extends: expected the path of an experiment file, found ${shown(parent)}`,
      }]);
    }
    next = isAbsolute(parent) ? parent : join(dirname(next), parent);
    if (seen.has(resolve(next)) || chain.length >= MOST_FILES) {
      throw new ExperimentError([{
        position: asked(),
        message: `extends: ${next} extends this file in turn; take one of the two away`,
      }]);
    }
  }
  return chain;
}

function overlayVariant(layers: Layers, chain: readonly Source[], variant: string): void {
  const having = chain.filter((source) => {
    const variants = valueAt(source.value, ["variants"]);
    return isPlainMap(variants) && Object.hasOwn(variants, variant);
  });
  if (having.length === 0) {
    const own = chain.at(-1)!;
    const known = chain.flatMap((source) => {
      const variants = valueAt(source.value, ["variants"]);
      return isPlainMap(variants) ? Object.keys(variants) : [];
    });
    throw new ExperimentError([{
      position: layers.locate(["variants"], true) ?? own.locate([]).position,
      message: `there is no variant ${JSON.stringify(variant)}${
        didYouMean(variant, known) || "."
      } The variants here: ${listed(new Set(known))}`,
    }]);
  }
  for (const source of having) {
    const value = valueAt(source.value, ["variants", variant]);
    layers.overlay(source, value ?? undefined, ["variants", variant]);
  }
}

function applyOverride(layers: Layers, text: string, read: SourceReader): Complaint | undefined {
  const position: Position = { file: `${SET_PREFIX}${text}`, line: 1, column: 1 };
  const override = parseOverride(text);
  if ("message" in override) return { position, message: override.message };
  const { path } = override;
  const [first, id] = path;
  if (first === "stages") {
    const stages = valueAt(layers.value, ["stages"]);
    const known = isPlainMap(stages) ? Object.keys(stages) : [];
    if (id === undefined || !known.includes(String(id))) {
      return {
        position,
        message: id === undefined
          ? "expected stages.STAGE.params.NAME=VALUE"
          : `there is no stage ${JSON.stringify(id)} in this experiment${
            didYouMean(String(id), known) || "."
          } The stages here: ${listed(known)}`,
      };
    }
  }
  const source = read(position.file, override.value);
  if (!("locate" in source)) {
    return { position, message: `the value is no YAML: ${source[0]?.message ?? "unreadable"}` };
  }
  layers.set(source, path);
  return undefined;
}

/**
 * Reads an experiment file and lays everything over it, without judging what it says.
 *
 * @param file The experiment file.
 * @param options The variant and the values from the command line.
 * @param read Reads a text.
 * @returns The layers; their value is the experiment as one plain map.
 * @throws {ExperimentError} If a file cannot be read as YAML, a variant does not exist, or a value
 * from the command line has no place to go.
 */
export function readLayers(file: string, options: LayerOptions, read: SourceReader): Layers {
  const chain = chainOf(file, read);
  const layers = new Layers();
  for (const source of chain) layers.overlay(source, source.value);
  if (options.variant !== undefined) overlayVariant(layers, chain, options.variant);
  const complaints = (options.set ?? [])
    .map((text) => applyOverride(layers, text, read))
    .filter((complaint) => complaint !== undefined);
  if (complaints.length > 0) throw new ExperimentError(complaints);
  return layers;
}

/**
 * What an experiment is called: a variant that gives no name of its own is `NAME:VARIANT`, so that its
 * runs are not taken for those of the whole.
 *
 * @param value The experiment as one plain map.
 * @param variant The variant laid over it.
 */
export function experimentName(value: unknown, variant: string | undefined): string {
  const name = String(valueAt(value, ["name"]));
  if (variant === undefined) return name;
  return valueAt(value, ["variants", variant, "name"]) === undefined ? `${name}:${variant}` : name;
}
