import type { Context } from "./lib/context.ts";
import { one } from "./lib/one.ts";

/** Normalizes clips. */
export default async function main(ctx: Context<{ frames: number }>): Promise<void> {
  const clips = JSON.parse(await Deno.readTextFile(`${ctx.input("clips")}/clips.json`));
  const values = one(clips).slice(0, ctx.params.frames).map((value) => value / 10);
  await Deno.writeTextFile(`${ctx.output("clips")}/clips.json`, `${JSON.stringify(values)}\n`);
}
