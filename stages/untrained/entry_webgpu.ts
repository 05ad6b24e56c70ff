/**
 * The `untrained` stage on the `webgpu` backend.
 *
 * @module
 */
import type { StageMain } from "../../pipeline/stage.ts";
import { startWebgpu } from "../tensor/webgpu_backend.ts";
import { untrained } from "./untrained.ts";

/** Starts the backend, then runs the stage. */
const main: StageMain = async (ctx) => {
  const { device } = await startWebgpu({ allowSoftware: ctx.allowSoftware });
  ctx.log("info", `computes on ${device}`);
  await untrained(ctx);
};

export default main;
