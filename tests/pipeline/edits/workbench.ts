/**
 * A copy of the toy project in a folder of its own, computed once; edits are made to it, planned and
 * taken back.
 *
 * @module
 */
import { dirname } from "node:path";
import { pathToFileURL as toFileUrl } from "node:url";
import { loadExperiment } from "../../../pipeline/experiment.ts";
import { Explainer } from "../../../pipeline/explain/explanation.ts";
import type { GraphNode } from "../../../pipeline/graph.ts";
import type { ContentDigest, RunnerVersions } from "../../../pipeline/manifest.ts";
import { actionKey } from "../../../pipeline/manifest.ts";
import { type Plan, plan } from "../../../pipeline/plan.ts";
import type { PlanOptions } from "../../../pipeline/planning.ts";
import { run, type RunOptions } from "../../../pipeline/run.ts";
import type { Catalogue } from "../../../pipeline/stage.ts";
import { openStore, type Store } from "../../../pipeline/store/store.ts";
import type { Experiment, RunSummary } from "../../../pipeline/types.ts";
import { headLine } from "../../../pipeline/explain/why_text.ts";

const TOY = new URL("./project", import.meta.url).pathname;

/** The device that the toy project was computed on besides the CPU. */
export const GPU = "webgpu:toy/one/Toy One:1.0";

/** How an edited project is planned. */
export interface How {
  /** The class of device (default `cpu`). */
  readonly device?: string;
  readonly acceptDevice?: "any";
  /** The experiment file (default `experiments/toy.yaml`). */
  readonly file?: string;
  readonly variant?: string;
  readonly set?: readonly string[];
  readonly strict?: boolean;
  readonly runner?: Partial<RunnerVersions>;
  /** Another place of the project, beside its own. */
  readonly project?: string;
  /** Another store, beside the project. */
  readonly store?: string;
}

/** What a plan says. */
export interface Observed {
  /** Stages whose action is another one, their inputs taken as they were. */
  readonly changes: readonly string[];
  readonly states: Readonly<Record<string, string>>;
  /** What `why` begins with, for each stage that runs. */
  readonly why: readonly string[];
}

/** Results by stage, as they were before any edit. */
interface Baseline {
  readonly keys: ReadonlyMap<string, string>;
  readonly outputs: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** The computed copy. */
export class Workbench {
  readonly folder: string;
  /** The project's folder. */
  readonly project: string;
  readonly #undo: (() => void)[] = [];
  readonly #catalogues = new Map<string, Catalogue>();
  readonly #baselines = new Map<string, Baseline>();

  private constructor(folder: string) {
    this.folder = folder;
    this.project = `${folder}/project`;
  }

