/**
 * The `pretrain` stage on the `cpu` backend.
 *
 * @module
 */
import type { StageMain } from "../../pipeline/stage.ts";
import { startCpu } from "../tensor/cpu_backend.ts";
import { pretrain } from "./pretrain.ts";

/** Starts the backend, then runs the stage. */
const main: StageMain = async (ctx) => {
  await startCpu();
  await pretrain(ctx);
};

export default main;
