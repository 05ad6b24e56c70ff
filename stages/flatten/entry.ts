/**
 * What the `flatten` stage does when it runs.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import { openClips } from "../clips/clip_store.ts";
import { writeFeatures } from "../encode/features_artifact.ts";
import { rowMatrix } from "../metrics/row_matrix.ts";
import { resample } from "../normalize/resample.ts";
import { type FlattenParams, tooManyFrames } from "./definition.ts";

/** Clips read at once. */
const BLOCK = 512;

/** Name of the only member. */
const MEMBER = "raw";

/** Writes (N, 3 T 25 M) coordinates as features. */
export default async function flatten(ctx: StageContext<FlattenParams>): Promise<void> {
  const folder = ctx.input("clips");
  await using store = await openClips(folder);
  const { frames, joints, bodies, classes, class_names } = store.meta;
  const kept = ctx.params.frames ?? frames;
  if (kept > frames) throw new Error(`params.frames: ${tooManyFrames(kept, frames).message}`);
  const dim = 3 * kept * joints * bodies;
  const values = new Float32Array(store.size * dim);
  for (let from = 0; from < store.size; from += BLOCK) {
    const count = Math.min(BLOCK, store.size - from);
    const block = await store.read(Array.from({ length: count }, (_, i) => from + i));
    for (let i = 0; i < count; i++) {
      const clip = block.subarray(i * store.clipLength, (i + 1) * store.clipLength);
      values.set(resampleClip(clip, frames, kept, joints * bodies), (from + i) * dim);
    }
    ctx.progress(from + count, store.size, "clips");
    await ctx.breathe();
  }
  const members = new Map([[MEMBER, rowMatrix(values, dim)]]);
  const header = { source: "raw coordinates", classes, class_names, details: { frames: kept } };
  const stats = await writeFeatures(ctx.output("features"), folder, header, members);
  ctx.facts("features", { clips: store.size, classes, dim });
  ctx.metric("dim", dim);
  ctx.metric("feature_std", stats[MEMBER]!.std);
}

/** A clip (3, T, V M) brought to fewer frames, coordinate by coordinate; itself if nothing changes. */
function resampleClip(
  clip: Float32Array,
  frames: number,
  kept: number,
  size: number,
): Float32Array {
  if (kept === frames) return clip;
  const out = new Float32Array(3 * kept * size);
  for (let c = 0; c < 3; c++) {
    const plane = clip.subarray(c * frames * size, (c + 1) * frames * size);
    out.set(resample(plane, frames, kept, size), c * kept * size);
  }
  return out;
}
