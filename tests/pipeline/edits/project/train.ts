import type { Context } from "./lib/context.ts";
import { step } from "./lib/step.ts";

/** Parameters of `pretrain`. */
export interface Params {
  readonly seed: number;
  readonly tau: number;
  readonly epochs: number;
  readonly crop: { readonly ratio: number };
}

/** Trains, with the sums that a Worker makes and a table that is read by its URL. */
export async function train(ctx: Context<Params>, first: number): Promise<void> {
  const { seed, tau, epochs, crop } = ctx.params;
  const clips: number[] = JSON.parse(await Deno.readTextFile(`${ctx.input("clips")}/clips.json`));
  const rates = await Deno.readTextFile(new URL("./rates.txt", import.meta.url));
  let weight = first + seed;
  for (let epoch = 0; epoch < epochs; epoch++) {
    weight = step(weight, await summed(clips) * crop.ratio, tau * Number(rates));
  }
  await Deno.writeTextFile(`${ctx.output("model")}/model.json`, `${weight.toFixed(6)}\n`);
  ctx.metric("weight", Math.round(weight));
}

function summed(values: readonly number[]): Promise<number> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => {
      worker.terminate();
      resolve(data);
    };
    worker.postMessage(values);
  });
}
