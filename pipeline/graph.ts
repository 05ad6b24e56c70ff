/**
 * An experiment as a directed acyclic graph of stages.
 *
 * Everything that can be wrong with the wiring is found here, all at once: unknown stages, outputs
 * and inputs, inputs left out, types that do not fit, files where only artifacts are taken, cycles.
 *
 * @module
 */
import { PlanError, type PlanProblem } from "./plan_error.ts";
import type { InputPort } from "./stage.ts";
import { didYouMean, listed } from "./suggest.ts";
import type { Experiment, InputBinding, StageInstance } from "./types.ts";

export { PlanError, type PlanProblem } from "./plan_error.ts";

/** An input of a stage in the graph. */
export interface GraphInput {
  /** As the experiment gives it. */
  readonly name: string;
  /** What the definition says of it. */
  readonly port: InputPort;
  /** Where it comes from. */
  readonly binding: InputBinding;
}

/** A stage in the graph. */
export interface GraphNode {
  /** The name of its stage; unique. */
  readonly id: string;
  /** What the experiment says of it. */
  readonly instance: StageInstance;
  /** Sorted by name. */
  readonly inputs: readonly GraphInput[];
  /** The stages whose outputs it takes, each once, in the order of the graph. */
  readonly dependencies: readonly GraphNode[];
  /** The stages that take its outputs, each once, in the order of the graph. */
  readonly dependents: readonly GraphNode[];
}

/** The stages of an experiment, each after all it depends on; the file's order where it allows. */
export interface Graph {
  /** What it is of. */
  readonly experiment: Experiment;
  /** In an order in which they could run. */
  readonly nodes: readonly GraphNode[];
  /**
   * The stage of an id.
   *
   * @throws {Error} If the experiment has no such stage.
   */
  node(id: string): GraphNode;
}

type Mutable = GraphNode & { dependencies: GraphNode[]; dependents: GraphNode[] };

/**
 * Builds the graph of an experiment.
 *
 * @throws {PlanError} With every problem found.
 */
export function buildGraph(experiment: Experiment): Graph {
  const problems: PlanProblem[] = [];
  const byId = new Map<string, Mutable>();
  for (const instance of experiment.stages) {
    const inputs = Object.keys(instance.inputs).sort().flatMap((name) => {
      const port = portOf(instance, name);
      return port ? [{ name, port, binding: instance.inputs[name]! }] : [];
    });
    byId.set(instance.id, {
      id: instance.id,
      instance,
      inputs,
      dependencies: [],
      dependents: [],
    });
  }
  for (const node of byId.values()) problems.push(...wiringProblems(node, byId));
  if (problems.length > 0) throw new PlanError(problems, experiment);

  const nodes = inOrder(byId, experiment);
  const rank = new Map(nodes.map((node, i) => [node, i]));
  for (const node of nodes) {
    const ids = new Set(sources(node));
    node.dependencies.push(
      ...[...ids].map((id) => byId.get(id)!).sort((a, b) => rank.get(a)! - rank.get(b)!),
    );
    for (const dependency of node.dependencies) (dependency as Mutable).dependents.push(node);
  }
  return {
    experiment,
    nodes,
    node(id) {
      const node = byId.get(id);
      if (!node) throw new Error(`The experiment ${experiment.name} has no stage "${id}".`);
      return node;
    },
  };
}

/** The port that takes an input of that name: its own, or the one for any further inputs. */
function portOf(instance: StageInstance, name: string): InputPort | undefined {
  const { inputs } = instance.definition;
  if (name !== "*" && Object.hasOwn(inputs, name)) return inputs[name];
  return Object.hasOwn(inputs, "*") ? inputs["*"] : undefined;
}

function sources(node: GraphNode): string[] {
  return node.inputs.flatMap(({ binding }) => binding.kind === "output" ? [binding.stage] : []);
}

