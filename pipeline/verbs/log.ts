/**
 * `log`: the runs that the store remembers, latest first.
 *
 * @module
 */
import type { ListedRun } from "../history/last_run.ts";
import type { StageStatus } from "../types.ts";
import type { Verb } from "../verb.ts";
import { JSON_OPTION, positiveInteger, STORE_OPTION } from "./options.ts";

/** Runs that are listed where no number is given. */
const SHOWN = 20;

/** Lists the runs of an experiment, or of the store. */
export const log: Verb = {
  name: "log",
  summary: "List the runs of an experiment, latest first: when, what ran, how long, its figures",
  arguments: [
    {
      name: "FILE",
      summary: "the experiment file (default: all experiments of the store)",
      optional: true,
    },
  ],
  options: {
    number: { kind: "value", alias: "n", value: "N", summary: `How many (default: ${SHOWN})` },
    variant: {
      kind: "value",
      value: "NAME",
      summary: "Only runs of this variant (default: with all variants of the file)",
    },
    ...STORE_OPTION,
    ...JSON_OPTION,
  },
  example: "deno task log experiments/demo.yaml -n 5",
  async run(call) {
    const most = positiveInteger(call, "number") ?? SHOWN;
    const { damageTeller, existingStore } = await import("./existing_store.ts");
    const { listRuns } = await import("../history/last_run.ts");
    const file = call.args.FILE;
    const store = await existingStore(call.store, file);
    const concerns = await concerning(file, call.value("variant"));
    const runs: ListedRun[] = [];
    let more = 0;
    for (const run of listRuns(store, damageTeller(call))) {
      if (!concerns(run.experiment, run.file)) continue;
      if (runs.length < most) runs.push(run);
      else more++;
    }
    const { terminal } = call;
    if (call.flag("json")) {
      const body = runs.map(({ format: _, list: __, path: ___, ...run }) => run);
      terminal.out(`${JSON.stringify(body, undefined, 2)}\n`);
      return 0;
    }
    if (runs.length === 0) {
      terminal.err(`log: the store ${store.root} remembers no run${file ? ` of ${file}` : ""}\n`);
      return 0;
    }
    terminal.out(await table(runs, terminal.outLive === true ? terminal.columns : undefined));
    if (more > 0) {
      terminal.err(`and ${more} earlier ${more === 1 ? "run" : "runs"} (-n shows more)\n`);
    }
    return 0;
  },
};

/** Which runs are of an experiment file: those of its name and, of whatever variant, of its path. */
export async function concerning(
  file: string | undefined,
  variant: string | undefined,
): Promise<(experiment: string, file: string) => boolean> {
  if (file === undefined) return () => true;
  const { resolve } = await import("node:path");
  const { nameOfExperiment } = await import("../experiment.ts");
  const name = nameOfExperiment(file, { variant });
  const path = resolve(file);
  return (experiment, of) => experiment === name || (variant === undefined && of === path);
}

async function table(runs: readonly ListedRun[], columns: number | undefined): Promise<string> {
  const { duration } = await import("../screen/duration.ts");
  const { moment } = await import("../screen/moment.ts");
  const { plainTable } = await import("../screen/plain_table.ts");
  const { metricText } = await import("../screen/results_table.ts");
  const one = runs.every(({ experiment }) => experiment === runs[0]!.experiment);
  const width = String(runs[0]!.number).length;
  const rows = runs.map((run) => [
    String(run.number).padStart(width),
    run.id,
    moment(run.started),
    run.status,
    duration(run.seconds),
    countText(run.counts),
    ...one ? [] : [run.experiment],
  ]);
  const head = ["#".padStart(width), "run", "when", "state", "took", "stages"];
  const [top, ...lines] = plainTable([[...head, ...one ? [] : ["experiment"]], ...rows]).split(
    "\n",
  );
  const figures = runs.map(({ headline }) =>
    Object.entries(headline).map(([name, value]) => `${name} ${metricText(value)}`).join(", ")
  );
  const across = Math.max(top!.length, ...lines.map((line) => line.length));
  const beside = figures.every((text) => across + 2 + text.length <= (columns ?? Infinity));
  // Under the rows, where a terminal has no room beside them.
  const under = " ".repeat(top!.indexOf("when"));
  const whole = lines.flatMap((line, i) => {
    if (figures[i] === "") return [line];
    if (beside) return [`${line.padEnd(across)}  ${figures[i]}`];
    return [line, `${under}${figures[i]}`];
  });
  const title = one ? `runs of ${runs[0]!.experiment}\n\n` : "";
  return `${title}${[top, ...whole].join("\n")}\n`;
}

/** How many stages ended in which way: `2 ran, 13 cached`. */
function countText(counts: ListedRun["counts"]): string {
  const order: StageStatus[] = ["ran", "failed", "stopped", "skipped", "cached"];
  return order.flatMap((status) => {
    const count = counts[status];
    return count ? [`${count} ${status}`] : [];
  }).join(", ");
}
