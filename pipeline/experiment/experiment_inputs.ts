/**
 * Binds the inputs of an experiment's stages: names, types and the user's own files.
 *
 * @module
 */
import { isPlainMap } from "./layers.ts";
import type { BindingTask } from "./binding_task.ts";
import { StageBinder } from "./stage_binder.ts";
import type { InputBinding } from "../types.ts";

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
  for (const [stage, { definition }] of task.checked) {
    const { raw, id } = stage;
    const inputs = isPlainMap(raw) && isPlainMap(raw.inputs) ? raw.inputs : {};
    const binder = new StageBinder(task, stage, definition);
    const bindings = Object.entries(inputs).flatMap(([name, value]) => binder.bind(name, value));
    const names = new Set<string>();
    const twice = bindings.find(([name]) => names.has(name) || !names.add(name));
    if (twice !== undefined) {
      task.complain(
        ["stages", id, "inputs"],
        `stage ${stage.base} has two inputs called ${
          twice[0]
        }; call the one that gathers otherwise`,
        true,
      );
    }
    binder.lacking(Object.keys(inputs));
    bound.set(id, Object.fromEntries(bindings));
  }
  return bound;
}
