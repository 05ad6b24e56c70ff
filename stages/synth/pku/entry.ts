/**
 * Runs the stage `synth_pku`.
 *
 * @module
 */
import type { StageContext } from "../../../pipeline/stage.ts";
import type { SynthPkuParams } from "./definition.ts";
import { writeVideos } from "./write_videos.ts";

/** Writes the output `recordings`. */
export default async function synthPku(ctx: StageContext<SynthPkuParams>): Promise<void> {
  const folder = ctx.output("recordings");
  const written = await writeVideos(folder, ctx.params, async (done, total) => {
    ctx.progress(done, total, "videos");
    await ctx.breathe();
    if (ctx.stopping) ctx.stopped();
  });
  ctx.metric("videos", written.files);
  ctx.metric("clips", written.clips);
  ctx.metric("frames", written.frames);
}
