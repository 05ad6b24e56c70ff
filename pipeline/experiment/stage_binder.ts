/**
 * Binds the inputs of one stage in one cell: to an output of another stage, to that output in many
 * cells, or to a file or folder of the user's.
 *
 * @module
 */
import { dirname } from "node:path";
import { externalPath, PathError } from "./external_path.ts";
import { shown } from "./issue_wording.ts";
import { isPlainMap } from "./layers.ts";
import { type BindingTask, givers, portOf, portsInWords } from "./binding_task.ts";
import { cellText } from "../matrix/matrix.ts";
import type { ExpandedStage } from "../matrix/matrix_expansion.ts";
import type { InputPort, StageDefinition } from "../stage.ts";
import { didYouMean, listed, nearest } from "../suggest.ts";
import type { InputBinding } from "../types.ts";
import { SET_PREFIX } from "./experiment_error.ts";
import { unreadable } from "../unreadable.ts";
import type { Step } from "./source.ts";

/** An input of a stage by its name; one that gathers cells is several. */
export type NamedBinding = readonly [string, InputBinding];

/** A reference such as `normalize.clips`, taken apart. */
interface Reference {
  readonly stage: string;
  readonly output: string;
}

/** Binds a stage's inputs and complains about those that cannot be bound. */
export class StageBinder {
  readonly #task: BindingTask;
  readonly #stage: ExpandedStage;
  readonly #definition: StageDefinition;

  /**
   * Binds nothing yet.
   *
   * @param task The stages and how to complain.
   * @param stage The stage in a cell.
   * @param definition What its type is.
   */
  constructor(task: BindingTask, stage: ExpandedStage, definition: StageDefinition) {
    this.#task = task;
    this.#stage = stage;
    this.#definition = definition;
  }

  /** Binds an input; one that gathers cells becomes one for each. */
  bind(name: string, value: unknown): readonly NamedBinding[] {
    const { name: type, inputs } = this.#definition;
    const port = portOf(this.#definition, name);
    if (port === undefined) {
      return this.#complain(
        [name],
        `stage type ${type} has no input ${JSON.stringify(name)}${
          didYouMean(name, Object.keys(inputs)) || "."
        } Its inputs are: ${portsInWords(inputs)}`,
        true,
      );
    }
    if (typeof value === "string") {
      const reference = this.#reference([name], value, port);
      if (reference === undefined) return [];
      const giver = this.#task.expansion.beside(this.#stage, reference.stage);
      return this.#bound([name], name, value, giver, reference, port);
    }
    if (isPlainMap(value) && typeof value.path === "string") {
      return this.#external(name, value.path, port);
    }
    if (isPlainMap(value) && typeof value.all === "string") {
      return this.#gathered(name, value.all, value.over, port);
    }
    // Anything else was already reported with the form of the file.
    return [];
  }

