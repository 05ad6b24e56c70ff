import { assert, assertEquals, assertRejects } from "@std/assert";
import { crop, shear } from "../../../stages/augment/reference.ts";
import { drawView } from "../../../stages/augment/draws.ts";
import { readPolicy } from "../../../stages/augment/policy.ts";
import { encode, encodeParams } from "../../../stages/encode/definition.ts";
import { compatBatches, predictorBatches } from "../../../stages/encode/predictor.ts";
import { encodeNpy, readNpy } from "../../../stages/formats/npy.ts";
import { decodeSafetensors, encodeSafetensors } from "../../../stages/formats/safetensors.ts";
import { Ended, type FakeContext, treeOf } from "../pretrain/fake_context.ts";
import { type Ending, TinyRun } from "../pretrain/tiny_run.ts";
import { range } from "../linear_eval/made_up_features.ts";
import { encoded, FRAMES, QUICK } from "./encoded.ts";

/** 257 clips train and 129 test: on both sides a single clip is left over. */
const CLIPS = 386;

async function rows(ctx: FakeContext<unknown>): Promise<Float32Array> {
  return (await readNpy(`${ctx.output("features")}/encoder.npy`, "f4", 2)).data;
}

/** Two layers with batch normalisation and ReLU between them, in float64, PyTorch's layout. */
function plainMlp(
  weights: (name: string) => ArrayLike<number>,
  name: string,
  input: readonly (readonly number[])[],
  running: boolean,
): number[][] {
  const layer = (x: readonly (readonly number[])[], matrix: ArrayLike<number>) => {
    const inner = x[0]!.length, outer = matrix.length / inner;
    return x.map((row) =>
      Array.from(
        { length: outer },
        (_, o) => row.reduce((sum, value, i) => sum + value * matrix[o * inner + i]!, 0),
      )
    );
  };
  const h = layer(input, weights(`${name}.mlp.0.weight`));
  const columns = h[0]!.map((_, c) => {
    const values = h.map((row) => row[c]!);
    const mean = values.reduce((sum, value) => sum + value) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return running
      ? [weights(`${name}.mlp.1.running_mean`)[c]!, weights(`${name}.mlp.1.running_var`)[c]!]
      : [mean, variance];
  });
  const a = h.map((row) =>
    row.map((value, c) =>
      Math.max(
        0,
        (value - columns[c]![0]!) / Math.sqrt(columns[c]![1]! + 1e-5) *
            weights(`${name}.mlp.1.weight`)[c]! + weights(`${name}.mlp.1.bias`)[c]!,
      )
    )
  );
  return layer(a, weights(`${name}.mlp.3.weight`));
}

/** norm(P(proj(pooled))) by the definition, from the files. */
async function plainPredictor(
  run: TinyRun,
  pooled: Float32Array,
  batches: readonly (readonly number[])[],
  mode: "eval" | "train",
): Promise<Float32Array> {
  const read = async (path: string) => decodeSafetensors(await Deno.readFile(path), path).tensors;
  const encoder = await read(`${run.output("trained", "encoder")}/encoder.safetensors`);
  const training = await read(`${run.output("trained", "training")}/training.safetensors`);
  const of = (tensors: typeof encoder) => (name: string) => tensors.get(name)!.data as Float32Array;
  const dim = pooled.length / batches.flat().length;
  const out = new Float32Array(pooled.length);
  for (const batch of batches) {
    const input = batch.map((clip) => [...pooled.subarray(clip * dim, (clip + 1) * dim)]);
    const z = plainMlp(of(encoder), "neck.proj", input, true);
    const p = plainMlp(of(training), "predictor", z, mode === "eval");
    for (const [i, clip] of batch.entries()) {
      const length = Math.max(Math.hypot(...p[i]!), 1e-12);
      out.set(p[i]!.map((value) => value / length), clip * dim);
    }
  }
  return out;
}

