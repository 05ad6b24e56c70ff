/**
 * The `pretrain` stage on the `simd` backend.
 *
 * @module
 */
import type { StageMain } from "../../pipeline/stage.ts";
import { startSimd } from "../tensor/simd/simd_backend_start.ts";
import { pretrain } from "./pretrain.ts";

/** Starts the backend on the compiled kernels, then runs the stage. */
const main: StageMain = async (ctx) => {
  const code = await Deno.readFile(`${ctx.input("kernels")}/kernels.wasm`);
  const { device } = await startSimd({ code, threads: ctx.threads });
  ctx.log("info", `computes on ${device}`);
  await pretrain(ctx);
};

export default main;
