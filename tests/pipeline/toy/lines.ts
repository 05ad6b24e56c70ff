/** Counts the lines of the files of a folder of the user's, or of one file. */
import type { StageContext } from "../../../pipeline/stage.ts";

export default async function main(ctx: StageContext): Promise<void> {
  const path = ctx.input("files");
  let count = 0;
  if ((await Deno.stat(path)).isFile) {
    count = (await Deno.readTextFile(path)).split("\n").length - 1;
  } else {
    for await (const { name } of Deno.readDir(path)) {
      const text = await Deno.readTextFile(`${path}/${name}`);
      if (text.includes("bad")) {
        if (ctx.strict) throw new Error(`${path}/${name}: a bad file.`);
        ctx.log("warn", `${path}/${name} is excluded`);
        continue;
      }
      count += text.split("\n").length - 1;
    }
  }
  await Deno.writeTextFile(`${ctx.output("number")}/number.txt`, `${count}\n`);
  ctx.facts("number", { lines: count });
}
