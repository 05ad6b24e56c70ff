import type { Context } from "./lib/context.ts";
import { type Params, train } from "./train.ts";
import kernel from "./lib/kernel.wgsl" with { type: "text" };

export default (ctx: Context<Params>): Promise<void> => train(ctx, kernel.length);