function furthest(a: Float32Array, b: Float32Array): number {
  assertEquals(a.length, b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

Deno.test("predictor features are norm(P(proj(pooled))), by running statistics", async () => {
  await using run = await TinyRun.make({ clips: 40, frames: FRAMES, bodies: 2 });
  await run.pretrain("trained", QUICK);
  const params = { features: "predictor", batch: 9, checkpoint_every: 2 };
  const ctx = await encoded(run, "predictor", params, ["training"]);
  const pooled = await rows(await encoded(run, "pooled", {}, []));
  const expected = await plainPredictor(run, pooled, [range(0, 40)], "eval");
  assert(furthest(await rows(ctx), expected) < 2e-5);
  assertEquals(ctx.outputFacts.get("features"), { clips: 40, classes: 2, dim: 8 });
  const json = JSON.parse(await Deno.readTextFile(`${ctx.output("features")}/features.json`));
  assertEquals([json.source, json.features, json.compat], [
    ...["predictor of a pre-trained encoder", "predictor"],
    false,
  ]);

  // Stopped and killed on the way, the same bytes come out.
  const whole = await treeOf(ctx.output("features"));
  const again = (ending: Ending) => encoded(run, "again", params, ["training"], ending);
  await assertRejects(() => again({ stopAfter: 2 }), Ended, "stopped");
  await assertRejects(() => again({ killAfter: 2 }), Ended, "killed");
  assertEquals(await treeOf((await again({})).output("features")), whole);
});

Deno.test("compat crops and shears, and normalises over 128 clips of one side at a time", async () => {
  await using run = await TinyRun.make({ clips: CLIPS, frames: FRAMES, bodies: 1 });
  await run.pretrain("trained", { ...QUICK, stream: "motion" });
  const params = { features: "predictor", compat: true };
  const compat = await rows(await encoded(run, "compat", { ...params, compat_order: "file" }));
  const shuffled = await rows(await encoded(run, "shuffled", params));

  // The same clips, cropped and sheared by plain arithmetic, in place of the recorded ones.
  const policy = await readPolicy(`${run.home}/policy`);
  let clip = 0;
  for (const shard of ["00000", "00001"]) {
    const file = `${run.home}/clips/clips-${shard}.npy`;
    const { shape, data } = await readNpy(file, "f4", 5);
    const size = data.length / shape[0]!;
    for (let at = 0; at < data.length; at += size, clip++) {
      const draw = drawView(policy, "query", 0, clip);
      const form = { frames: FRAMES, bodies: 1 };
      const cropped = crop(data.subarray(at, at + size), form, policy.crop.pad, draw.start);
      data.set(shear(cropped, draw.shear), at);
    }
    await Deno.writeFile(file, encodeNpy(data, shape));
  }
  const pooled = await rows(await encoded(run, "pooled", {}, []));
  const groups = [range(0, 128), range(128, 257), range(257, CLIPS)];
  assertEquals(groups.map((group) => group.length), [128, 129, 129]);
  assert(furthest(compat, await plainPredictor(run, pooled, groups, "train")) < 2e-4);
  const sides = { train: range(0, 257), test: range(257, CLIPS) };
  const drawn = compatBatches(sides, CLIPS, policy.seed);
  assert(furthest(shuffled, await plainPredictor(run, pooled, drawn, "train")) < 2e-4);
  const mixed = [range(0, 128), range(128, 256), range(256, CLIPS)];
  assert(furthest(compat, await plainPredictor(run, pooled, mixed, "train")) > 1e-3);
});

Deno.test("batches of the predictor keep the sides apart and leave no clip alone", () => {
  const sizes = (count: number) => predictorBatches(range(0, count)).map((batch) => batch.length);
  assertEquals([1, 2, 128, 129, 130, 257, 384].map(sizes), [
    ...[[1], [2], [128], [129], [128, 2]],
    ...[[128, 129], [128, 128, 128]],
  ]);
  assertEquals(compatBatches({ train: [4, 5], test: [0, 2] }, 7), [[4, 5], [0, 2], [1, 3, 6]]);
  const sides = { train: range(0, 200), test: range(200, 290) };
  const drawn = compatBatches(sides, 290, 1);
  assertEquals(drawn.map((batch) => batch.length), [128, 72, 90]);
  assertEquals(drawn.slice(0, 2).flat().toSorted((a, b) => a - b), sides.train);
  assertEquals(drawn[2]!.toSorted((a, b) => a - b), sides.test);
  assert(drawn[0]!.some((clip) => clip >= 128));
  assertEquals(compatBatches(sides, 290, 1), drawn);
});

Deno.test("what predictor features and compat need is told while planning", () => {
  const problems = (params: object, inputs: Record<string, object | undefined>) =>
    encode.check!(encodeParams.parse(params), inputs as never).map(({ path, message }) =>
      `${path.join(".")}: ${message}`
    );
  const given = { clips: undefined, encoder: undefined };
  assertEquals(problems({}, given), []);
  assertEquals(problems({ features: "predictor" }, given), [
    "features: expected an input training, found none: the predictor is in pretrain's output training",
  ]);
  const trained = { ...given, training: undefined };
  assertEquals(problems({ features: "predictor" }, trained), []);
  assertEquals(problems({ features: "predictor" }, { ...trained, encoder: { members: 3 } }), [
    "features: expected an encoder of one member, found 3: one training state has one predictor",
  ]);
  assertEquals(
    problems({ compat: true }, trained).map((text) => text.split(",")[0]),
    ["compat: expected features: predictor beside it"],
  );
  const compat = { features: "predictor", compat: true };
  assertEquals(problems(compat, trained).map((text) => text.split(",")[0]), [
    "compat: expected an input policy",
    "compat: expected an input split",
  ]);
  assertEquals(problems(compat, { ...trained, policy: { frames: 32 }, split: { folds: 1 } }), []);
  const odd = { ...trained, clips: { frames: 64 }, policy: { frames: 32 }, split: { folds: 10 } };
  assertEquals(problems(compat, odd).map((text) => text.split(":")[1]), [
    " expected a split of one fold, found 10",
    " expected a policy for clips of 64 frames, found one for 32",
  ]);
});

Deno.test("encode refuses a training state of another training, and two members", async () => {
  await using run = await TinyRun.make({ frames: FRAMES });
  await run.pretrain("trained", QUICK);
  const predictor = { features: "predictor" };
  await assertRejects(
    () => encoded(run, "a", predictor, []),
    Error,
    "params.features: expected an input training, found none",
  );
  const file = `${run.output("trained", "training")}/training.safetensors`;
  const { tensors } = decodeSafetensors(await Deno.readFile(file), file);
  await Deno.writeFile(file, encodeSafetensors(tensors, { steps: "7" }));
  await assertRejects(
    () => encoded(run, "b", predictor),
    Error,
    "training.safetensors is of 7 steps and the encoder of 2",
  );
  const split = JSON.parse(await Deno.readTextFile(`${run.home}/split/split.json`));
  await Deno.writeFile(file, encodeSafetensors(tensors, { steps: "2" }));
  await Deno.writeTextFile(
    `${run.home}/split/split.json`,
    JSON.stringify({ ...split, folds: [split.folds[0], split.folds[0]] }),
  );
  await assertRejects(
    () => encoded(run, "c", { ...predictor, compat: true }),
    Error,
    "params.compat: expected a split of one fold, found 2",
  );
});
