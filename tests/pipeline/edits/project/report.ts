import Table from "cli-table3";
import type { Context } from "./lib/context.ts";
import words from "./words.json" with { type: "json" };
import note from "./note.txt" with { type: "text" };

/** Writes a table. */
export default async function main(ctx: Context<{ title: string }>): Promise<void> {
  const table = new Table({ head: [ctx.params.title, words.value] });
  table.push(["near", (await Deno.readTextFile(`${ctx.input("metrics")}/metrics.json`)).trim()]);
  const notes = ctx.inputNames.includes("notes") ? await Deno.readTextFile(ctx.input("notes")) : "";
  const text = `# ${ctx.params.title}

${table.toString()}
${note}${notes}`;
  await Deno.writeTextFile(`${ctx.output("table")}/table.txt`, text);
}
