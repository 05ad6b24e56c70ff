/** What docs/export.md says of classifiers in PyTorch, run on what the `finetune` stage leaves. */
import { assert, assertEquals } from "@std/assert";
import { finetuneParams } from "../../stages/finetune/definition.ts";
import finetuneEntry from "../../stages/finetune/entry_cpu.ts";
import { pythonTest } from "../unit/formats/python.ts";
import { FakeContext } from "../unit/pretrain/fake_context.ts";
import { TinyRun } from "../unit/pretrain/tiny_run.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/export.md", import.meta.url));
const [LOADER, USE, CLASSIFY] = [...PAGE.matchAll(/^```python\n([^]*?)^```$/gm)]
  .map((match) => match[1]!);

await pythonTest(
  "numpy, torch",
  "the page's lines for a fine-tuned classifier give the logits of its result, and its class names",
  async (python) => {
    await using run = await TinyRun.make({ bodies: 2, frames: 8 });
    await run.pretrain("trained", {
      stream: "motion",
      epochs: 2,
      knn: { every: 0 },
      mask: { clips: 0 },
    });
    const { home } = run;
    await Deno.symlink(run.output("trained", "encoder"), `${home}/encoder`);
    const ctx = await FakeContext.begin({
      params: finetuneParams.parse({ seed: 1, epochs: 3, batch: 4, lr: 0.01, trainMode: "train" }),
      home: `${home}/finetuned`,
      inputs: {
        clips: `${home}/clips`,
        split: `${home}/split`,
        encoder: run.output("trained", "encoder"),
      },
      outputs: ["result", "classifier", "log"],
    });
    await finetuneEntry(ctx);
    await Deno.symlink(run.output("finetuned", "classifier"), `${home}/classifier`);
    const result = run.output("finetuned", "result");
    const { planes } = JSON.parse(await Deno.readTextFile(`${result}/result.json`));
    assertEquals([planes[0].probe, planes[0].at], ["finetune", "last"]);
    const said = await python(`import os, glob
os.chdir(${JSON.stringify(home)})
${LOADER}\n${USE}\n${CLASSIFY}
names = len(classes)
clips = torch.from_numpy(np.concatenate([np.load(f) for f in sorted(glob.glob("clips/clips-*.npy"))]))
got = forward(weights, clips, about["config"]["stream"])[1].numpy()
got = got[np.load(${JSON.stringify(`${result}/test_clips.npy`)})]
want = np.load(${JSON.stringify(`${result}/logits.npy`)})[0]
assert got.shape == want.shape, (got.shape, want.shape)
print(json.dumps({"logits": float(np.abs(got - want).max() / np.abs(want).max()), "names": names}))
`) as { logits: number; names: number };
    assert(said.logits < 1e-4, `${said.logits}`);
    assert(said.names > 1);
  },
);
