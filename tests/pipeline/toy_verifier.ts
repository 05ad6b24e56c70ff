/**
 * Verifies a toy experiment as a process of its own: `toy_verifier.ts STORE STAGES-AS-JSON`. Prints the
 * id of each stage that starts, then each stage's state as a line of JSON.
 *
 * @module
 */
import { openStore } from "../../pipeline/store/store.ts";
import { verify } from "../../pipeline/verify/verify.ts";
import { flakyExperiment } from "./toy_flaky.ts";

const [folder, stages] = Deno.args;
const store = await openStore(folder!);
const { stages: rows } = await verify(flakyExperiment(JSON.parse(stages!)), { store }, (event) => {
  if (event.type === "stage-start") console.log(event.id);
});
console.log(JSON.stringify(Object.fromEntries(rows.map(({ id, state }) => [id, state]))));
