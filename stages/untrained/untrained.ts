/**
 * What the `untrained` stage does when it runs, on whatever backend was started.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { StageContext } from "../../pipeline/stage.ts";
import { type ClipStore, openClips } from "../clips/clip_store.ts";
import { clipTensor } from "../encode/encode_clips.ts";
import {
  readMember,
  type Weights,
  writeEncoder,
  writeMembers,
} from "../encode/encoder_artifact.ts";
import { encoderFacts, modelConfig, modelProblems } from "../model/config.ts";
import { SkeAttnCLR } from "../model/skeattnclr.ts";
import { readTrainingSplit } from "../pretrain/training_split.ts";
import { memberSeed } from "./member_seed.ts";
import type { UntrainedParams } from "./definition.ts";

/**
 * Makes `members` encoders of first weights; the running statistics of their batch normalisation
 * are the averages over one pass of the clips to train on, without dropout and augmentation.
 */
export async function untrained(ctx: StageContext<UntrainedParams>): Promise<void> {
  const { params } = ctx;
  await using store = await openClips(ctx.input("clips"));
  const { frames, bodies, classes } = store.meta;
  const [problem] = modelProblems(params, undefined, { frames });
  if (problem !== undefined) {
    throw new Error(`${["params", ...problem.path].join(".")}: ${problem.message}`);
  }
  const { pretrain: clips } = await readTrainingSplit(ctx.input("split"), store.size);
  const config = modelConfig(params);
  const data = { frames, bodies, classes };
  const total = clips.length * params.members;
  const finished = await finishedMembers(ctx.resume());
  const members = new Map<string, Weights>();
  for (let i = 0; i < params.members; i++) {
    const name = `untrained${i}`;
    const before = i * clips.length;
    const make = async () => {
      const model = SkeAttnCLR.create(config, data, memberSeed(params.seed, i));
      await model.calibrate(batches(store, clips, params.batch, async (done) => {
        ctx.progress(before + done, total, "clips");
        await ctx.breathe();
        if (ctx.stopping) ctx.stopped();
      }));
      const weights = await model.exportWeights();
      model.dispose();
      return weights;
    };
    members.set(name, finished.get(name) ?? await make());
    await ctx.checkpoint((into) => writeMembers(into, members));
  }
  await writeEncoder(
    ctx.output("encoder"),
    { config, data, clips: store.meta },
    { epochs: 0, steps: 0, clips_seen: 0 },
    members,
  );
  ctx.metric("members", params.members);
  ctx.facts("encoder", encoderFacts(config, params.members, { bodies }));
}

/** The members that an earlier attempt finished, by name. */
async function finishedMembers(folder: string | undefined): Promise<Map<string, Weights>> {
  const members = new Map<string, Weights>();
  if (folder === undefined) return members;
  for await (const { name } of Deno.readDir(folder)) {
    const member = name.replace(/\.safetensors$/, "");
    members.set(member, await readMember(folder, member));
  }
  return members;
}

/**
 * All clips in as few batches of at most `most` as there can be, their sizes differing by one at
 * most, so that each batch counts alike in the averages.
 */
async function* batches(
  store: ClipStore,
  clips: readonly number[],
  most: number,
  after: (done: number) => Promise<void>,
): AsyncGenerator<Tensor> {
  const count = Math.ceil(clips.length / most);
  for (let b = 0; b < count; b++) {
    const from = Math.floor(b * clips.length / count);
    const to = Math.floor((b + 1) * clips.length / count);
    const batch = await clipTensor(store, clips.slice(from, to));
    try {
      yield batch;
    } finally {
      batch.dispose();
    }
    await after(to);
  }
}
