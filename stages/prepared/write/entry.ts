/**
 * Runs the stage `write_prepared`: clip after clip, with one clip's coordinates in memory.
 *
 * @module
 */
import type { StageContext } from "../../../pipeline/stage.ts";
import { UnusableInput } from "../../formats/unusable_input.ts";
import { clipsOut, rawClipsOut } from "./clips_out.ts";
import type { WritePreparedParams } from "./definition.ts";
import { writeCtrGcn, writePyskl, writeStGcn } from "./forms.ts";
import { rowFrames } from "./padded_rows.ts";
import { givenSides, oneSplit, shippedSides } from "./sides.ts";

/** Clips between two looks at the event loop. */
const BREATH = 64;

/** Writes the output `prepared` from the input `raw`, or `clips` where that is not given. */
export default async function writePrepared(ctx: StageContext<WritePreparedParams>): Promise<void> {
  const { params } = ctx;
  const input = (name: string) => ctx.inputNames.includes(name) ? ctx.input(name) : undefined;
  const [raw, clips, split] = [input("raw"), input("clips"), input("split")];
  if (raw === undefined && clips === undefined) {
    throw new UnusableInput("expected the input raw (parsed recordings) or clips, found neither");
  }
  const out = raw === undefined ? await clipsOut(clips!) : await rawClipsOut(raw);
  try {
    const given = await givenSides(out, { split, clips }, params);
    const shipped = shippedSides(out);
    const folder = ctx.output("prepared");
    let written = 0;
    const counting = (total: number) => async () => {
      if (++written % BREATH !== 0 && written !== total) return;
      ctx.progress(written, total, "clips");
      await ctx.breathe();
      if (ctx.stopping) ctx.stopped();
    };
    if (params.form === "pyskl") {
      const others = shipped.filter(({ protocol }) => protocol !== given?.protocol);
      const splits = given === undefined ? others : [given, ...others];
      const half = params.keypoint === "float16";
      await writePyskl(folder, out, splits, half, counting(out.names.length));
    } else {
      const sides = oneSplit(given, shipped, params);
      const frames = rowFrames(out, params.frames);
      const done = counting(sides.train.length + sides.test.length);
      if (params.form === "st_gcn") await writeStGcn(folder, out, sides, frames, done);
      else await writeCtrGcn(folder, out, sides, { frames, compress: params.compress }, done);
    }
    ctx.metric("clips", written);
  } finally {
    await out.close();
  }
}
