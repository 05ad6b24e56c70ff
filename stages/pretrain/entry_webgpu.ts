/**
 * The `pretrain` stage on the `webgpu` backend.
 *
 * @module
 */
import type { StageMain } from "../../pipeline/stage.ts";
import { startWebgpu } from "../tensor/webgpu_backend.ts";
import { pretrain } from "./pretrain.ts";

/** Starts the backend, then runs the stage. */
const main: StageMain = async (ctx) => {
  const { device } = await startWebgpu({ allowSoftware: ctx.allowSoftware });
  ctx.log("info", `computes on ${device}`);
  await pretrain(ctx);
};

export default main;
