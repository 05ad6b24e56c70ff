/**
 * What the `normalize` stage does when it runs: clip after clip, with one clip's frames and a few
 * megabytes of results in memory.
 *
 * @module
 */
import type { StageContext, StageMain } from "../../pipeline/stage.ts";
import { ClipWriter } from "../clips/clip_writer.ts";
import { openRawClips, type RawClip, type RawIndex } from "../clips/raw_clips.ts";
import { splitsFacts, splitsOfKept } from "../clips/shipped_splits.ts";
import type { NormalizeParams } from "./definition.ts";
import { normalizeClip, UnusableClip } from "./normalize_clip.ts";

/** Clips between two looks at the event loop. */
const BREATH = 64;

/** So many clips that are left out are shown at once; the log and `meta.json` have them all. */
const WARNINGS = 5;

/** What the parsed recordings say of their origin; `meta.json` says it on. */
interface OriginMarks {
  readonly synthetic?: true;
  readonly prepared?: true;
  readonly mutual?: readonly number[];
}

const main: StageMain<NormalizeParams> = async (ctx: StageContext<NormalizeParams>) => {
  await using raw = await openRawClips(ctx.input("raw"));
  const { dataset, bodies, classes, class_names, clips, splits } = raw.index;
  const { synthetic, prepared, mutual }: RawIndex & OriginMarks = raw.index;
  const kind = {
    dataset,
    frames: ctx.params.frames,
    bodies,
    classes,
    class_names,
    synthetic,
    prepared,
    mutual,
  };
  const writer = new ClipWriter(ctx.output("clips"), kind);
  const kept: number[] = [];

  const take = async (clip: RawClip) => {
    try {
      normalizeClip(await raw.read(clip), bodies, ctx.params, writer.next());
    } catch (error) {
      if (!(error instanceof UnusableClip)) throw error;
      if (ctx.strict) throw new Error(`${clip.name}: ${error.message}`);
      writer.exclude(clip.name, error.message);
      const level = writer.excluded.length <= WARNINGS ? "warn" : "info";
      ctx.log(level, `${clip.name} is left out: ${error.message}`);
      return;
    }
    const { name, label, subject, camera, setup, replication } = clip;
    await writer.add({ name, label, subject, camera, setup, replication });
  };

  try {
    for (const [i, clip] of clips.entries()) {
      const before = writer.clips;
      await take(clip);
      if (writer.clips > before) kept.push(i);
      if ((i + 1) % BREATH !== 0 && i + 1 !== clips.length) continue;
      ctx.progress(i + 1, clips.length, "clips");
      await ctx.breathe();
      if (ctx.stopping) ctx.stopped();
    }
    if (writer.clips === 0) {
      throw new Error(
        clips.length === 0
          ? "there is no clip to normalise: the parsed recordings are empty"
          : `none of ${clips.length} clips can be used; the first, ${clips[0]!.name}: ` +
            writer.excluded[0]!.reason,
      );
    }
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  const meta = await writer.close(splits && splitsOfKept(splits, kept));
  ctx.log("info", `${meta.clips} clips normalised, ${meta.excluded.length} left out`);
  ctx.metric("clips", meta.clips);
  if (meta.excluded.length > 0) ctx.metric("excluded", meta.excluded.length);
  ctx.facts("clips", {
    dataset,
    clips: meta.clips,
    frames: meta.frames,
    bodies,
    classes,
    ...splitsFacts(meta.splits),
  });
};

export default main;
