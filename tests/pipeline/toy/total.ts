/** Adds up the numbers of all its inputs. */
import type { StageContext } from "../../../pipeline/stage.ts";

export default async function main(ctx: StageContext<{ modulo: number }>): Promise<void> {
  let sum = 0;
  for (const name of ctx.inputNames) {
    sum += Number(await Deno.readTextFile(`${ctx.input(name)}/number.txt`));
  }
  await Deno.writeTextFile(`${ctx.output("number")}/number.txt`, `${sum % ctx.params.modulo}\n`);
  ctx.metric("value", sum % ctx.params.modulo);
}
