import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Tensor5D } from "@tensorflow/tfjs-core";
import { drawSwap } from "../../../stages/augment/draws.ts";
import { type Policy, readPolicy } from "../../../stages/augment/policy.ts";
import { type ClipStore, openClips } from "../../../stages/clips/clip_store.ts";
import { readJson } from "../../../stages/formats/json_text.ts";
import { MaskCheck } from "../../../stages/pretrain/mask_check.ts";
import type { MaskSummary } from "../../../stages/pretrain/outputs.ts";
import { JOINTS } from "../../../stages/skeleton/joints.ts";
import { startCpu } from "../../../stages/tensor/cpu_backend.ts";
import { treeOf } from "./fake_context.ts";
import { TinyRun } from "./tiny_run.ts";

const FRAMES = 32;
const CHANNELS = 3;

async function withClips(use: (store: ClipStore, policy: Policy) => Promise<void>): Promise<void> {
  await startCpu();
  await using run = await TinyRun.make({ frames: FRAMES, bodies: 2 });
  await using store = await openClips(`${run.home}/clips`);
  await use(store, await readPolicy(`${run.home}/policy`));
}

/** Clips 0 to 10: two groups, of eight and of three. */
const CLIPS = Array.from({ length: 11 }, (_, i) => i);

Deno.test("a mask that is high on swapped tokens has an AUC of 1, one that is low there of 0", () =>
  withClips(async (store, policy) => {
    const check = await MaskCheck.read(store, CLIPS, CHANNELS, policy);
    assertEquals([check.clips, check.bodies], [11, 22]);
    const steps = FRAMES / 4;
    for (const [high, expected] of [[0.9, 1], [0.1, 0], [0.5, 0.5]] as const) {
      const { auc, auc_within, shares } = await check.of((clips, mixed, group) => {
        const { joints, t0, ct } = drawSwap(policy, 0, group, clips.shape[0]);
        const size = steps * JOINTS * CHANNELS;
        const mask = Float32Array.from({ length: 2 * clips.shape[0] * size }, (_, i) => {
          const token = Math.floor(i % size / CHANNELS);
          const [t, v] = [Math.floor(token / JOINTS), token % JOINTS];
          const swapped = t >= t0 && t < t0 + ct && joints.includes(v);
          return mixed && swapped ? high : 0.5;
        });
        return Promise.resolve(mask);
      });
      // Clean clips are asked about for the shares alone.
      assertEquals([auc, auc_within, shares], [expected, expected, null]);
    }
  }));

Deno.test("mixed clips differ from the clean ones where the draw says, and absent bodies do not count", () =>
  withClips(async (store, policy) => {
    const read = store.read.bind(store);
    store.read = async (indices: ArrayLike<number>) => {
      const clips = await read(indices);
      // The second body of every clip is absent, but for that of the first one.
      for (let i = store.clipLength + 1; i < clips.length; i += 2) clips[i] = 0;
      return clips;
    };
    const check = await MaskCheck.read(store, CLIPS.slice(0, 4), CHANNELS, policy);
    assertEquals(check.bodies, 5);
    const seen: Float32Array[] = [];
    const bodies = 2, tokens = FRAMES / 4 * JOINTS;
    await check.of(async (clips: Tensor5D) => {
      seen.push(Float32Array.from(await clips.data<"float32">()));
      return new Float32Array(4 * bodies * tokens * CHANNELS);
    });
    const { joints, t0, ct, shift } = drawSwap(policy, 0, 0, 4);
    const [clean, mixed] = seen;
    const { clipLength } = store;
    mixed!.forEach((value, i) => {
      const [v, t] = [Math.floor(i / bodies) % JOINTS, Math.floor(i / bodies / JOINTS) % FRAMES];
      const swapped = joints.includes(v) && t >= 4 * t0 && t < 4 * (t0 + ct);
      assertEquals(value, clean![swapped ? (i + shift * clipLength) % clean!.length : i]);
    });
  }));

Deno.test("a random mask finds nothing and varies in nothing but itself", () =>
  withClips(async (store, policy) => {
    const check = await MaskCheck.read(store, CLIPS, 16, policy);
    const found = await check.ofRandom(4);
    assertAlmostEquals(found.auc!, 0.5, 0.03);
    assert(found.shares!.residual > 0.98);
    assertEquals(await check.ofRandom(4), found);
    assert((await check.ofRandom(5)).auc !== found.auc);
  }));

Deno.test("without swaps, or with fewer clips than one takes, there is no AUC", () =>
  withClips(async (store, policy) => {
    const off = { ...policy, swap: { ...policy.swap, enabled: false } };
    for (const [clips, own] of [[CLIPS, off], [[0, 1], policy]] as const) {
      const check = await MaskCheck.read(store, clips, CHANNELS, own);
      const { auc, auc_within, shares } = await check.ofRandom(1);
      assertEquals([auc, auc_within], [null, null]);
      assert(shares !== null);
    }
  }));

Deno.test("pretrain states the mask's shares and AUC beside an untrained and a random one, and trains alike", async () => {
  await using run = await TinyRun.make({ frames: 8 });
  const params = { steps: 4, knn: { every: 1, k: [1] } };
  const ctx = await run.pretrain("with", { ...params, mask: { clips: 5 } });
  const log = run.output("with", "log");
  const lines = (await Deno.readTextFile(`${log}/mask.csv`)).trim().split("\n");
  assertEquals(
    lines[0],
    "step,epoch,mean,deviation,channel,joint,frame,clip,residual,tokens,auc,auc_within",
  );
  assertEquals(lines.slice(1).map((line) => line.split(",").slice(0, 2).join()), ["2,1", "4,2"]);
  const { mask } = await readJson<{ mask: MaskSummary }>(`${log}/summary.json`);
  assertEquals([mask.clips, mask.bodies], [5, 5]);
  for (const { shares, auc, mean } of [mask.trained, mask.untrained, mask.random]) {
    const sum = Object.values(shares!).reduce((total, share) => total + share, 0);
    assertAlmostEquals(sum, 1, 1e-9);
    assert(auc !== null && auc >= 0 && auc <= 1 && mean > 0 && mean < 1);
  }
  assert(mask.trained.deviation !== mask.untrained.deviation);
  const last = lines.at(-1)!.split(",").map(Number);
  assertEquals(last.slice(2, 5), [
    mask.trained.mean,
    mask.trained.deviation,
    mask.trained.shares!.channel,
  ]);
  assertEquals(ctx.metrics.get("mask_auc"), mask.trained.auc!);
  assertEquals(ctx.metrics.get("mask_between_tokens"), mask.trained.tokens!);

  const without = await run.pretrain("without", { ...params, mask: { clips: 0 } });
  assert(!without.metrics.has("mask_auc"));
  for (const port of ["encoder", "training"]) {
    assertEquals(await treeOf(run.output("without", port)), await treeOf(run.output("with", port)));
  }
});
