/** Fine-tuning and training from scratch on the `simd` backend, as stages: threads, and what they learn. */
import { assert, assertEquals } from "@std/assert";
import finetuneEntry from "../../../stages/finetune/entry_simd.ts";
import supervisedEntry from "../../../stages/supervised/entry_simd.ts";
import { kernels } from "../simd/kernels.ts";
import { LabelledRun } from "./labelled_run.ts";

/** Wide enough that every thread has a part of each operation. */
const MODEL = { width: 8, hidden_dim: 16 };

/** Writes the compiled kernels beside the clips of a run. */
async function kernelsFolder(run: LabelledRun): Promise<string> {
  const folder = `${run.tiny.home}/kernels`;
  await Deno.mkdir(folder);
  await Deno.writeFile(`${folder}/kernels.wasm`, await kernels());
  return folder;
}

for (
  const [stage, mode, main, params] of [
    ["finetune", "eval", finetuneEntry, { trainMode: "eval" }],
    ["finetune", "train", finetuneEntry, { trainMode: "train", clip: 1 }],
    ["supervised", "train", supervisedEntry, MODEL],
  ] as const
) {
  Deno.test(`${stage} in mode ${mode} leaves the same bytes on 1, 2 and 3 threads`, async () => {
    await using run = await LabelledRun.make({ bodies: 2, frames: 8, clips: 12 }, 1, MODEL);
    const folder = await kernelsFolder(run);
    const bytes = [];
    for (const threads of [1, 2, 3]) {
      const name = `${threads} threads`;
      const { logs } = await run.train(
        stage,
        name,
        { epochs: 2, milestones: [1], lr: 0.05, ...params },
        { main, backend: "simd", threads, kernels: folder },
      );
      const words = `computes on simd (${threads} thread`;
      assert(logs.some(({ message }) => message.startsWith(words)), words);
      bytes.push(await run.outputs(name));
    }
    assertEquals(bytes[1], bytes[0]);
    assertEquals(bytes[2], bytes[0]);
  });
}

Deno.test("an encoder fine-tuned on tiny clips, or the backbone from scratch, beats chance", async () => {
  const model = { ...MODEL, dropout: 0.1 };
  await using run = await LabelledRun.make({ clips: 48, frames: 8, classes: 4 }, 1, model);
  const on = { backend: "simd", threads: 1, kernels: await kernelsFolder(run) } as const;
  const params = { epochs: 12, batch: 8, lr: 0.1, milestones: [10], evaluate_every: 4 };
  const tuned = { ...params, trainMode: "train" };
  await run.train("finetune", "tuned", tuned, { ...on, main: finetuneEntry });
  const scratch = { ...params, ...model };
  await run.train("supervised", "scratch", scratch, { ...on, main: supervisedEntry });
  for (const name of ["tuned", "scratch"]) {
    const { rows: [row] } = await run.result(name);
    assert(row.top1_last >= 50, `${name}: ${row.top1_last} of a chance of 25`);
    const losses = (await run.log(name)).map((cells) => Number(cells[3]));
    assert(losses.at(-1)! < losses[0]!);
  }
});
