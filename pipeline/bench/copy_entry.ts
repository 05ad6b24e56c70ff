/**
 * Copies a file.
 *
 * @module
 */
import type { StageContext } from "../stage.ts";

/** Copies the input's bytes. */
export default async function (ctx: StageContext): Promise<void> {
  await Deno.writeFile(`${ctx.output("copy")}/copy.txt`, await Deno.readFile(ctx.input("file")));
}
