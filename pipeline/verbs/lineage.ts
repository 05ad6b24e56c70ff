/**
 * `lineage`: everything an artifact came from, down to raw files.
 *
 * @module
 */
import type { Lineage } from "../explain/lineage_graph.ts";
import type { RunRecord } from "../history/run_record.ts";
import type { Store } from "../store/store.ts";
import type { Call, Verb } from "../verb.ts";
import { JSON_OPTION, STORE_OPTION } from "./options.ts";

/** Tells where an artifact came from. */
export const lineage: Verb = {
  name: "lineage",
  summary: "Say what an artifact came from: every stage, parameter and raw file behind it",
  arguments: [
    {
      name: "ARTIFACT",
      summary: "STAGE.OUTPUT of the last run, an exported file or folder, or a digest's beginning",
    },
  ],
  options: {
    experiment: {
      kind: "value",
      value: "FILE",
      summary: "The experiment file (default: the experiment that ran last)",
    },
    run: {
      kind: "value",
      value: "RUN",
      summary: "A run's id or number (`log` shows both; default: the last one)",
    },
    ...STORE_OPTION,
    ...JSON_OPTION,
  },
  example: "deno task lineage table.table --experiment experiments/demo.yaml",
  async run(call) {
    const { existingStore } = await import("./existing_store.ts");
    const { ActionIndex } = await import("../explain/action_index.ts");
    const { artifactNamed } = await import("../explain/lineage_query.ts");
    const { traceLineage } = await import("../explain/lineage.ts");
    const store = await existingStore(call.store, call.value("experiment"));
    const index = ActionIndex.read(store);
    const run = await runAtHand(call, store);
    const query = await artifactNamed(store, index, call.args.ARTIFACT!, run);
    const found = traceLineage(store, index, query);
    const { terminal } = call;
    for (const path of index.damaged) {
      terminal.err(`the record ${path} is damaged and counts as none\n`);
    }
    if (call.flag("json")) {
      terminal.out(`${JSON.stringify(document(found), undefined, 2)}\n`);
      return 0;
    }
    const { lineageText } = await import("../explain/lineage_text.ts");
    terminal.out(lineageText(found, terminal.outLive === true ? terminal.columns : undefined));
    return 0;
  },
};

/** The run whose results go first: the one that is named, else the last. */
async function runAtHand(call: Call, store: Store): Promise<RunRecord | undefined> {
  const { damageTeller } = await import("./existing_store.ts");
  const { concerning } = await import("./log.ts");
  const { lastRun } = await import("../history/last_run.ts");
  const named = call.value("run");
  const file = call.value("experiment");
  if (named === undefined && file === undefined) return lastRun(store, {}, damageTeller(call));
  const { runNamed } = await import("../history/run_reference.ts");
  const concerns = await concerning(file, undefined);
  return runNamed(store, named ?? "latest", concerns, damageTeller(call));
}

/** The graph as lists of nodes and edges. */
function document({ root, nodes, edges }: Lineage) {
  return { root, nodes: [...nodes.values()], edges: [...edges.values()].flat() };
}
