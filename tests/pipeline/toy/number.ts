/** Writes a number, by way of helpers three imports deep and a text import. */
import type { StageContext } from "../../../pipeline/stage.ts";
import { first } from "./helper_one.ts";
import note from "./note.txt" with { type: "text" };

export default async function main(ctx: StageContext<{ value: number }>): Promise<void> {
  const value = first(ctx.params.value);
  await Deno.writeTextFile(`${ctx.output("number")}/number.txt`, `${value}\n`);
  await Deno.writeTextFile(`${ctx.output("number")}/note.txt`, note);
  ctx.metric("value", value);
}
