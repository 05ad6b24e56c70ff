/**
 * Plans once and prints the seconds it took: `planning_program.ts FOLDER STAGES STORE`.
 *
 * @module
 */
import { plan } from "../plan.ts";
import { openStore } from "../store/store.ts";
import { chains } from "./chains.ts";

if (import.meta.main) {
  const [folder, count, root] = Deno.args;
  const experiment = chains(folder!, Number(count));
  const store = await openStore(root!);
  const begun = performance.now();
  await plan(experiment, { store });
  console.log((performance.now() - begun) / 1000);
}
