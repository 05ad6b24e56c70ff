/** Counts to a number in steps that hang on those before, with a checkpoint after each few. */
import type { StageContext } from "../../../pipeline/stage.ts";

interface Params {
  readonly steps: number;
  readonly every: number;
  readonly stepMs: number;
}

export default async function main(ctx: StageContext<Params>): Promise<void> {
  const { steps, every, stepMs } = ctx.params;
  let state = { step: 0, hash: 17 };
  const folder = ctx.resume();
  if (folder) state = JSON.parse(await Deno.readTextFile(`${folder}/state.json`));
  ctx.log("info", `begins at ${state.step}`);
  const save = () =>
    ctx.checkpoint((folder) => Deno.writeTextFile(`${folder}/state.json`, JSON.stringify(state)));
  while (state.step < steps) {
    state = { step: state.step + 1, hash: (state.hash * 31 + state.step) % 1_000_003 };
    if (state.step % every === 0) await save();
    ctx.progress(state.step, steps, "steps");
    await new Promise((resolve) => setTimeout(resolve, stepMs));
    if (ctx.stopping) {
      await save();
      ctx.stopped();
    }
  }
  await Deno.writeTextFile(`${ctx.output("number")}/number.txt`, `${state.hash}\n`);
}
