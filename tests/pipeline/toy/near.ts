/** Needs an npm package. */
import { distance } from "fastest-levenshtein";
import type { StageContext } from "../../../pipeline/stage.ts";

export default async function main(ctx: StageContext): Promise<void> {
  await Deno.writeTextFile(`${ctx.output("number")}/number.txt`, `${distance("stage", "store")}\n`);
}
