import type { Context } from "./lib/context.ts";

/** Centers clips: another stage with the ports of `normalize`. */
export default async function main(ctx: Context<{ frames: number }>): Promise<void> {
  const clips: number[] = JSON.parse(await Deno.readTextFile(`${ctx.input("clips")}/clips.json`));
  const values = clips.slice(0, ctx.params.frames).map((value) => value - clips[0]!);
  await Deno.writeTextFile(`${ctx.output("clips")}/clips.json`, `${JSON.stringify(values)}\n`);
}
