/** Says which device it was given, after a while. */
import type { StageContext } from "../../../pipeline/stage.ts";

export default async function main(ctx: StageContext<{ ms: number }>): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ctx.params.ms));
  await Deno.writeTextFile(`${ctx.output("number")}/number.txt`, `${ctx.backend}\n`);
}
