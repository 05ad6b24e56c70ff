/**
 * Computes every target of a no-op graph beforehand: `prepare.ts EXPERIMENT STORE`.
 *
 * The stages run through the ordinary runner, but inside this process and without flushing each
 * file to the disk: starting ten thousand sandboxed processes would take half an hour and leave the
 * same store behind.
 *
 * @module
 */
import { inline } from "../executors/inline.ts";
import { loadExperiment } from "../experiment.ts";
import { run } from "../run.ts";
import { disk } from "../store/disk.ts";
import { openStore } from "../store/store.ts";
import { copy } from "./copy_stage.ts";

if (import.meta.main) {
  const [file, folder] = Deno.args;
  const store = await openStore(folder!, { disk: { ...disk, flush: () => Promise.resolve() } });
  const experiment = loadExperiment(file!, { catalogue: { copy } });
  const { status } = await run(experiment, { store, executor: inline, jobs: 1 });
  Deno.exit(status === "done" ? 0 : 1);
}
