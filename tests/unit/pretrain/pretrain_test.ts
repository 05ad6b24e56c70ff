import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { readJson, writeJson } from "../../../stages/formats/json_text.ts";
import { readNpy } from "../../../stages/formats/npy.ts";
import { decodeSafetensors } from "../../../stages/formats/safetensors.ts";
import { parseLogCsv } from "../../../stages/pretrain/log_row.ts";
import { spread } from "../../../stages/pretrain/knn_monitor.ts";
import { treeOf } from "./fake_context.ts";
import { TINY_PRETRAIN, TinyRun } from "./tiny_run.ts";

async function weights(file: string) {
  return decodeSafetensors(await Deno.readFile(file), file).tensors;
}

for (const shape of [{ bodies: 1, frames: 16 }, { bodies: 2, frames: 8 }] as const) {
  Deno.test(`pretrain and encode run end to end on ${shape.bodies}-body clips`, async () => {
    await using run = await TinyRun.make(shape);
    const ctx = await run.pretrain("pretrain");
    assertEquals(ctx.metrics.get("steps"), 8);
    assertEquals(ctx.outputFacts.get("encoder"), {
      dim: 8,
      feature_dim: 8,
      width: 2,
      members: 1,
      stream: "joint",
      bodies: shape.bodies,
    });
    assertEquals(ctx.progressed.at(-1), [8, 8, "steps"]);

    const log = run.output("pretrain", "log");
    const rows = parseLogCsv(await Deno.readTextFile(`${log}/log.csv`), "log.csv");
    assertEquals(rows.map(({ step }) => step), [2, 4, 6, 8]);
    assertEquals(rows.map(({ epoch }) => epoch), [1, 2, 3, 4]);
    assertEquals(rows.map((row) => row.learning_rate), [0.01, 0.01, 0.01, 0.001]);
    for (const row of rows) {
      assertAlmostEquals(row.chance_z, Math.log(9), 1e-8);
      assertAlmostEquals(row.chance_ns, Math.log(10), 1e-8);
      assert(row.loss_z > 0 && row.loss_s > 0 && row.loss_ns > 0);
      assert(Math.abs(row.positive_cosine_s) <= 1.0001);
      assert(row.alignment >= 0 && row.uniformity <= 0 && row.effective_rank >= 1);
    }
    const knn = (await Deno.readTextFile(`${log}/knn.csv`)).trim().split("\n");
    assertEquals(knn[0], "step,epoch,k,top1");
    assertEquals(knn.slice(1).map((line) => line.split(",").slice(0, 3).join()), [
      "4,2,1",
      "4,2,10",
      "8,4,1",
      "8,4,10",
    ]);
    const summary = await readJson<Record<string, unknown>>(`${log}/summary.json`);
    assertEquals([summary.steps, summary.queue_full_after], [8, 2]);

    const encoder = await weights(`${run.output("pretrain", "encoder")}/encoder.safetensors`);
    assertEquals(encoder.get("backbone.data_bn.weight")?.shape, [75]);
    assertEquals(encoder.get("backbone.st_gcn_networks.0.gcn.conv.weight")?.shape, [6, 3, 1, 1]);
    const training = await weights(`${run.output("pretrain", "training")}/training.safetensors`);
    for (const name of encoder.keys()) assert(training.has(`key.${name}`), name);
    assertEquals(training.get("predictor_ns.mlp.0.weight")?.shape, [8, 8, 1]);
    assertEquals(training.get("queue")?.shape, [8, 8]);
    assertEquals(training.get("queue_ptr")?.data, BigInt64Array.of(0n));

    const encoded = await run.encode("encode", "pretrain");
    const features = await readNpy(`${run.output("encode", "features")}/encoder.npy`, "f4", 2);
    assertEquals(features.shape, [15, 8]);
    assert(new Set(features.data).size > 15);
    assertEquals(encoded.outputFacts.get("features"), { clips: 15, classes: 2, dim: 8 });
    const header = await readJson<Record<string, unknown>>(
      `${run.output("encode", "features")}/features.json`,
    );
    assertEquals([header.source, header.dim], ["pre-trained encoder", 8]);
    assertEquals(header.members, ["encoder"]);
  });
}

Deno.test("the kNN monitor leaves the training as it is", async () => {
  await using run = await TinyRun.make();
  const ctx = await run.pretrain("with", { steps: 3, knn: { every: 1, k: [5] } });
  assert(ctx.metrics.has("knn5_top1"));
  await run.pretrain("without", { steps: 3, knn: { every: 0 } });
  for (const port of ["encoder", "training"]) {
    assertEquals(await treeOf(run.output("without", port)), await treeOf(run.output("with", port)));
  }
});

Deno.test("intervals of log and checkpoints leave the weights as they are, the seed does not", async () => {
  await using run = await TinyRun.make();
  await run.pretrain("one", { steps: 3 });
  await run.pretrain("two", { steps: 3, log_every: 2, checkpoint_every: 1 });
  await run.pretrain("three", { steps: 1, seed: 1 });
  const [one, two, three] = await Promise.all(
    ["one", "two", "three"].map((name) => treeOf(run.output(name, "encoder"))),
  );
  assertEquals(two, one);
  assert(three!["encoder.safetensors"] !== one!["encoder.safetensors"]);
});

Deno.test("spread() takes evenly spaced values", () => {
  assertEquals(spread([1, 2, 3], 3), [1, 2, 3]);
  assertEquals(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4), [0, 2, 5, 7]);
});

Deno.test("a diverged run ends with an error that names step and figure", async () => {
  await using run = await TinyRun.make();
  await assertRejects(
    () => run.pretrain("wild", { lr: 1e30 }),
    Error,
    "the training has diverged",
  );
});

Deno.test("what does not fit is named by file and field, or by parameter", async () => {
  await using run = await TinyRun.make();
  await assertRejects(
    () => run.pretrain("a", { batch: 12, queue: 24 }),
    Error,
    "params.batch: expected at most the 10 clips",
  );
  const file = `${run.home}/split/split.json`;
  const split = await readJson<Record<string, unknown>>(file);
  await writeJson(file, { ...split, pretrain: [] });
  await assertRejects(() => run.pretrain("b"), Error, "split.json: pretrain: expected a list");
  await writeJson(file, { ...split, pretrain: [0, 1, 99] });
  await assertRejects(() => run.pretrain("c"), Error, "indices from 0 to 14, found 99");
  await writeJson(file, { ...split, clips: 7 });
  await assertRejects(() => run.pretrain("d"), Error, "split.json: clips: expected the 15 clips");
  await writeJson(file, { ...split, folds: [{ name: "x", train: [0] }] });
  await assertRejects(() => run.pretrain("e"), Error, "folds[0].test");
});

Deno.test("a long queue at chance is warned about once it is full", async () => {
  await using run = await TinyRun.make();
  // An infinitely patient run: with this rate nothing moves, and a high temperature is near chance.
  const ctx = await run.pretrain("idle", { lr: 1e-12, tau: 100, steps: 4, log_every: 1 });
  const warnings = ctx.logs.filter(({ level }) => level === "warn");
  assertEquals(warnings.length, 2, "rows 2, 3, 4 are at chance: the 1st and the 2nd are told");
  assert(warnings[0]!.message.includes("at step 2"));
  assertEquals(TINY_PRETRAIN.queue / TINY_PRETRAIN.batch, 2);
});
