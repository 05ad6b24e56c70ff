/**
 * What the `encode` stage does when it runs, on whatever backend was started.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import { openClips } from "../clips/clip_store.ts";
import { encodeNpy, readNpy } from "../formats/npy.ts";
import { readJson, writeJson } from "../formats/json_text.ts";
import { SkeAttnCLR } from "../model/skeattnclr.ts";
import type { EncodeParams } from "./definition.ts";
import { encodeClips } from "./encode_clips.ts";
import { readEncoder, readMember } from "./encoder_artifact.ts";
import { requireFinite, writeFeatures } from "./features_artifact.ts";

/** Encodes all clips with every member, going on from the last checkpoint. */
export async function encode(ctx: StageContext<EncodeParams>): Promise<void> {
  const { batch, checkpoint_every } = ctx.params;
  const clips = ctx.input("clips");
  const encoder = ctx.input("encoder");
  await using store = await openClips(clips);
  const { config, data, members, trained } = await readEncoder(encoder);
  const { frames, bodies, classes, class_names } = store.meta;
  // No step is taken, so no queue is needed; the classifier keeps the size its weights have.
  const model = SkeAttnCLR.create(
    { ...config, queue: 1 },
    { frames, bodies, classes: data.classes },
    0,
  );
  const dim = config.hidden_dim;
  const features = members.map(() => new Float32Array(store.size * dim));

  const total = store.size * members.length;
  const folder = ctx.resume();
  let done = folder === undefined ? 0 : await restore(folder, features);
  if (done > 0) ctx.log("info", `goes on after ${done} of ${total} clips`);
  let loaded = -1;
  let batches = 0;
  while (done < total) {
    const at = Math.floor(done / store.size);
    const from = done % store.size;
    if (loaded !== at) {
      model.loadWeights(await readMember(encoder, members[at]!));
      loaded = at;
    }
    const count = Math.min(batch, store.size - from);
    const indices = Array.from({ length: count }, (_, i) => from + i);
    const part = await encodeClips((x) => model.features(x), store, indices, batch);
    requireFinite(members[at]!, part, from);
    features[at]!.set(part.values, from * dim);
    done += count;
    ctx.progress(done, total, "clips");
    await ctx.breathe();
    if (done < total && (ctx.stopping || ++batches % checkpoint_every === 0)) {
      await ctx.checkpoint((into) => save(into, features, done, store.size, dim));
      if (ctx.stopping) ctx.stopped();
    }
  }
  model.dispose();

  const stats = await writeFeatures(
    ctx.output("features"),
    clips,
    {
      source: trained.steps > 0 ? "pre-trained encoder" : "untrained encoder",
      classes,
      class_names,
      details: { batch, stream: config.stream, trained },
    },
    new Map(members.map((member, i) => [
      member,
      { rows: store.size, columns: dim, values: features[i]! },
    ])),
  );
  const first = stats[members[0]!]!;
  ctx.metric("feature_mean", first.mean);
  ctx.metric("feature_std", first.std);
  ctx.metric("effective_rank", first.effective_rank);
  ctx.facts("features", { clips: store.size, classes, dim });
}

/** Saves the rows of all members so far; `done` counts them through, member after member. */
async function save(
  folder: string,
  features: readonly Float32Array[],
  done: number,
  clips: number,
  dim: number,
): Promise<void> {
  for (const [at, values] of features.entries()) {
    const rows = Math.min(clips, done - at * clips);
    if (rows <= 0) break;
    await Deno.writeFile(
      `${folder}/${at}.npy`,
      encodeNpy(values.subarray(0, rows * dim), [rows, dim]),
    );
  }
  await writeJson(`${folder}/progress.json`, { format: "encode_progress/1", done });
}

/** Puts saved rows back; returns how many there are, over all members. */
async function restore(folder: string, features: readonly Float32Array[]): Promise<number> {
  const { done } = await readJson<{ done: number }>(`${folder}/progress.json`);
  let rows = 0;
  for (let at = 0; rows < done; at++) {
    const { shape, data } = await readNpy(`${folder}/${at}.npy`, "f4", 2);
    features[at]!.set(data);
    rows += shape[0]!;
  }
  return done;
}
