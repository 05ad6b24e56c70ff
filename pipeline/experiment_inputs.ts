/**
 * Binds the inputs of an experiment's stages: names, types and the user's own files.
 *
 * @module
 */
import { dirname } from "node:path";
import { type Environment, externalPath, PathError } from "./external_path.ts";
import { shown } from "./issue_wording.ts";
import { isPlainMap, type PlainMap } from "./layers.ts";
import type { InputPort, StageDefinition } from "./stage.ts";
import { didYouMean, listed, nearest } from "./suggest.ts";
import type { InputBinding, Position } from "./types.ts";
import { SET_PREFIX } from "./experiment_error.ts";
import { unreadable } from "./unreadable.ts";
import type { Step } from "./source.ts";

/** What binding needs to know of the experiment. */
export interface BindingTask {
  /** The stages as the file writes them. */
  readonly rawStages: PlainMap;
  /** The definitions of those stages whose type is known. */
  readonly checked: ReadonlyMap<string, StageDefinition>;
  readonly env: Environment;
  /** The file in which a value stands. */
  readonly file: (path: readonly Step[]) => Position["file"];
  readonly complain: (path: readonly Step[], message: string, key?: boolean) => void;
}

/** The port that takes an input of this name: its own, or the one called `*`. */
export function portOf(definition: StageDefinition, name: string): InputPort | undefined {
  if (name !== "*" && Object.hasOwn(definition.inputs, name)) return definition.inputs[name];
  return Object.hasOwn(definition.inputs, "*") ? definition.inputs["*"] : undefined;
}

/** Inputs or outputs as a sentence lists them: `clips (clips), split (split)`. */
function portsInWords(ports: Readonly<Record<string, { readonly type: string }>>): string {
  return listed(Object.entries(ports).map(([name, { type }]) => `${name} (${type})`));
}

/** Outputs of the experiment of a type, as references. */
function givers(task: BindingTask, type: string, except: string): readonly string[] {
  return [...task.checked].filter(([id]) => id !== except).flatMap(([id, { outputs }]) =>
    Object.entries(outputs).filter(([, port]) => port.type === type).map(([name]) =>
      `${id}.${name}`
    )
  );
}

class StageBinder {
  readonly #task: BindingTask;
  readonly #id: string;
  readonly #definition: StageDefinition;

  constructor(task: BindingTask, id: string, definition: StageDefinition) {
    this.#task = task;
    this.#id = id;
    this.#definition = definition;
  }

  bind(name: string, value: unknown): InputBinding | undefined {
    const { name: type, inputs } = this.#definition;
    const port = portOf(this.#definition, name);
    if (port === undefined) {
      this.#complain(
        name,
        `stage type ${type} has no input ${JSON.stringify(name)}${
          didYouMean(name, Object.keys(inputs)) || "."
        } Its inputs are: ${portsInWords(inputs)}`,
        true,
      );
      return undefined;
    }
    if (typeof value === "string") return this.#reference(name, value, port);
    if (isPlainMap(value) && typeof value.path === "string") {
      return this.#external(name, value.path, port);
    }
    // Anything else was already reported with the form of the file.
    return undefined;
  }

