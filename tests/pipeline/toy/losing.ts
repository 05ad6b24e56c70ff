/** Counts to six with a checkpoint after each two, while its device goes again and again. */
import type { StageContext } from "../../../pipeline/stage.ts";

interface Params {
  readonly how: string;
}

const lost = () =>
  Object.assign(new Error("the device was lost"), { forUser: true, tryAgain: true });

export default async function main(ctx: StageContext<Params>): Promise<void> {
  const { how } = ctx.params;
  const folder = ctx.resume();
  let step = folder ? Number(await Deno.readTextFile(`${folder}/step.txt`)) : 0;
  ctx.log("info", `begins at ${step}`);
  const begun = step;
  while (step < 6) {
    step++;
    if (how === "at once") throw lost();
    // Each attempt that is lost or crashes has come three steps further.
    if (step === begun + 3 && how === "lost") throw lost();
    if (step === begun + 3 && how === "crashed") Deno.kill(Deno.pid, "SIGABRT");
    if (step % 2 === 0) {
      await ctx.checkpoint((folder) => Deno.writeTextFile(`${folder}/step.txt`, `${step}`));
    }
    await ctx.breathe();
  }
  await Deno.writeTextFile(`${ctx.output("number")}/number.txt`, `${step}\n`);
  if (how === "teardown" && begun === 0) {
    globalThis.addEventListener("unload", () => Deno.kill(Deno.pid, "SIGABRT"));
  }
}
