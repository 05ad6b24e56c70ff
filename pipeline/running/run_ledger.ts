/**
 * What a run has come to so far: each stage's end, its result and what is known of its outputs. Every
 * entry is said as an event at once.
 *
 * @module
 */
import type { GraphNode } from "../graph.ts";
import { headline } from "../explain/headline.ts";
import { writeHistory } from "../history/history.ts";
import type { ActionManifest } from "../manifest.ts";
import type { Planning } from "../planning.ts";
import { writeRun } from "../history/run_record.ts";
import { logPath } from "./scratch.ts";
import type { PortFacts } from "../stage.ts";
import { outputSummaries } from "../store/output_summaries.ts";
import type { ActionRecord } from "../store/store.ts";
import type { RunEvent, RunSummary, StageStatus, StageSummary } from "../types.ts";

/** What may be known of a stage that ended without a result. */
export interface EndDetails {
  readonly key?: string;
  readonly manifest?: ActionManifest;
  readonly seconds?: number;
  readonly logFile?: string | undefined;
  readonly logTail?: readonly string[];
}

/** The book of a run. */
export class RunLedger {
  readonly #planning: Planning;
  readonly #emit: (event: RunEvent) => void;
  readonly #started = new Date();
  readonly #begun: number;
  readonly #summaries = new Map<string, StageSummary>();
  readonly #records = new Map<string, ActionRecord>();
  readonly #facts = new Map<string, PortFacts>();
  /** What the stages without a result were to be computed from. */
  readonly #manifests = new Map<string, ActionManifest>();

  /** @param begun When the run began, by `performance.now()`. */
  constructor(planning: Planning, emit: (event: RunEvent) => void, begun: number) {
    this.#planning = planning;
    this.#emit = emit;
    this.#begun = begun;
  }

  /** Whether a stage has ended, in whatever way. */
  hasEnded(id: string): boolean {
    return this.#summaries.has(id);
  }

  /** The result of a stage, if there is one. */
  record(id: string): ActionRecord | undefined {
    return this.#records.get(id);
  }

  /** Facts of a stage's inputs. */
  inputFacts(node: GraphNode): PortFacts {
    return this.#planning.inputFacts(node, (id) => this.#facts.get(id));
  }

  /** A stage was computed before. */
  cached(node: GraphNode, record: ActionRecord): void {
    this.#keep(node, record);
    const logFile = logPath(this.#planning.options.store, record.key, record.provenance.attempts);
    this.#emit({ type: "stage-cached", stage: this.#end(node, "cached", { logFile }, record) });
  }

  /** A stage was computed now. */
  ran(node: GraphNode, record: ActionRecord, details: EndDetails): void {
    this.#keep(node, record);
    this.#emit({ type: "stage-done", stage: this.#end(node, "ran", details, record) });
  }

  /** A stage failed; all that follows from it is skipped. */
  failed(node: GraphNode, reason: string, details: EndDetails): void {
    const stage = this.#end(node, "failed", { ...details, reason });
    this.#emit({ type: "stage-failed", stage, logTail: details.logTail ?? [] });
    for (const next of node.dependents) this.skippedAfter(next, `${node.id} failed`);
  }

  /** A stage was stopped by the user. */
  stopped(node: GraphNode, details: EndDetails): void {
    const reason = "stopped; the next run goes on from its last checkpoint, if it had saved one";
    this.#emit({
      type: "stage-skipped",
      stage: this.#end(node, "stopped", { ...details, reason }),
    });
  }

  /** A stage, and all that follows from it, is not run. */
  skippedAfter(node: GraphNode, reason: string): void {
    const stack = [node];
    for (let next = stack.pop(); next; next = stack.pop()) {
      if (this.hasEnded(next.id)) continue;
      this.#emit({ type: "stage-skipped", stage: this.#end(next, "skipped", { reason }) });
      stack.push(...[...next.dependents].reverse());
    }
  }

  /** Closes the book: the run's summary, written down in the store and said. */
  async close(presses: number): Promise<RunSummary> {
    const { graph, index, options } = this.#planning;
    const stages = graph.nodes.map(({ id }) => this.#summaries.get(id)!);
    const has = (...ends: StageStatus[]) => stages.some(({ status }) => ends.includes(status));
    const summary: RunSummary = {
      experiment: graph.experiment.name,
      status: presses > 0 && has("stopped", "skipped")
        ? "stopped"
        : has("failed")
        ? "failed"
        : "done",
      seconds: (performance.now() - this.#begun) / 1000,
      stages,
    };
    index.save();
    const warn = (message: string) =>
      this.#emit({ type: "log", id: "run", level: "warn", message });
    try {
      const { list } = await writeRun(options.store, summary, {
        file: graph.experiment.file,
        started: this.#started,
        headline: headline(graph, this.#summaries),
        device: this.#planning.device?.class,
        manifests: this.#manifests,
      });
      const keys = new Map([...this.#records].map(([id, { key }]) => [id, key]));
      const whole = keys.size === stages.length ? list : undefined;
      await writeHistory(
        options.store,
        graph.experiment.name,
        keys,
        whole,
        (path) => warn(`${path} was damaged; the history of earlier results begins anew`),
      );
    } catch (error) {
      // The results are in the store; only the history of this run is lost.
      const readOnly = await options.store.isReadOnly();
      const why = readOnly ? "the store may only be read" : (error as Error).message;
      warn(`this run is not in the store's history: ${why}`);
    }
    this.#emit({ type: "run-done", summary });
    return summary;
  }

  #keep(node: GraphNode, record: ActionRecord): void {
    this.#records.set(node.id, record);
    const facts = this.#planning.outputFacts(node, this.inputFacts(node), record);
    this.#facts.set(node.id, facts);
  }

  #end(
    node: GraphNode,
    status: StageStatus,
    { seconds = 0, logFile, reason, ...details }: EndDetails & { readonly reason?: string },
    record?: ActionRecord,
  ): StageSummary {
    const key = record?.key ?? details.key;
    if (details.manifest) this.#manifests.set(node.id, details.manifest);
    const otherDevice = record && this.#planning.otherDevice(node, record);
    const stage: StageSummary = {
      id: node.id,
      uses: node.instance.definition.name,
      status,
      ...(key === undefined ? {} : { key }),
      seconds,
      outputs: outputSummaries(record),
      metrics: record?.metrics ?? {},
      ...(otherDevice === undefined ? {} : { otherDevice }),
      ...(record?.accepted ? { accepted: record.accepted.who } : {}),
      ...(reason === undefined ? {} : { reason }),
      ...(logFile === undefined ? {} : { logFile }),
    };
    this.#summaries.set(node.id, stage);
    return stage;
  }
}
