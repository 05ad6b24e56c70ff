/**
 * What planning and running share: an experiment's graph with everything that keys hang on looked up
 * once - code closures, external inputs, the device - and the step from known inputs to a key.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { CodeClosure } from "./code_closure.ts";
import type { ComputeDevice, DeviceOptions } from "./device.ts";
import type { ExternalInput } from "./external.ts";
import { FileIndex } from "./file_index.ts";
import { buildGraph, type Graph, type GraphNode } from "./graph.ts";
import {
  actionKey,
  type ActionManifest,
  type ContentDigest,
  RUNNER,
  type RunnerVersions,
} from "./manifest.ts";
import { Misses } from "./explain/misses.ts";
import { OtherDevices } from "./other_devices.ts";
import { PlanError, type PlanProblem } from "./plan_error.ts";
import { deviceFor, entryOf, readClosures, readDevice, readExternals } from "./planning_lookups.ts";
import { stagesMemoryMiB } from "./running/capacity.ts";
import type { MemoryNeed, PortFacts, Resources, StageDefinition } from "./stage.ts";
import { RecordCache } from "./store/record_cache.ts";
import type { ActionRecord, Store } from "./store/store.ts";
import { withSupplied } from "./supplied_inputs.ts";
import type { Experiment } from "./types.ts";

/** What a plan hangs on beside the experiment. */
export interface PlanOptions extends DeviceOptions {
  readonly store: Store;
  /** The folder with the `deno.json` of the stages' code (default: this project's). */
  readonly project?: string | undefined;
  /** Bad input is fatal; a result of a stage that asked and was told otherwise is no hit. */
  readonly strict?: boolean | undefined;
  /** Trust no remembered digest of a file. */
  readonly rehash?: boolean | undefined;
  /** Memory that stages may use, in MiB (default: most of this machine's). */
  readonly memoryMiB?: number | undefined;
  /**
   * Cores that one stage may use, where it can use several (default: all of the machine; it then runs
   * alone). Results are the same for any number.
   */
  readonly threads?: number | undefined;
  /** The runner to plan for (default: this one, the only one to run with). */
  readonly runner?: Partial<RunnerVersions> | undefined;
}

/** A stage whose inputs' contents are known. */
export interface Resolved {
  readonly key: string;
  readonly manifest: ActionManifest;
  /** Its result, if it was computed before and holds for this run. */
  readonly record: ActionRecord | undefined;
}

/** Digests of the outputs of a stage by name, as far as they are known. */
export type OutputDigests = (stage: string) => Readonly<Record<string, string>> | undefined;

/** The root of this project. */
export const PROJECT: string = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

interface Lookups {
  readonly index: FileIndex;
  readonly device: ComputeDevice | undefined;
  readonly closures: ReadonlyMap<StageDefinition, CodeClosure>;
  readonly externals: ReadonlyMap<string, ExternalInput>;
  readonly others: OtherDevices | undefined;
}

/** An experiment with everything looked up that its keys hang on. */
export class Planning {
  readonly graph: Graph;
  readonly options: PlanOptions;
  readonly index: FileIndex;
  /** The device of the stages that compute on one; absent if there are none. */
  readonly device: ComputeDevice | undefined;
  readonly #closures: Lookups["closures"];
  readonly #externals: Lookups["externals"];
  readonly #records: RecordCache;
  readonly #others: OtherDevices | undefined;
  readonly #needs = new Map<string, MemoryNeed>();
  #misses: Misses | undefined;

  private constructor(graph: Graph, options: PlanOptions, found: Lookups) {
    this.graph = graph;
    this.options = options;
    this.index = found.index;
    this.device = found.device;
    this.#closures = found.closures;
    this.#externals = found.externals;
    this.#others = found.others;
    this.#records = new RecordCache(options.store, graph.experiment.name, options.rehash);
  }

  /**
   * Looks everything up.
   *
   * @throws {PlanError} If the experiment's wiring, its external inputs or its stages' code are wrong.
   */
  static async begin(experiment: Experiment, options: PlanOptions): Promise<Planning> {
    const device = await readDevice(experiment, options);
    const graph = buildGraph(withSupplied(experiment, device?.backend));
    const index = new FileIndex(options.store.local, options.rehash);
    try {
      const externals = await readExternals(graph, index);
      const { store, project = PROJECT, acceptDevice } = options;
      const closures = await readClosures(graph, index, device, store, project);
      const others = device && acceptDevice === "any"
        ? await OtherDevices.read(
          store,
          device,
          (backend) => readClosures(graph, index, { backend, class: "" }, store, project),
        )
        : undefined;
      return new Planning(graph, options, { index, device, closures, externals, others });
    } finally {
      index.save();
    }
  }

  /** The folder with the `deno.json` of the stages' code. */
  get project(): string {
    return this.options.project ?? PROJECT;
  }

  /** The code closure of a stage's entry in use. */
  closure(node: GraphNode): CodeClosure {
    return this.#closures.get(node.instance.definition)!;
  }

  /** The entry of a stage on the device in use. */
  entry(node: GraphNode): string {
    return entryOf(node.instance.definition, this.device);
  }

  /** The device a stage computes on, or undefined. */
  deviceOf(node: GraphNode): ComputeDevice | undefined {
    return deviceFor(node.instance.definition, this.device);
  }

  /** What a stage needs of the machine. */
  resourcesOf(node: GraphNode): Resources {
    const { resources, resourcesOn } = node.instance.definition;
    const device = this.deviceOf(node);
    const { cores, memoryMiB } = (device && resourcesOn?.[device.backend]) ?? resources;
    return {
      cores: Math.min(cores, this.options.threads ?? Infinity),
      memoryMiB: this.#needs.get(node.id)?.peakMiB ?? memoryMiB,
    };
  }

