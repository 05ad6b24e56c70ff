/**
 * What a collection keeps, and because of what: experiments as their files stand, and remembered runs.
 *
 * An experiment has every result that a run of its file would take, on any class of device: what a
 * machine with a GPU computed is kept when a machine without one collects. So results are matched by
 * their manifests without the device, from the first stage on, and a stage may have several.
 *
 * @module
 */
import { canonicalText } from "../fingerprint.ts";
import type { GraphNode } from "../graph.ts";
import { actionKey, type ActionManifest, type ContentDigest } from "../manifest.ts";
import type { Planning } from "../planning.ts";
import type { ActionRecord } from "../store/record.ts";

/** Something that results are kept for. */
export interface GcRoot {
  /** What the report calls it. */
  readonly name: string;
  /** The keys of its results. */
  readonly keys: ReadonlySet<string>;
  /** Digests of artifacts that a stage without result takes. */
  readonly needed: ReadonlySet<string>;
  /** Keys of stages without result: their checkpoints and logs are kept. */
  readonly pending: ReadonlySet<string>;
  /** Digests of code closures that its keys hang on. */
  readonly closures: ReadonlySet<string>;
  /** It may still take any of its results, so that all their bytes are kept. */
  readonly whole: boolean;
}

/** A root of results that exist, and nothing more. */
export function rootOf(
  name: string,
  keys: Iterable<string>,
  pending: Iterable<string> = [],
  whole = false,
): GcRoot {
  return {
    name,
    keys: new Set(keys),
    pending: new Set(pending),
    needed: new Set(),
    closures: new Set(),
    whole,
  };
}

/** Finds results by all that their keys hang on but the class of device. */
export class ResultFinder {
  /** By the manifest without device and inputs, then by the first input. */
  readonly #results = new Map<string, Map<string, ActionRecord[]>>();

  /**
   * Takes the results in.
   *
   * @param records All results of a store.
   */
  constructor(records: Iterable<ActionRecord>) {
    for (const record of records) {
      const shape = shapeOf(record.manifest);
      let group = this.#results.get(shape);
      if (!group) this.#results.set(shape, group = new Map());
      const first = firstInput(record.manifest) ?? "";
      const known = group.get(first);
      if (known) known.push(record);
      else group.set(first, [record]);
    }
  }

  /**
   * The results of a manifest.
   *
   * @param inputs For each input, the contents that it may have.
   */
  find(
    manifest: ActionManifest,
    inputs: Readonly<Record<string, ReadonlySet<ContentDigest>>>,
  ): ActionRecord[] {
    const group = this.#results.get(shapeOf({ ...manifest, inputs: someOf(inputs) }));
    if (!group) return [];
    const [first] = Object.keys(inputs).sort();
    const candidates = first === undefined ? [""] : [...inputs[first]!];
    return candidates.flatMap((digest) => group.get(digest) ?? []).filter((record) =>
      Object.entries(record.manifest.inputs).every(([name, digest]) => inputs[name]!.has(digest))
    );
  }
}

/** An experiment planned for a backend, and the classes of device of that backend that are known. */
export interface BackendPlanning {
  /** The experiment, planned. */
  readonly planning: Planning;
  /** Classes of device of its backend. */
  readonly classes: readonly string[];
}

/** The root that an experiment is, planned for each backend. */
export function experimentRoot(
  name: string,
  backends: readonly BackendPlanning[],
  results: ResultFinder,
): GcRoot {
  const keys = new Set<string>();
  const needed = new Set<string>();
  const pending = new Set<string>();
  const closures = new Set<string>();
  const outputs = new Map<string, ActionRecord[]>();
  for (const { id } of backends[0]!.planning.graph.nodes) {
    const found = new Map<string, ActionRecord>();
    const taken: ContentDigest[] = [];
    for (const { planning, classes } of backends) {
      const node = planning.graph.node(id);
      const inputs = contents(planning, node, outputs);
      const manifest = planning.manifest(node, {});
      closures.add(manifest.code);
      for (const record of results.find(manifest, inputs)) found.set(record.key, record);
      taken.push(...Object.values(inputs).flatMap((digests) => [...digests]));
      const certain = onlyOf(inputs);
      if (!certain) continue;
      for (const device of manifest.device === undefined ? [undefined] : classes) {
        pending.add(actionKey({ ...manifest, inputs: certain, ...(device ? { device } : {}) }));
      }
    }
    outputs.set(id, [...found.values()]);
    for (const key of found.keys()) keys.add(key);
    if (found.size > 0) continue;
    for (const digest of taken) needed.add(digest.slice("tree:".length));
  }
  return { name, keys, needed, pending, closures, whole: false };
}

/** The contents that the inputs of a stage may have, by name. */
function contents(
  planning: Planning,
  node: GraphNode,
  outputs: ReadonlyMap<string, readonly ActionRecord[]>,
): Record<string, Set<ContentDigest>> {
  return Object.fromEntries(node.inputs.map(({ name, binding }) => [
    name,
    new Set<ContentDigest>(
      binding.kind === "external"
        ? [planning.external(binding.path).digest]
        : outputs.get(binding.stage)!.flatMap((record) => {
          const output = record.outputs[binding.output];
          return output ? [`tree:${output.digest}` as const] : [];
        }),
    ),
  ]));
}

/** The inputs, if each has one content that it may have; with none, a key is not known yet. */
function onlyOf(
  inputs: Readonly<Record<string, ReadonlySet<ContentDigest>>>,
): Record<string, ContentDigest> | undefined {
  return Object.values(inputs).every(({ size }) => size === 1) ? someOf(inputs) : undefined;
}

function someOf(
  inputs: Readonly<Record<string, ReadonlySet<ContentDigest>>>,
): Record<string, ContentDigest> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, digests]) => [name, [...digests][0] ?? "tree:"]),
  );
}

function firstInput({ inputs }: ActionManifest): string | undefined {
  const [first] = Object.keys(inputs).sort();
  return first === undefined ? undefined : inputs[first];
}

function shapeOf({ inputs, device: _, ...rest }: ActionManifest): string {
  return canonicalText([rest, Object.keys(inputs).sort()]);
}
