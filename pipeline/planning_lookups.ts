/**
 * What planning looks up once for a whole graph: external inputs, the device, code closures.
 *
 * @module
 */
import { type CodeClosure, CodeClosures, CodeError } from "./code_closure.ts";
import {
  chooseDevice,
  type ComputeDevice,
  CPU,
  DeviceError,
  type DeviceOptions,
} from "./device.ts";
import { digestExternal, type ExternalInput } from "./external.ts";
import type { FileIndex } from "./file_index.ts";
import type { Graph } from "./graph.ts";
import { PlanError, type PlanProblem } from "./plan_error.ts";
import type { StageDefinition } from "./stage.ts";
import type { Store } from "./store/store.ts";
import type { Experiment } from "./types.ts";

/** The device that a definition's stages compute on: the CPU where they have no entry for another. */
export function deviceFor(
  { entry }: StageDefinition,
  device: ComputeDevice | undefined,
): ComputeDevice | undefined {
  if (typeof entry === "string") return undefined;
  return device !== undefined && entry[device.backend] !== undefined ? device : CPU;
}

/** The entry of a definition on a device. */
export function entryOf(definition: StageDefinition, device: ComputeDevice | undefined): string {
  const { entry } = definition;
  if (typeof entry === "string") return entry;
  return entry[deviceFor(definition, device)!.backend] ?? entry.cpu;
}

/**
 * Digests the external inputs of a graph, by path.
 *
 * @throws {PlanError} If one is missing or cannot be read.
 */
export async function readExternals(
  graph: Graph,
  index: FileIndex,
): Promise<Map<string, ExternalInput>> {
  const found = new Map<string, ExternalInput>();
  const problems: PlanProblem[] = [];
  for (const node of graph.nodes) {
    for (const { name, binding } of node.inputs) {
      if (binding.kind !== "external" || found.has(binding.path)) continue;
      try {
        found.set(binding.path, await digestExternal(binding.path, index));
      } catch (error) {
        problems.push({
          path: ["stages", node.id, "inputs", name],
          message: `Input "${name}" of stage "${node.id}": ${(error as Error).message}.`,
        });
      }
    }
  }
  if (problems.length > 0) throw new PlanError(problems, graph.experiment);
  return found;
}

/**
 * The device of an experiment's stages, if any computes on one.
 *
 * @throws {PlanError} If the device asked for cannot be had.
 */
export async function readDevice(
  experiment: Experiment,
  options: DeviceOptions,
): Promise<ComputeDevice | undefined> {
  const stage = experiment.stages.find(({ definition }) => typeof definition.entry !== "string");
  if (!stage) return undefined;
  try {
    return await chooseDevice(options);
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    throw new PlanError([{ path: ["stages", stage.id], message: error.message }], experiment);
  }
}

/**
 * The code closures of a graph's definitions.
 *
 * @throws {PlanError} If code cannot be found or parsed, or imports by a computed path.
 */
export async function readClosures(
  graph: Graph,
  index: FileIndex,
  device: ComputeDevice | undefined,
  store: Store,
  project: string,
): Promise<Map<StageDefinition, CodeClosure>> {
  const definitions = new Map(graph.nodes.map(({ id, instance }) => [instance.definition, id]));
  const closures = new CodeClosures(store, index, project);
  const requests = [...definitions.keys()].map((definition) => ({
    entry: entryOf(definition, device),
    roots: definition.roots ?? [],
  }));
  try {
    const found = await closures.of(requests);
    return new Map([...definitions.keys()].map((definition, i) => [definition, found[i]!]));
  } catch (error) {
    if (!(error instanceof CodeError)) throw error;
    const [first] = definitions.values();
    const at = [...definitions].find(([definition]) => entryOf(definition, device) === error.entry);
    throw new PlanError(
      [{ path: ["stages", at?.[1] ?? first!], message: `The stages' code: ${error.message}` }],
      graph.experiment,
    );
  }
}