function wiringProblems(node: GraphNode, byId: ReadonlyMap<string, GraphNode>): PlanProblem[] {
  const { id, instance } = node;
  const { definition } = instance;
  const at = (...more: string[]) => ["stages", id, ...more];
  const problems: PlanProblem[] = [];
  for (const name of Object.keys(instance.inputs)) {
    if (portOf(instance, name)) continue;
    problems.push({
      path: at("inputs", name),
      message: `Stage "${id}" (${definition.name}) has no input "${name}"${
        suggestion(name, Object.keys(definition.inputs))
      }`,
    });
  }
  for (const [name, port] of Object.entries(definition.inputs)) {
    if (name === "*" || port.optional || Object.hasOwn(instance.inputs, name)) continue;
    const form = port.external ? `STAGE.OUTPUT or { path: ... }` : `STAGE.OUTPUT`;
    problems.push({
      path: at("inputs"),
      message: `Stage "${id}" (${definition.name}) needs the input "${name}" ` +
        `(${port.type}: ${port.summary}); add "${name}: ${form}" under its inputs.`,
    });
  }
  for (const { name, port, binding } of node.inputs) {
    const message = bindingProblem(id, name, port, binding, byId);
    if (message) problems.push({ path: at("inputs", name), message });
  }
  return problems;
}

function bindingProblem(
  id: string,
  name: string,
  port: InputPort,
  binding: InputBinding,
  byId: ReadonlyMap<string, GraphNode>,
): string | undefined {
  const input = `Input "${name}" of stage "${id}"`;
  if (binding.kind === "external") {
    if (port.external) return undefined;
    return `${input} takes another stage's output of type ${port.type}, not a path; ` +
      `write STAGE.OUTPUT instead of "${binding.path}".`;
  }
  const source = byId.get(binding.stage);
  if (!source) {
    return `${input} names the stage "${binding.stage}", which the experiment does not have${
      suggestion(binding.stage, [...byId.keys()])
    }`;
  }
  const { outputs, name: uses } = source.instance.definition;
  const output = Object.hasOwn(outputs, binding.output) ? outputs[binding.output] : undefined;
  if (!output) {
    return `${input} names the output "${binding.output}" of stage "${binding.stage}" (${uses}), ` +
      `which has no such output${suggestion(binding.output, Object.keys(outputs))}`;
  }
  if (output.type !== port.type) {
    return `${input} expects an artifact of type ${port.type}, but ` +
      `${binding.stage}.${binding.output} is of type ${output.type}.`;
  }
  return undefined;
}

function suggestion(word: string, known: readonly string[]): string {
  const names = known.filter((name) => name !== "*");
  return didYouMean(word, names) || `; it has ${listed(names)}.`;
}

/** Depth first in the file's order, without recursion: chains may be tens of thousands long. */
function inOrder(byId: ReadonlyMap<string, Mutable>, experiment: Experiment): Mutable[] {
  const order: Mutable[] = [];
  const done = new Set<Mutable>();
  const open = new Set<Mutable>();
  for (const start of byId.values()) {
    const stack = [{ node: start, sources: sources(start), next: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      if (top.next === 0) {
        if (done.has(top.node)) {
          stack.pop();
          continue;
        }
        open.add(top.node);
      }
      const source = top.sources[top.next++];
      if (source === undefined) {
        stack.pop();
        open.delete(top.node);
        done.add(top.node);
        order.push(top.node);
        continue;
      }
      const next = byId.get(source)!;
      if (open.has(next)) {
        const ids = stack.map(({ node }) => node.id);
        const circle = [...ids.slice(ids.indexOf(next.id)), next.id];
        throw new PlanError([{
          path: ["stages", top.node.id, "inputs"],
          message: `The stages form a circle: ${circle.reverse().join(" -> ")}.`,
        }], experiment);
      }
      if (!done.has(next)) stack.push({ node: next, sources: sources(next), next: 0 });
    }
  }
  return order;
}
