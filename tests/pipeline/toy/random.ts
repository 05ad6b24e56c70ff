/** Yields other bytes each time: a stage that breaks the rules. */
import type { StageContext } from "../../../pipeline/stage.ts";

export default async function main(ctx: StageContext): Promise<void> {
  await Deno.writeTextFile(`${ctx.output("number")}/number.txt`, `${Math.random()}\n`);
}
