/**
 * `gc`: removes from the store what no experiment and no recent run needs.
 *
 * @module
 */
import { UsageError } from "../usage_error.ts";
import type { Call, Verb } from "../verb.ts";
import { JSON_OPTION, STORE_OPTION } from "./options.ts";

/** Where experiments are when no place is named. */
const EXPERIMENTS = "experiments";

/** How many runs of each experiment are kept. */
const LAST = 3;

function lastRuns(call: Call): number {
  const given = call.value("last");
  if (given === undefined) return LAST;
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw new UsageError(`--last: expected a whole number, found ${JSON.stringify(given)}`);
}

/** The class of this machine's device; undefined where it has none that can be used. */
async function deviceClass(call: Call, cacheFolder: string): Promise<string | undefined> {
  try {
    const request = { backend: "auto", allowSoftware: false, cacheFolder } as const;
    return (await call.resolveDevice(request)).class;
  } catch {
    return undefined;
  }
}

/** Removes what is not needed, or says what would go. */
export const gc: Verb = {
  name: "gc",
  summary: "Say what no experiment and no recent run needs; with --delete, remove it",
  arguments: [{
    name: "PLACE",
    summary:
      `experiment files, or folders with some, whose results are kept (default: ${EXPERIMENTS})`,
    optional: true,
    rest: true,
  }],
  options: {
    last: {
      kind: "value",
      value: "N",
      summary: `Also keep the results of the last N runs of each experiment (default: ${LAST})`,
    },
    intermediates: {
      kind: "flag",
      summary: "Also remove bytes that only feed cached stages; they are computed again if needed",
    },
    delete: { kind: "flag", summary: "Remove it; without this nothing is changed" },
    ...STORE_OPTION,
    ...JSON_OPTION,
  },
  example: "deno task gc experiments papers/2026.yaml --last 5",
  async run(call) {
    const last = lastRuns(call);
    const { isStore } = await import("./existing_store.ts");
    const { openStore } = await import("../store/store.ts");
    const { experimentFiles } = await import("../gc/gc_experiments.ts");
    const { collectGarbage } = await import("../gc/gc.ts");
    const { gcJson, gcText } = await import("../gc/gc_report.ts");
    const files = experimentFiles(call.rest.length > 0 ? call.rest : [EXPERIMENTS]);
    if (!isStore(call.store)) {
      call.terminal.err(`gc: there is no store ${call.store}, so there is nothing to remove\n`);
      return 0;
    }
    const store = await openStore(call.store);
    const summary = await collectGarbage({
      store,
      catalogue: call.catalogue,
      files,
      last,
      intermediates: call.flag("intermediates"),
      delete: call.flag("delete"),
      device: () => deviceClass(call, store.local),
      onWait: (message) => call.terminal.err(`gc: ${message}\n`),
    });
    call.terminal.out(call.flag("json") ? gcJson(store, summary) : gcText(store, summary));
    return summary.failed.length > 0 ? 1 : 0;
  },
};
