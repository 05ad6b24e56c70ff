/** Writes a number, and says how many threads it was given. */
import type { StageContext } from "../../../pipeline/stage.ts";

export default async function main(ctx: StageContext<{ value: number }>): Promise<void> {
  await Deno.writeTextFile(`${ctx.output("number")}/number.txt`, `${ctx.params.value}\n`);
  ctx.log("info", `threads: ${ctx.threads ?? "all"}`);
}