  lacking(given: readonly string[]): void {
    for (const [name, port] of Object.entries(this.#definition.inputs)) {
      if (name === "*" || port.optional === true || given.includes(name)) continue;
      const [example] = givers(this.#task, port.type, this.#id);
      const how = example !== undefined
        ? `${name}: ${example}`
        : port.external === true
        ? `${name}: {path: ...}`
        : `${name}: STAGE.OUTPUT`;
      this.#task.complain(
        ["stages", this.#id, "inputs"],
        `stage ${this.#id} lacks the input ${name} (${port.type}: ${port.summary}); ` +
          `add under inputs, for example, ${how}`,
        true,
      );
    }
  }

  #complain(name: string, message: string, key = false): undefined {
    this.#task.complain(["stages", this.#id, "inputs", name], message, key);
    return undefined;
  }

  #reference(name: string, value: string, port: InputPort): InputBinding | undefined {
    const { checked, rawStages } = this.#task;
    const match = /^([^.\s]+)\.([^.\s]+)$/.exec(value);
    if (match === null) {
      const candidates = givers(this.#task, port.type, this.#id);
      const own = candidates.find((candidate) => candidate.startsWith(`${value}.`));
      return this.#complain(
        name,
        `${name}: expected stage.output or {path: ...}, found ${shown(value)}${
          own === undefined
            ? didYouMean(value, candidates)
            : `; did you mean ${JSON.stringify(own)}?`
        }`,
      );
    }
    const [, stage, output] = match as unknown as [string, string, string];
    if (!Object.hasOwn(rawStages, stage)) {
      const ids = Object.keys(rawStages);
      return this.#complain(
        name,
        `${name}: there is no stage ${JSON.stringify(stage)} in this experiment${
          didYouMean(stage, ids) || "."
        } The stages here: ${listed(ids)}`,
      );
    }
    const giver = checked.get(stage);
    // Its type is unknown, which is reported already.
    if (giver === undefined) return undefined;
    const given = Object.hasOwn(giver.outputs, output) ? giver.outputs[output] : undefined;
    if (given === undefined) {
      const fitting = givers(this.#task, port.type, this.#id).find((candidate) =>
        candidate.startsWith(`${stage}.`)
      );
      const near = nearest(output, Object.keys(giver.outputs)) ?? fitting?.split(".")[1];
      return this.#complain(
        name,
        `${name}: stage ${stage} (${giver.name}) has no output ${JSON.stringify(output)}${
          near === undefined ? "." : `; did you mean ${JSON.stringify(near)}?`
        } Its outputs are: ${portsInWords(giver.outputs)}`,
      );
    }
    if (given.type !== port.type) {
      const candidates = givers(this.#task, port.type, this.#id);
      return this.#complain(
        name,
        `${name}: expected an artifact of type ${port.type}, but ${value} is of type ${given.type}${
          candidates.length === 0 ? "" : `; ${port.type} here: ${listed(candidates)}`
        }`,
      );
    }
    return { kind: "output", stage, output };
  }

  #external(name: string, written: string, port: InputPort): InputBinding | undefined {
    if (port.external !== true) {
      const candidates = givers(this.#task, port.type, this.#id);
      return this.#complain(
        name,
        `${name}: expected another stage's output (${port.type}), found a path; ` +
          `${port.type} here: ${listed(candidates)}`,
      );
    }
    const path = ["stages", this.#id, "inputs", name, "path"];
    const file = this.#task.file(path);
    const folder = file.startsWith(SET_PREFIX) ? Deno.cwd() : dirname(file);
    let absolute = written;
    try {
      absolute = externalPath(written, folder, this.#task.env);
      Deno.statSync(absolute);
      return { kind: "external", path: absolute };
    } catch (error) {
      const message = error instanceof PathError
        ? error.message
        : error instanceof Deno.errors.NotFound
        ? `there is no file or folder ${absolute}`
        : unreadable(absolute, error).message;
      this.#task.complain(path, `${name}: ${message}`);
      return undefined;
    }
  }
}

/**
 * Binds every input of every stage whose type is known, and complains about the rest: unknown
 * names, outputs of another type, inputs that are missing, paths that lead nowhere.
 *
 * @param task The stages and how to complain.
 * @returns The bindings by stage and input.
 */
export function bindInputs(
  task: BindingTask,
): ReadonlyMap<string, Readonly<Record<string, InputBinding>>> {
  const bound = new Map<string, Record<string, InputBinding>>();
  for (const [id, definition] of task.checked) {
    const stage = task.rawStages[id];
    const inputs = isPlainMap(stage) && isPlainMap(stage.inputs) ? stage.inputs : {};
    const binder = new StageBinder(task, id, definition);
    const bindings: [string, InputBinding][] = [];
    for (const [name, value] of Object.entries(inputs)) {
      const binding = binder.bind(name, value);
      if (binding !== undefined) bindings.push([name, binding]);
    }
    binder.lacking(Object.keys(inputs));
    bound.set(id, Object.fromEntries(bindings));
  }
  return bound;
}
