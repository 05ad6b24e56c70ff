/**
 * Inputs that the runner binds by itself: where a stage needs, on the backend in use, what another stage
 * makes out of nothing (compiled kernels, say), no experiment file has to say so.
 *
 * @module
 */
import type { Backend, StageDefinition } from "./stage.ts";
import type { Experiment, InputBinding, StageInstance } from "./types.ts";

/**
 * An experiment with the inputs that its stages are supplied with on a backend, and with the stages that
 * supply them, each once: a stage of the file's own of that type and without parameters of its own where
 * there is one.
 *
 * @param backend Undefined where no stage computes on a device.
 */
export function withSupplied(experiment: Experiment, backend: Backend | undefined): Experiment {
  if (backend === undefined) return experiment;
  const suppliers = new Map<StageDefinition, string>();
  const added: StageInstance[] = [];
  const ids = new Set(experiment.stages.map(({ id }) => id));

  const supplier = (definition: StageDefinition): string => {
    const known = suppliers.get(definition) ??
      experiment.stages.find((stage) => stage.definition === definition)?.id;
    if (known !== undefined) return known;
    let id = definition.name;
    while (ids.has(id)) id = `${id}_`;
    ids.add(id);
    suppliers.set(definition, id);
    added.push({ id, definition, params: definition.params.parse({}), inputs: {} });
    return id;
  };
  const stages = experiment.stages.map((stage): StageInstance => {
    const bound: Record<string, InputBinding> = {};
    for (const [name, { supplied }] of Object.entries(stage.definition.inputs)) {
      if (!supplied?.on.includes(backend) || Object.hasOwn(stage.inputs, name)) continue;
      bound[name] = { kind: "output", stage: supplier(supplied.by), output: supplied.output };
    }
    return Object.keys(bound).length === 0
      ? stage
      : { ...stage, inputs: { ...stage.inputs, ...bound } };
  });
  return added.length === 0 && stages.every((stage, i) => stage === experiment.stages[i])
    ? experiment
    : { ...experiment, stages: [...added, ...stages], locate: (path) => experiment.locate(path) };
}
