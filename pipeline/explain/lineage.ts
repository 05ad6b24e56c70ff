/**
 * Where an artifact came from: the results and raw files behind it, as a graph.
 *
 * A record says what a result was computed from by digests alone; which result yielded an input is
 * looked up. Where several did (early cutoff, or the same stage in two experiments), those of the run
 * at hand go first, then those of the experiment and the stage that the input is said to have come
 * from, then the latest that was there by then; the others are named.
 *
 * @module
 */
import type { ActionIndex } from "./action_index.ts";
import { readVerdict } from "../verify/kept_verification.ts";
import type { Lineage, LineageEdge, LineageNode } from "./lineage_graph.ts";
import type { ActionRecord } from "../store/record.ts";
import type { Store } from "../store/store.ts";
import type { InputBinding } from "../types.ts";

/** What is asked for, and where to look first. */
export interface LineageQuery {
  /** Hex digest of the artifact. */
  readonly digest: string;
  /** The result that is meant, if it is known. */
  readonly key?: string | undefined;
  /** Keys of the run at hand. */
  readonly run?: ReadonlySet<string> | undefined;
  /** The class of device that the run at hand computed on. */
  readonly device?: string | undefined;
}

/** Follows an artifact back. */
export function traceLineage(store: Store, index: ActionIndex, query: LineageQuery): Lineage {
  return new Tracer(store, index, query).trace();
}

class Tracer {
  readonly #store: Store;
  readonly #index: ActionIndex;
  readonly #query: LineageQuery;
  readonly #nodes = new Map<string, LineageNode>();
  readonly #edges = new Map<string, LineageEdge[]>();
  readonly #queue: ActionRecord[] = [];

  constructor(store: Store, index: ActionIndex, query: LineageQuery) {
    this.#store = store;
    this.#index = index;
    this.#query = query;
  }

  trace(): Lineage {
    const { digest, key } = this.#query;
    const root = this.#artifact(digest, { key });
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#inputs(next);
    return { root, nodes: this.#nodes, edges: this.#edges };
  }

  /**
   * The node of an artifact as a result yielded it: the same bytes from two results are two nodes, so
   * that a stage that passes its input on is no circle. The result is put in line.
   */
  #artifact(digest: string, hints: Hints): string {
    const makers = this.#makers(digest, hints);
    const record = makers.find(({ key }) => !this.#leadsTo(key, hints.consumer?.key));
    const id = `artifact:${digest}${record ? `@${record.key}` : ""}`;
    if (this.#nodes.has(id)) return id;
    const name = record && outputOf(record, digest, hints.source);
    this.#nodes.set(id, {
      kind: "artifact",
      id,
      digest,
      ...(record && name !== undefined
        ? {
          name: `${record.provenance.stage}.${name}`,
          type: record.outputs[name]!.type,
          bytes: record.outputs[name]!.bytes,
        }
        : {}),
      // Who was accepted for whom is told with the result itself.
      others: makers.filter((other) =>
        other !== record && other.key !== record?.accepted?.from &&
        (record === undefined || other.accepted?.from !== record.key)
      ).map(({ key }) => key),
    });
    if (record) this.#edge(id, this.#action(record, hints.consumer), "made by", name!);
    return id;
  }

  /** Whether a result is known to come from another, or is that. */
  #leadsTo(from: string, to: string | undefined): boolean {
    if (to === undefined) return false;
    const seen = new Set<string>();
    const stack = [`action:${from}`];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (next === `action:${to}`) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      for (const edge of this.#edges.get(next) ?? []) stack.push(edge.to);
    }
    return false;
  }

  #action(record: ActionRecord, consumer?: ActionRecord): string {
    const { key, manifest, provenance, accepted } = record;
    const id = `action:${key}`;
    const { run, device } = this.#query;
    const taker = consumer
      ? consumer.manifest.device ?? consumer.provenance.runDevice
      : run?.has(key)
      ? device
      : undefined;
    const other = manifest.device !== undefined && taker !== undefined && taker !== manifest.device;
    if (!this.#nodes.has(id)) {
      const verified = readVerdict(this.#store, key);
      this.#nodes.set(id, {
        kind: "action",
        id,
        key,
        manifest,
        provenance,
        ...(accepted ? { accepted } : {}),
        ...(other ? { takenBy: taker } : {}),
        ...(verified ? { verified } : {}),
      });
      this.#queue.push(record);
    }
    return id;
  }

  /** What a result was computed from; an accepted one was computed by another action. */
  #inputs(record: ActionRecord): void {
    const id = `action:${record.key}`;
    const from = record.accepted && this.#read(record.accepted.from);
    if (from) return this.#edge(id, this.#action(from), "accepted", "");
    for (const [name, content] of Object.entries(record.manifest.inputs)) {
      const source = record.provenance.sources?.[name];
      const digest = content.slice(content.indexOf(":") + 1);
      const raw = content.startsWith("file:") ||
        (source?.kind === "external"
          ? this.#index.yielding(digest).length === 0
          : source === undefined && this.#index.yielding(digest).length === 0);
      const to = raw
        ? this.#raw(content, source)
        : this.#artifact(digest, { consumer: record, source });
      this.#edge(id, to, "takes", name);
    }
  }

  #raw(digest: string, source: InputBinding | undefined): string {
    const path = source?.kind === "external" ? source.path : undefined;
    const id = `raw:${digest}${path === undefined ? "" : `:${path}`}`;
    this.#nodes.set(id, { kind: "raw", id, digest, ...(path === undefined ? {} : { path }) });
    return id;
  }

  #edge(from: string, to: string, kind: LineageEdge["kind"], name: string): void {
    const own = this.#edges.get(from);
    if (own) own.push({ from, to, kind, name });
    else this.#edges.set(from, [{ from, to, kind, name }]);
  }

  /** The results that yielded an artifact, the one that is meant first. */
  #makers(digest: string, { key, consumer, source }: Hints): ActionRecord[] {
    const score = (record: ActionRecord) => {
      const { experiment, stage, started } = record.provenance;
      return (record.key === key ? 16 : 0) + (this.#query.run?.has(record.key) ? 8 : 0) +
        (experiment === consumer?.provenance.experiment ? 4 : 0) +
        (source?.kind === "output" && stage === source.stage ? 2 : 0) +
        (consumer && started <= consumer.provenance.started ? 1 : 0);
    };
    return this.#index.yielding(digest)
      .flatMap(({ key }) => this.#read(key) ?? [])
      .filter(({ outputs }) => Object.values(outputs).some((output) => output.digest === digest))
      .map((record) => ({ record, score: score(record) }))
      .sort((a, b) => b.score - a.score)
      .map(({ record }) => record);
  }

  #read(key: string): ActionRecord | undefined {
    try {
      return this.#store.readAction(key);
    } catch {
      return undefined;
    }
  }
}

interface Hints {
  readonly key?: string | undefined;
  /** The result that takes it. */
  readonly consumer?: ActionRecord;
  /** Where that result says that it took it from. */
  readonly source?: InputBinding | undefined;
}

/** The name under which a result yielded an artifact; where two outputs are the same, the one meant. */
function outputOf(
  { outputs }: ActionRecord,
  digest: string,
  source: InputBinding | undefined,
): string {
  const names = Object.keys(outputs).filter((name) => outputs[name]!.digest === digest);
  const meant = source?.kind === "output" ? source.output : undefined;
  return names.find((name) => name === meant) ?? names[0]!;
}
