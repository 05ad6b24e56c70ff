/**
 * `diff`: what differs between two runs.
 *
 * @module
 */
import type { Verb } from "../verb.ts";
import { JSON_OPTION, STORE_OPTION } from "./options.ts";

/** Compares two runs. */
export const diff: Verb = {
  name: "diff",
  summary: "Say what differs between two runs: parameters, inputs and code, then figures",
  arguments: [
    { name: "RUN_A", summary: "a run's id, its number (`log` shows both), latest or latest~1" },
    { name: "RUN_B", summary: "the other run" },
  ],
  options: {
    experiment: {
      kind: "value",
      value: "FILE",
      summary: "Count latest and latest~1 among the runs of this experiment file",
    },
    all: { kind: "flag", summary: "Show every row, however many" },
    ...STORE_OPTION,
    ...JSON_OPTION,
  },
  example: "deno task diff latest~1 latest",
  async run(call) {
    const { damageTeller, existingStore } = await import("./existing_store.ts");
    const { concerning } = await import("./log.ts");
    const { runNamed } = await import("../history/run_reference.ts");
    const { diffRuns } = await import("../explain/run_diff.ts");
    const file = call.value("experiment");
    const store = await existingStore(call.store, file);
    const concerns = await concerning(file, undefined);
    const tell = damageTeller(call);
    const old = runNamed(store, call.args.RUN_A!, concerns, tell);
    const now = runNamed(store, call.args.RUN_B!, concerns, tell);
    const found = diffRuns(store, old, now);
    if (call.flag("json")) {
      const head = ({ stages: _, list: __, format: ___, ...head }: typeof old) => head;
      const body = { old: head(old), new: head(now), ...found };
      call.terminal.out(`${JSON.stringify(body, undefined, 2)}\n`);
      return 0;
    }
    const { runDiffText } = await import("../explain/run_diff_text.ts");
    call.terminal.out(runDiffText(old, now, found, call.flag("all")));
    return 0;
  },
};
