import { assert, assertEquals, assertRejects } from "@std/assert";
import { fineTune } from "../../../stages/finetune/fine_tuning.ts";
import { onCpu } from "../../../stages/finetune/on_cpu.ts";
import { readNpy } from "../../../stages/formats/npy.ts";
import { decodeSafetensors } from "../../../stages/formats/safetensors.ts";
import { treeOf } from "../pretrain/fake_context.ts";
import { FakeClassifier } from "./fake_classifier.ts";
import { LabelledRun, type LabelledStage } from "./labelled_run.ts";

for (const stage of ["finetune", "semi_supervised", "transfer", "supervised"] as const) {
  Deno.test(`${stage} leaves a result, classifiers by PyTorch's names and a log with a chart`, async () => {
    await using run = await LabelledRun.make({ bodies: 2 });
    const ctx = await run.train(stage, "run");
    const result = await run.result("run");
    assertEquals(result.rows.length, 1);
    const [row] = result.rows;
    assertEquals([row.probe, row.n], [stage, 5]);
    assert(row.top1_best >= row.top1_last && row.top5_last === 100);
    assertEquals([result.train, result.clips_per_epoch, result.varied], [10, [8], []]);
    assertEquals(result.details.folds[0].train_clips_per_class, { 0: 5, 1: 5 });
    assertEquals(ctx.metrics.get("top1"), row.top1_last);
    assertEquals(ctx.progressed.at(-1), [32, 32, "clips"]);

    const out = run.tiny.output("run", "classifier");
    const { classifiers } = JSON.parse(await Deno.readTextFile(`${out}/classifier.json`));
    assertEquals(classifiers.length, 1);
    const file = `${out}/${classifiers[0].file}`;
    const weights = decodeSafetensors(await Deno.readFile(file), file).tensors;
    assertEquals(weights.get("backbone.fc.weight")?.shape, [2, 8]);
    assertEquals(weights.get("backbone.st_gcn_networks.0.gcn.conv.weight")?.shape, [6, 3, 1, 1]);

    const log = await run.log("run");
    assertEquals(
      log.map(([, fold, epoch]) => [fold, epoch]),
      [1, 2, 3, 4].map((e) => ["all", `${e}`]),
    );
    assertEquals(log.map((cells) => cells[6] !== ""), [false, true, false, true]);
    const chart = await Deno.readTextFile(`${run.tiny.output("run", "log")}/log.svg`);
    assert(chart.includes("test clips"));
  });
}

Deno.test("the rate falls after milestones, rises in the warm-up and follows half a cosine", async () => {
  await using run = await LabelledRun.make();
  await run.train("finetune", "step");
  assertEquals((await run.log("step")).map((cells) => Number(cells[4])), [
    1e-4,
    1e-4,
    1e-5,
    1e-6,
  ]);
  await run.train("finetune", "cosine", { schedule: "cosine", warmup_epochs: 1 });
  const rates = (await run.log("cosine")).map((cells) => Number(cells[4]));
  // Two steps an epoch: the warm-up ends with the first epoch; rates are those of an epoch's last step.
  const cosine = (step: number) => 5e-5 * (1 + Math.cos(Math.PI * (step - 2) / 6));
  assertEquals(rates[0], 1e-4);
  for (const [e, rate] of [[1, cosine(3)], [2, cosine(5)], [3, cosine(7)]] as const) {
    assert(Math.abs(rates[e]! - rate) < 1e-12);
  }
});

Deno.test("each member and fold trains a classifier of its own, and best is one epoch for all folds", async () => {
  await using run = await LabelledRun.make({}, 2);
  const clips = Array.from({ length: 15 }, (_, i) => i);
  await run.changeSplit({
    folds: [
      { name: "one", train: clips.slice(0, 8), test: [12, 14] },
      { name: "two", train: clips.slice(2, 10), test: [11, 13] },
    ],
  });
  const main = onCpu((ctx) =>
    fineTune(ctx, { probe: "finetune", title: () => "tuned", source: () => "tiny" }, {
      create: FakeClassifier.create,
    })
  );
  await run.train("finetune", "run", { evaluate_every: 1, lr: 0.5 }, { main });
  const result = await run.result("run");
  assertEquals(result.rows.map((row: { member: string }) => row.member), [
    "untrained0",
    "untrained1",
  ]);
  assertEquals(result.varied, ["initialisation", "probe"]);
  const { data } = await readNpy(`${run.tiny.output("run", "result")}/test_clips.npy`, "i4", 1);
  assertEquals([...data], [11, 12, 13, 14]);
  // From the log: how many of each fold's two test clips are right, at every epoch.
  const log = await run.log("run");
  for (const row of result.rows) {
    const right = [1, 2, 3, 4].map((epoch) =>
      log.filter(([member, , at]) => member === row.member && Number(at) === epoch)
        .reduce((sum, cells) => sum + 2 * Number(cells[6]) / 100, 0)
    );
    const most = Math.max(...right);
    assertEquals(row.top1_best, 25 * most);
    assertEquals(row.best_epoch, right.indexOf(most) + 1);
    assertEquals(row.top1_last, 25 * right[3]!);
  }
  const files = Object.keys(await treeOf(run.tiny.output("run", "classifier"))).sort();
  assertEquals(files, [
    "classifier.json",
    ...["untrained0", "untrained1"].flatMap((
      m,
    ) => [`${m}.fold1.safetensors`, `${m}.fold2.safetensors`]),
  ]);
});

Deno.test("fewer clips than a batch are one batch of all of them", async () => {
  await using run = await LabelledRun.make();
  const ctx = await run.train("semi_supervised", "run", { batch: 128 });
  const result = await run.result("run");
  assertEquals(result.clips_per_epoch, [10]);
  assertEquals([result.details.folds[0].batch, result.details.folds[0].steps_per_epoch], [10, 1]);
  assert(
    ctx.logs.some(({ message }) =>
      message === "fold all: 10 training clips are fewer than a batch of 128"
    ),
  );
});

Deno.test("what is wrong is told in a sentence: split, bodies, divergence", async () => {
  await using run = await LabelledRun.make();
  const fails = (stage: LabelledStage, params: Record<string, unknown>, message: string) =>
    assertRejects(() => run.train(stage, "wrong", params), Error, message);
  await fails(
    "finetune",
    { lr: 1e30, epochs: 20 },
    "the training has diverged; lower params.lr (1e+30)",
  );
  await fails(
    "finetune",
    { milestones: [3, 2] },
    "params.milestones: expected ascending epochs, found [3, 2]",
  );
  await run.changeSplit({ folds: [{ name: "all", train: [0, 1, 2], test: [2, 3] }] });
  await fails("supervised", {}, "split.json: fold all: clip clip002 both trains and tests");
  await run.changeSplit({ folds: [{ name: "all", train: [], test: [2, 3] }] });
  await fails("semi_supervised", {}, "split.json: fold all has no train clips");
  await run.changeSplit({ clips: 7 });
  await fails("finetune", {}, "the split is of 7 clips, found 15");

  await using two = await LabelledRun.make({ bodies: 2 });
  const clips = `${run.tiny.home}/clips`;
  await assertRejects(
    () => two.train("finetune", "bodies", {}, { clips }),
    Error,
    "expected an encoder for clips of 1 bodies, found one for 2: give the clips it was trained on, or " +
      "say that it is of another set with uses: transfer",
  );
  await two.train("transfer", "bodies", { from: "another world" }, { clips });
  const { title, source } = await two.result("bodies");
  assertEquals(title, "another world to tiny, fine-tuned");
  assertEquals(source, "untrained encoder of another world: 2 classes, 4 frames, 2 bodies");
});