  /** What is known of the memory that a stage takes, once its rules were looked at. */
  memoryNeed(node: GraphNode): MemoryNeed | undefined {
    return this.#needs.get(node.id);
  }

  /** What is known of an external input of the graph. */
  external(path: string): ExternalInput {
    return this.#externals.get(path)!;
  }

  /**
   * The key of a stage and what the store has under it; undefined while an input is unknown.
   *
   * @throws {PlanError} If its parameters hold something that is no JSON value.
   */
  resolve(node: GraphNode, outputs: OutputDigests): Resolved | undefined {
    const inputs: Record<string, ContentDigest> = {};
    for (const { name, binding } of node.inputs) {
      if (binding.kind === "external") {
        inputs[name] = this.external(binding.path).digest;
      } else {
        const digest = outputs(binding.stage)?.[binding.output];
        if (digest === undefined) return undefined;
        inputs[name] = `tree:${digest}`;
      }
    }
    const { definition } = node.instance;
    const device = this.deviceOf(node);
    const manifest = this.manifest(node, inputs);
    let key;
    try {
      key = actionKey(manifest);
    } catch (error) {
      throw this.error([{
        path: ["stages", node.id, "params"],
        message: `Parameters of stage "${node.id}" must be JSON values: ${
          (error as Error).message
        }`,
      }]);
    }
    const record = this.lookup(key) ??
      (device && this.#others?.result(definition, manifest, (other) => this.lookup(other)));
    return { key, manifest, record };
  }

  /** All that a stage's result depends on, with inputs of some contents. */
  manifest(node: GraphNode, inputs: ActionManifest["inputs"]): ActionManifest {
    const { definition, params } = node.instance;
    const device = this.deviceOf(node);
    return {
      format: "action/1",
      stage: definition.name,
      params,
      inputs,
      outputs: Object.fromEntries(
        Object.entries(definition.outputs).map(([name, port]) => [name, port.type]),
      ),
      code: this.closure(node).digest,
      ...(device ? { device: device.class } : {}),
      ...RUNNER,
      ...this.options.runner,
    };
  }

  /** The class of device that a stage's result is of, if that is another than the one in use. */
  otherDevice(node: GraphNode, record: ActionRecord): string | undefined {
    const { device } = record.manifest;
    return device === this.deviceOf(node)?.class ? undefined : device;
  }

  /** Writes down what the next plan need not look up again. Costs nothing where nothing changed. */
  remember(): void {
    this.index.save();
    this.#records.save();
  }

  /** The result under a key, if it holds for this run. */
  lookup(key: string): ActionRecord | undefined {
    const record = this.#records.read(key);
    return record?.strict === "off" && this.options.strict ? undefined : record;
  }

  /** In one line, why a stage is not cached. */
  reason(node: GraphNode, resolved: Resolved): string {
    return this.misses.of(node, resolved).reason;
  }

  /** Explains what is not cached; reads nothing before it is asked. */
  get misses(): Misses {
    const { store, strict = false } = this.options;
    this.#misses ??= new Misses(store, this.graph.experiment.name, strict);
    return this.#misses;
  }

  /** Facts of a stage's inputs, from those of the outputs before it. */
  inputFacts(node: GraphNode, outputs: (stage: string) => PortFacts | undefined): PortFacts {
    return Object.fromEntries(node.inputs.map(({ name, binding }) => [
      name,
      binding.kind === "external"
        ? this.external(binding.path).facts
        : outputs(binding.stage)?.[binding.output],
    ]));
  }

  /** Facts of a stage's outputs: those it stated when it ran over those that follow from its inputs. */
  outputFacts(node: GraphNode, inputs: PortFacts, record?: ActionRecord): PortFacts {
    const { definition, params } = node.instance;
    const derived = definition.facts?.(params, inputs) ?? {};
    const facts: Record<string, PortFacts[string]> = {};
    for (const name of Object.keys(definition.outputs)) {
      const stated = record?.facts[name];
      if (derived[name] || stated) facts[name] = { ...derived[name], ...stated };
    }
    return facts;
  }

  /**
   * The parameter rules that a stage breaks.
   *
   * @param runs It has no result yet, so it has to fit on this machine as well.
   */
  broken(node: GraphNode, inputs: PortFacts, runs: boolean): PlanProblem[] {
    const { definition, params } = node.instance;
    const problems = [...definition.check?.(params, inputs) ?? []];
    // Of a stage whose rules are broken, the rest is not worth saying.
    if (problems.length === 0) {
      const device = this.deviceOf(node);
      const need = definition.memory?.(params, inputs, {
        backend: device?.backend,
        ...(device?.gpu === undefined ? {} : { gpu: device.gpu }),
        cores: this.options.threads ?? navigator.hardwareConcurrency,
        memoryMiB: this.options.memoryMiB ?? stagesMemoryMiB(),
      });
      if (need !== undefined) this.#needs.set(node.id, need);
      if (runs && need?.problem !== undefined) problems.push(need.problem);
    }
    return problems.map(({ path, message }) => ({
      path: ["stages", node.id, "params", ...path],
      message: `${path.length === 0 ? "" : `${path.join(".")} of `}stage "${node.id}": ${message}`,
    }));
  }

  /** An error with places in the experiment's file. */
  error(problems: readonly PlanProblem[]): PlanError {
    return new PlanError(problems, this.graph.experiment);
  }
}
