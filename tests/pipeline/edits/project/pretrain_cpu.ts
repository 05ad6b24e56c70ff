import type { Context } from "./lib/context.ts";
import { type Params, train } from "./train.ts";

export default (ctx: Context<Params>): Promise<void> => train(ctx, 0);
