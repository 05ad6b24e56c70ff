/**
 * What binding inputs needs to know of an experiment, and what it says of ports.
 *
 * @module
 */
import type { CheckedStage } from "./experiment_checker.ts";
import type { Environment } from "./external_path.ts";
import type { ExpandedStage, Expansion } from "../matrix/matrix_expansion.ts";
import type { Step } from "./source.ts";
import type { InputPort, StageDefinition } from "../stage.ts";
import { listed } from "../suggest.ts";
import type { Position } from "../types.ts";

/** What binding needs to know of the experiment. */
export interface BindingTask {
  /** All stages, in all cells. */
  readonly expansion: Expansion;
  /** Those stages whose type is known. */
  readonly checked: ReadonlyMap<ExpandedStage, CheckedStage>;
  /** Where `${NAME}` in a path is looked up. */
  readonly env: Environment;
  /** The file in which a value stands. */
  readonly file: (path: readonly Step[]) => Position["file"];
  /** Reports something wrong. */
  readonly complain: (path: readonly Step[], message: string, key?: boolean) => void;
}

/** The port that takes an input of this name: its own, or the one called `*`. */
export function portOf(definition: StageDefinition, name: string): InputPort | undefined {
  if (name !== "*" && Object.hasOwn(definition.inputs, name)) return definition.inputs[name];
  return Object.hasOwn(definition.inputs, "*") ? definition.inputs["*"] : undefined;
}

/** Inputs or outputs as a sentence lists them: `clips (clips), split (split)`. */
export function portsInWords(ports: Readonly<Record<string, { readonly type: string }>>): string {
  return listed(Object.entries(ports).map(([name, { type }]) => `${name} (${type})`));
}

/** Outputs of the experiment of a type, as references. */
export function givers(task: BindingTask, type: string, except: string): readonly string[] {
  const found = [...task.checked].filter(([{ base }]) => base !== except)
    .flatMap(([{ base }, { definition }]) =>
      Object.entries(definition.outputs).filter(([, port]) => port.type === type)
        .map(([name]) => `${base}.${name}`)
    );
  return [...new Set(found)];
}
