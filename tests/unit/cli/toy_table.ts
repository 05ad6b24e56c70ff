/** A toy stage: a table of the numbers it is given. */
import type { StageMain } from "../../../pipeline/stage.ts";

const main: StageMain<{ title: string }> = async (ctx) => {
  const rows: string[] = [];
  for (const name of ctx.inputNames) {
    const [file] = [...Deno.readDirSync(ctx.input(name))];
    const text = await Deno.readTextFile(`${ctx.input(name)}/${file!.name}`);
    rows.push(`| ${name} | ${text.trim()} |`);
  }
  const head = `# ${ctx.params.title}\n\n| input | number |\n| --- | --- |\n`;
  await Deno.writeTextFile(`${ctx.output("table")}/table.md`, `${head}${rows.join("\n")}\n`);
  ctx.metric("rows", rows.length);
};

export default main;
