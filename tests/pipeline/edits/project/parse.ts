import type { Context } from "./lib/context.ts";
import { numbers } from "./lib/lines.ts";

/** Reads numbers from all files of a folder. */
export default async function main(ctx: Context<{ skip: number }>): Promise<void> {
  const found: number[] = [];
  await collect(ctx.input("raw"), found);
  const values = found.sort((a, b) => a - b).slice(ctx.params.skip);
  await Deno.writeTextFile(`${ctx.output("clips")}/clips.json`, `${JSON.stringify(values)}\n`);
  ctx.metric("clips", values.length);
}

async function collect(folder: string, found: number[]): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await collect(`${folder}/${name}`, found);
    else found.push(...numbers(await Deno.readTextFile(`${folder}/${name}`)));
  }
}
