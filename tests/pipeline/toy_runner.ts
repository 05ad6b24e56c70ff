/**
 * Runs a toy experiment as a process of its own: `toy_runner.ts STORE STAGES-AS-JSON`. Prints a line of
 * JSON for each stage that starts, and one with the digests at the end.
 *
 * @module
 */
import { run } from "../../pipeline/run.ts";
import { openStore } from "../../pipeline/store/store.ts";
import { toyExperiment } from "./toy_stages.ts";

const [folder, stages] = Deno.args;
const store = await openStore(folder!);
const summary = await run(toyExperiment(JSON.parse(stages!)), { store, jobs: 2 }, (event) => {
  if (event.type === "stage-start") console.log(JSON.stringify({ started: event.id }));
});
console.log(JSON.stringify({
  status: summary.status,
  digests: Object.fromEntries(summary.stages.map((s) => [s.id, s.outputs[0]?.digest])),
  reasons: summary.stages.flatMap(({ reason }) => reason ? [reason] : []),
}));
