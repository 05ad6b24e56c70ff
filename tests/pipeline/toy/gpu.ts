/** Says which device it was given. */
import type { StageContext } from "../../../pipeline/stage.ts";

export default async function main(ctx: StageContext): Promise<void> {
  await Deno.writeTextFile(`${ctx.output("number")}/number.txt`, `${ctx.backend}\n`);
}
