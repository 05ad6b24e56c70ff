/** The stage against the same steps written out by hand. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { crop, shear } from "../../../stages/augment/reference.ts";
import { drawSwap, drawView } from "../../../stages/augment/draws.ts";
import { readPolicy } from "../../../stages/augment/policy.ts";
import { openClips } from "../../../stages/clips/clip_store.ts";
import { decodeSafetensors } from "../../../stages/formats/safetensors.ts";
import { modelConfig } from "../../../stages/model/config.ts";
import { disposeStep } from "../../../stages/model/model_types.ts";
import { SkeAttnCLR } from "../../../stages/model/skeattnclr.ts";
import { parseLogCsv } from "../../../stages/pretrain/log_row.ts";
import { randomStream, streamKey } from "../../../stages/random.ts";
import { tensor5d } from "@tensorflow/tfjs-core";
import { TINY_MODEL, TinyRun } from "./tiny_run.ts";

const FRAMES = 8;

Deno.test("pretrain takes the steps that the method describes", async () => {
  await using run = await TinyRun.make({ frames: FRAMES, bodies: 2 });
  const params = {
    lr: 0.02,
    weight_decay: 0.01,
    sgd_momentum: 0.5,
    momentum: 0.9,
    warmup_epochs: 1,
    stream: "bone",
    seed: 11,
    epochs: 5,
    steps: 3,
    log_every: 3,
    knn: { every: 0 },
  };
  await run.pretrain("stage", params);

  const policy = await readPolicy(`${run.home}/policy`);
  await using store = await openClips(`${run.home}/clips`);
  const shape = { frames: FRAMES, bodies: 2 };
  const model = SkeAttnCLR.create(
    modelConfig({ ...TINY_MODEL, momentum: 0.9, stream: "bone" }),
    { ...shape, classes: 2 },
    11,
  );
  const losses: number[] = [];
  for (const [step, lr] of [[0, 0.01], [1, 0.02], [2, 0.02]] as const) {
    // Two steps an epoch; ten clips train, of which eight are seen.
    const epoch = step < 2 ? 1 : 2;
    const batch = step % 2;
    const order = randomStream(11, "order", epoch).permutation(10);
    const indices = order.slice(4 * batch, 4 * batch + 4);
    const clips = await store.read(indices);
    const view = (name: "query" | "key") => {
      const out = new Float32Array(clips.length);
      indices.forEach((clip, i) => {
        const draw = drawView(policy, name, epoch, clip);
        const values = clips.subarray(i * store.clipLength, (i + 1) * store.clipLength);
        const cropped = crop(values, shape, policy.crop.pad, draw.start);
        out.set(shear(cropped, draw.shear), i * store.clipLength);
      });
      return tensor5d(out, [4, 3, FRAMES, 25, 2]);
    };
    const index = 2 * epoch + batch;
    const out = model.step(view("query"), view("key"), drawSwap(policy, epoch, batch, 4), {
      lr,
      emaMomentum: 1 - 0.1 * (Math.cos(Math.PI * index / 10) + 1) / 2,
      dropoutKey: streamKey(11, "dropout", epoch, batch),
      weightDecay: 0.01,
      sgdMomentum: 0.5,
    });
    losses.push((await out.L_s.data())[0]!);
    disposeStep(out);
  }

  const stage = async (file: string) =>
    decodeSafetensors(await Deno.readFile(`${run.home}/stage/out/${file}`), file).tensors;
  const near = (a: ArrayLike<number | bigint>, b: ArrayLike<number | bigint>, name: string) => {
    assertEquals(a.length, b.length);
    for (let i = 0; i < a.length; i++) {
      assertAlmostEquals(Number(a[i]), Number(b[i]), 1e-3 * (1 + Math.abs(Number(b[i]))), name);
    }
  };
  const encoder = await stage("encoder/encoder.safetensors");
  for (const [name, { data }] of await model.exportWeights()) {
    near(encoder.get(name)!.data, data, name);
  }
  const training = await stage("training/training.safetensors");
  for (const [name, { data }] of await model.exportWeights("key")) {
    near(training.get(`key.${name}`)!.data, data, name);
  }
  const csv = await Deno.readTextFile(`${run.home}/stage/out/log/log.csv`);
  const [row] = parseLogCsv(csv, "log.csv");
  assertAlmostEquals(row!.loss_s, (losses[0]! + losses[1]! + losses[2]!) / 3, 1e-4);
  assertEquals([row!.step, row!.epoch, row!.learning_rate], [3, 2, 0.02]);
  model.dispose();
});
