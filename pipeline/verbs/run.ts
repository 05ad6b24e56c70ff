/**
 * `run`: runs an experiment, shows how it goes, and prints what came of it.
 *
 * @module
 */
import { stoppedStatus } from "../screen/interrupts.ts";
import type { Verdict } from "../screen/results_table.ts";
import type { Store } from "../store/store.ts";
import type { Device, RunSummary } from "../types.ts";
import type { Verb } from "../verb.ts";
import {
  choice,
  CLASS_OPTIONS,
  computesHere,
  CORES_OPTIONS,
  DEVICE_OPTIONS,
  EXPERIMENT_OPTIONS,
  JSON_OPTION,
  MEMORY_OPTION,
  REHASH_OPTION,
  sharedCores,
  STORE_OPTION,
  STRICT_OPTION,
} from "./options.ts";

/** The type of an output that is what the user came for, and the file of it that people read. */
const TABLE = { type: "table", file: "table.md" };

/** The tables of a run as Markdown, by stage and output. */
async function tablesOf(summary: RunSummary, store: Store): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const stage of summary.stages) {
    for (const output of stage.outputs) {
      if (output.type !== TABLE.type) continue;
      const entry = store.readTree(output.digest)?.find(({ name }) => name === TABLE.file);
      if (entry === undefined) continue;
      try {
        texts.push(await Deno.readTextFile(store.blobPath(entry.digest)));
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }
  return texts;
}

function json(
  summary: RunSummary,
  verdicts: readonly Verdict[],
  device: Device | undefined,
): string {
  const expectations = verdicts.map(({ expectation, value, passed }) => ({
    ...expectation,
    value,
    passed,
  }));
  return `${JSON.stringify({ ...summary, device, expectations }, undefined, 2)}\n`;
}

function exitStatus(
  summary: RunSummary,
  verdicts: readonly Verdict[],
  signal: Deno.Signal | undefined,
): number {
  if (summary.status === "stopped") return stoppedStatus(signal);
  if (summary.status === "failed") return 1;
  return verdicts.every(({ passed }) => passed) ? 0 : 1;
}

/** Runs an experiment. */
export const runVerb: Verb = {
  name: "run",
  summary: "Run an experiment; what was computed before is taken from the store",
  arguments: [{ name: "FILE", summary: "the experiment file" }],
  options: {
    ...EXPERIMENT_OPTIONS,
    ...STORE_OPTION,
    ...DEVICE_OPTIONS,
    ...CLASS_OPTIONS,
    ...CORES_OPTIONS,
    "on-error": {
      kind: "value",
      value: "keep|stop",
      summary: "After a failure keep on with what does not follow from it (default), or stop",
    },
    ...STRICT_OPTION,
    ...REHASH_OPTION,
    ...MEMORY_OPTION,
    quiet: { kind: "flag", alias: "q", summary: "Show no progress; only warnings and failures" },
    ...JSON_OPTION,
  },
  example: "deno task run experiments/demo.yaml --set stages.pretrain.params.epochs=3",
  async run(call) {
    const onError = choice(call, "on-error", ["keep", "stop"]);
    const cores = sharedCores(call);
    computesHere(call);
    const { openSession, planning } = await import("./session.ts");
    const { run, RunControl } = await import("../run.ts");
    const { shown } = await import("./shown.ts");
    const { experiment, store, device, options } = await openSession(call, call.args.FILE!);
    const { terminal } = call;
    if (device !== undefined && !call.flag("quiet")) {
      terminal.err(`device: ${device.backend} (${device.why})\n`);
    }
    if (call.flag("memory")) {
      const { plan } = await import("../plan.ts");
      const { memoryText } = await import("../explain/memory_text.ts");
      const { stagesMemoryMiB } = await import("../running/capacity.ts");
      const found = await planning(experiment, () => plan(experiment, options));
      terminal.err(memoryText(found, stagesMemoryMiB()));
    }
    const control = new RunControl();
    const summary = await shown(
      call,
      control,
      (onEvent) =>
        planning(
          experiment,
          () => run(experiment, { ...options, ...cores, onError, control }, onEvent),
        ),
    );
    const { judged, resultsTable, verdictText } = await import("../screen/results_table.ts");
    const { duration } = await import("../screen/duration.ts");
    const verdicts = summary.status === "stopped" ? [] : judged(experiment.expect, summary);
    if (call.flag("json")) {
      terminal.out(json(summary, verdicts, device));
      return exitStatus(summary, verdicts, control.signal);
    }
    const columns = terminal.outLive === true ? terminal.columns : undefined;
    terminal.out(await resultsTable(summary, columns));
    if (verdicts.length > 0) {
      terminal.out(`\nexpectations\n${verdicts.map((v) => `  ${verdictText(v)}\n`).join("")}`);
    }
    for (const text of await tablesOf(summary, store)) terminal.out(`\n${text}`);
    const failed = verdicts.filter(({ passed }) => !passed).length;
    const missed = failed === 0 ? "" : `; expectations not met: ${failed} of ${verdicts.length}`;
    terminal.err(
      `${summary.experiment}: ${summary.status} in ${duration(summary.seconds)}${missed}\n`,
    );
    return exitStatus(summary, verdicts, control.signal);
  },
};
