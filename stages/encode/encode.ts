/**
 * What the `encode` stage does when it runs, on whatever backend was started.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import type { Policy } from "../augment/policy.ts";
import { type ClipStore, openClips } from "../clips/clip_store.ts";
import { encodeNpy, readNpy } from "../formats/npy.ts";
import { readJson, writeJson } from "../formats/json_text.ts";
import type { RowMatrix } from "../metrics/row_matrix.ts";
import { SkeAttnCLR } from "../model/skeattnclr.ts";
import { compatSource, encodeAugmented } from "./compat.ts";
import { encoderOrigin } from "../results/encoder_origin.ts";
import type { EncodeParams } from "./definition.ts";
import { encodeClips } from "./encode_clips.ts";
import { readEncoder, readMember } from "./encoder_artifact.ts";
import { type FeaturesHeader, requireFinite, writeFeatures } from "./features_artifact.ts";
import { predicted, predictorBatches, readPredictor, requireInputs } from "./predictor.ts";

/** Encodes all clips with every member, going on from the last checkpoint. */
export async function encode(ctx: StageContext<EncodeParams>): Promise<void> {
  const { batch, checkpoint_every } = ctx.params;
  const clips = ctx.input("clips");
  const encoder = ctx.input("encoder");
  await using store = await openClips(clips);
  const header = await readEncoder(encoder);
  const { config, data, members, trained } = header;
  const { frames, bodies, classes, class_names } = store.meta;
  requireInputs(ctx, header);
  // No step is taken, so no queue is needed; the classifier keeps the size its weights have.
  const model = SkeAttnCLR.create(
    { ...config, queue: 1 },
    { frames, bodies, classes: data.classes },
    0,
  );
  const embedded = ctx.params.features === "predictor";
  if (embedded) {
    model.loadWeights(await readPredictor(ctx.input("training"), header), "predictors");
  }
  const compat = ctx.params.compat ? await compatSource(ctx, store.meta) : undefined;
  // Of predictor features, the rows of the loop are the projector's; P comes at the end.
  const dim = embedded ? config.feature_dim : config.hidden_dim;
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
    const part = await encodeSome(model, store, indices, embedded, compat?.policy);
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
  const matrices: RowMatrix[] = features.map((values) => ({
    rows: store.size,
    columns: dim,
    values,
  }));
  if (embedded) {
    const all = Array.from({ length: store.size }, (_, clip) => clip);
    const [groups, mode] = compat === undefined
      ? [predictorBatches(all), "eval"] as const
      : [compat.batches, "train"] as const;
    matrices[0] = await predicted(model, matrices[0]!, groups, mode);
  }
  model.dispose();

  const of = trained.steps > 0 ? "pre-trained encoder" : "untrained encoder";
  const about: FeaturesHeader = {
    source: embedded ? `predictor of a ${of}` : of,
    classes,
    class_names,
    details: {
      batch,
      stream: config.stream,
      trained,
      encoder: await encoderOrigin(encoder),
      ...(embedded ? { features: "predictor", compat: ctx.params.compat } : {}),
    },
  };
  const stats = await writeFeatures(
    ctx.output("features"),
    clips,
    about,
    new Map(members.map((member, i) => [member, matrices[i]!])),
  );
  const first = stats[members[0]!]!;
  ctx.metric("feature_mean", first.mean);
  ctx.metric("feature_std", first.std);
  ctx.metric("effective_rank", first.effective_rank);
  ctx.facts("features", { clips: store.size, classes, dim });
}

/** Rows of some clips: pooled or embedded, as they are or by a policy's draws. */
function encodeSome(
  model: SkeAttnCLR,
  store: ClipStore,
  indices: readonly number[],
  embedded: boolean,
  policy: Policy | undefined,
): Promise<RowMatrix> {
  if (policy !== undefined) return encodeAugmented((x) => model.embed(x), store, indices, policy);
  return encodeClips(
    (x) => embedded ? model.embed(x) : model.features(x),
    store,
    indices,
    indices.length,
  );
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