  /** Complains about inputs that are not given and not optional. */
  lacking(given: readonly string[]): void {
    for (const [name, port] of Object.entries(this.#definition.inputs)) {
      if (name === "*" || port.optional === true || given.includes(name)) continue;
      const [example] = givers(this.#task, port.type, this.#stage.base);
      const how = example !== undefined
        ? `${name}: ${example}`
        : port.external === true
        ? `${name}: {path: ...}`
        : `${name}: STAGE.OUTPUT`;
      this.#task.complain(
        ["stages", this.#stage.id, "inputs"],
        `stage ${this.#stage.base} lacks the input ${name} (${port.type}: ${port.summary}); ` +
          `add under inputs, for example, ${how}`,
        true,
      );
    }
  }

  #complain(path: readonly Step[], message: string, key = false): readonly NamedBinding[] {
    this.#task.complain(["stages", this.#stage.id, "inputs", ...path], message, key);
    return [];
  }

  /** Takes a reference apart; complains where it is none, or of a stage that does not exist. */
  #reference(path: readonly Step[], value: string, port: InputPort): Reference | undefined {
    const { expansion } = this.#task;
    const name = path[0];
    const match = /^([^.\s]+)\.([^.\s]+)$/.exec(value);
    if (match === null) {
      const candidates = givers(this.#task, port.type, this.#stage.base);
      const own = candidates.find((candidate) => candidate.startsWith(`${value}.`));
      this.#complain(
        path,
        `${name}: expected stage.output or {path: ...}, found ${shown(value)}${
          own === undefined
            ? didYouMean(value, candidates)
            : `; did you mean ${JSON.stringify(own)}?`
        }`,
      );
      return undefined;
    }
    const [, stage, output] = match as unknown as [string, string, string];
    if (expansion.names.has(stage)) return { stage, output };
    this.#complain(
      path,
      `${name}: there is no stage ${JSON.stringify(stage)} in this experiment${
        didYouMean(stage, expansion.names) || "."
      } The stages here: ${listed(expansion.names)}`,
    );
    return undefined;
  }

  /** Binds an input to the output of a stage in a cell. */
  #bound(
    path: readonly Step[],
    input: string,
    written: string,
    giver: ExpandedStage | undefined,
    { stage, output }: Reference,
    port: InputPort,
  ): readonly NamedBinding[] {
    const name = path[0];
    if (giver === undefined) {
      return this.#complain(path, `${name}: there is no stage ${stage} in this cell`);
    }
    const definition = this.#task.checked.get(giver)?.definition;
    // Its type is unknown, which is reported already.
    if (definition === undefined) return [];
    const given = Object.hasOwn(definition.outputs, output)
      ? definition.outputs[output]
      : undefined;
    if (given === undefined) {
      const fitting = givers(this.#task, port.type, this.#stage.base)
        .find((candidate) => candidate.startsWith(`${stage}.`));
      const near = nearest(output, Object.keys(definition.outputs)) ?? fitting?.split(".")[1];
      return this.#complain(
        path,
        `${name}: stage ${stage} (${definition.name}) has no output ${JSON.stringify(output)}${
          near === undefined ? "." : `; did you mean ${JSON.stringify(near)}?`
        } Its outputs are: ${portsInWords(definition.outputs)}`,
      );
    }
    if (given.type !== port.type) {
      const candidates = givers(this.#task, port.type, this.#stage.base);
      return this.#complain(
        path,
        `${name}: expected an artifact of type ${port.type}, but ${written} is of type ${given.type}${
          candidates.length === 0 ? "" : `; ${port.type} here: ${listed(candidates)}`
        }`,
      );
    }
    return [[input, { kind: "output", stage: giver.id, output }]];
  }

  /** An output of a stage in all cells, or in those that differ along some axes alone. */
  #gathered(
    name: string,
    written: string,
    over: unknown,
    port: InputPort,
  ): readonly NamedBinding[] {
    const path = [name, "all"];
    if (name !== "*" && Object.hasOwn(this.#definition.inputs, name)) {
      return this.#complain(
        [name],
        `${name}: {all: ...} gives an input for each cell, and ${name} is a single one of ` +
          `${this.#definition.name}`,
      );
    }
    const reference = this.#reference(path, written, port);
    if (reference === undefined) return [];
    const cells = this.#task.expansion.cellsOf(reference.stage);
    const axes = new Set(cells.flatMap(({ values }) => values.map(({ axis }) => axis)));
    const along = Array.isArray(over) ? over.map(String) : [...axes];
    for (const [i, axis] of along.entries()) {
      if (axes.has(axis)) continue;
      return this.#complain(
        [name, "over", i],
        `${name}: ${reference.stage} does not differ along an axis ${JSON.stringify(axis)}${
          didYouMean(axis, axes) || "."
        } The axes that reach it: ${listed(axes)}`,
      );
    }
    const here = cells.filter(({ values }) =>
      values.every((value) =>
        along.includes(value.axis) ||
        this.#stage.cell.some((own) => own.axis === value.axis && own.label === value.label)
      )
    );
    return here.flatMap((giver) => {
      const label = cellText(giver.values.filter(({ axis }) => along.includes(axis)));
      const input = [...(name === "*" ? [] : [name]), ...(label === "" ? [] : [label])].join("@");
      return this.#bound(path, input || reference.stage, written, giver, reference, port);
    });
  }

  #external(name: string, written: string, port: InputPort): readonly NamedBinding[] {
    if (port.external !== true) {
      const candidates = givers(this.#task, port.type, this.#stage.base);
      return this.#complain(
        [name],
        `${name}: expected another stage's output (${port.type}), found a path; ` +
          `${port.type} here: ${listed(candidates)}`,
      );
    }
    const path = ["stages", this.#stage.id, "inputs", name, "path"];
    const file = this.#task.file(path);
    const folder = file.startsWith(SET_PREFIX) ? Deno.cwd() : dirname(file);
    let absolute = written;
    try {
      absolute = externalPath(written, folder, this.#task.env);
      Deno.statSync(absolute);
      return [[name, { kind: "external", path: absolute }]];
    } catch (error) {
      const message = error instanceof PathError
        ? error.message
        : error instanceof Deno.errors.NotFound
        ? `there is no file or folder ${absolute}`
        : unreadable(absolute, error).message;
      return this.#complain([name, "path"], `${name}: ${message}`);
    }
  }
}
