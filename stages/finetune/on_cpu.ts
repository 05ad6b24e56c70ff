/**
 * Stages that train a classifier, on the `cpu` backend.
 *
 * @module
 */
import type { StageMain } from "../../pipeline/stage.ts";
import { startCpu } from "../tensor/cpu_backend.ts";

/** An entry that starts the backend, then runs the stage. */
export function onCpu(run: StageMain): StageMain {
  return async (ctx) => {
    await startCpu();
    await run(ctx);
  };
}
