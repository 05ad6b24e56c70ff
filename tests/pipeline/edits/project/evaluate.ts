import type { Context } from "./lib/context.ts";
import { two } from "./lib/two.ts";
import { SCALE } from "scale";

/** Evaluates a model on clips. */
export default async function main(ctx: Context<{ k: number }>): Promise<void> {
  const model = Number(await Deno.readTextFile(`${ctx.input("model")}/model.json`));
  const clips: number[] = JSON.parse(await Deno.readTextFile(`${ctx.input("clips")}/clips.json`));
  const near = clips.filter((value) => Math.abs(two(value) - model) < ctx.params.k * SCALE);
  await Deno.writeTextFile(`${ctx.output("metrics")}/metrics.json`, `${near.length}\n`);
  ctx.metric("near", near.length);
}