  /** Copies the project into a folder and computes it on each of some classes of device. */
  static async open(
    folder: string,
    devices: readonly string[] = ["cpu", GPU],
  ): Promise<Workbench> {
    copyFolder(TOY, `${folder}/project`);
    const bench = new Workbench(folder);
    for (const device of devices) {
      const { stages, status } = await bench.run({ device });
      if (status !== "done") throw new Error(stages.map(({ reason }) => reason).join("\n"));
      bench.#baselines.set(device, {
        keys: new Map(stages.map(({ id, key }) => [id, key!])),
        outputs: new Map(stages.map(({ id, outputs }) => [
          id,
          Object.fromEntries(outputs.map(({ name, digest }) => [name, digest])),
        ])),
      });
    }
    return bench;
  }

  /** One that was opened by another process; it observes nothing. */
  static at(folder: string): Workbench {
    return new Workbench(folder);
  }

  /** Opens the store. */
  store(how: How = {}): Promise<Store> {
    return openStore(`${this.folder}/${how.store ?? "store"}`);
  }

  /** The key that a stage had before any edit. */
  key(id: string): string {
    return this.#baselines.get("cpu")!.keys.get(id)!;
  }

  read(path: string): string {
    return Deno.readTextFileSync(`${this.project}/${path}`);
  }

  write(path: string, text: string | Uint8Array): void {
    const file = `${this.project}/${path}`;
    this.#keep(file);
    Deno.mkdirSync(dirname(file), { recursive: true });
    if (typeof text === "string") Deno.writeTextFileSync(file, text);
    else Deno.writeFileSync(file, text);
  }

  /** Replaces the first place of a text that must be there. */
  replace(path: string, from: string, to: string): void {
    const text = this.read(path);
    if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
    this.write(path, text.replace(from, () => to));
  }

  append(path: string, text: string): void {
    this.write(path, this.read(path) + text);
  }

  remove(path: string): void {
    this.#keep(`${this.project}/${path}`);
    Deno.removeSync(`${this.project}/${path}`);
  }

  rename(path: string, to: string): void {
    const text = Deno.readFileSync(`${this.project}/${path}`);
    this.remove(path);
    this.write(to, text);
  }

  /** Something that goes when the edit is taken back. */
  afterwards(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Takes the edit back. */
  restore(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }

  /** All files of the project, relative. */
  files(): string[] {
    return filesUnder(this.project);
  }

  async experiment(how: How = {}): Promise<Experiment> {
    const project = this.#place(how);
    return loadExperiment(`${project}/${how.file ?? "experiments/toy.yaml"}`, {
      catalogue: await this.#catalogue(project),
      ...(how.variant === undefined ? {} : { variant: how.variant }),
      set: how.set ?? [],
    });
  }

  async options(how: How = {}): Promise<PlanOptions> {
    const device = how.device ?? "cpu";
    const backend = device === "cpu" ? "cpu" as const : "webgpu" as const;
    return {
      store: await this.store(how),
      project: this.#place(how),
      backend,
      device: () => Promise.resolve({ backend, class: device }),
      acceptDevice: how.acceptDevice,
      strict: how.strict,
      runner: how.runner,
    };
  }

  async run(how: How = {}, options: Partial<RunOptions> = {}): Promise<RunSummary> {
    return await run(await this.experiment(how), { ...await this.options(how), ...options });
  }

  async plan(how: How = {}): Promise<Plan> {
    return await plan(await this.experiment(how), await this.options(how));
  }

  /** Plans, and says what differs from what was computed. A cell of a matrix counts as its stage. */
  async observe(how: How = {}): Promise<Observed> {
    const found = await this.plan(how);
    const before = this.#baselines.get(how.device === GPU ? GPU : "cpu")!;
    const { planning, stages } = found;
    const digestOf = ({ id, instance: { base = id } }: GraphNode, output: string): ContentDigest =>
      `tree:${before.outputs.get(base)?.[output]}`;
    const changes = stages.flatMap(({ node }) => {
      const inputs = Object.fromEntries(node.inputs.map(({ name, binding }) => [
        name,
        binding.kind === "external"
          ? planning.external(binding.path).digest
          : digestOf(planning.graph.node(binding.stage), binding.output),
      ]));
      const key = actionKey(planning.manifest(node, inputs));
      const id = node.instance.base ?? node.id;
      return key === before.keys.get(id) ? [] : [id];
    });
    const explainer = new Explainer(found);
    return {
      changes,
      states: Object.fromEntries(
        stages.map(({ node, state }) => [node.instance.base ?? node.id, state]),
      ),
      why: stages.filter(({ state }) => state === "runs").map(({ node }) =>
        headLine(explainer.stage(node.id), planning.graph.experiment.name)
          .replaceAll(`${this.project}/`, "")
      ),
    };
  }

  /** Where the project is. */
  #place({ project = "project" }: How): string {
    return `${this.folder}/${project}`;
  }

  /** The stages as the project defines them now. */
  async #catalogue(project: string): Promise<Catalogue> {
    const file = `${project}/definitions.ts`;
    const text = Deno.readTextFileSync(file);
    const known = this.#catalogues.get(`${project} ${text}`);
    if (known) return known;
    const { catalogue } = await import(`${toFileUrl(file)}?edit=${this.#catalogues.size}`);
    this.#catalogues.set(`${project} ${text}`, catalogue);
    return catalogue;
  }

  /** Remembers a file as it is. */
  #keep(file: string): void {
    let bytes: Uint8Array | undefined;
    try {
      bytes = Deno.readFileSync(file);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    this.#undo.push(() => {
      if (bytes) Deno.writeFileSync(file, bytes);
      else Deno.removeSync(file);
    });
  }
}

/** All files under a folder, relative. */
function filesUnder(folder: string, prefix = ""): string[] {
  return [...Deno.readDirSync(`${folder}/${prefix}`)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesUnder(folder, `${prefix}${name}/`) : [prefix + name]
  );
}

/** Copies a folder. */
export function copyFolder(from: string, to: string): void {
  for (const name of filesUnder(from)) {
    Deno.mkdirSync(dirname(`${to}/${name}`), { recursive: true });
    Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
  }
}
