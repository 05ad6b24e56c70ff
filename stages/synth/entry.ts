/**
 * Runs the stage `synth`.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import type { SynthParams } from "./definition.ts";
import { writeRecordings } from "./write_recordings.ts";

/** Recordings between two reports of progress. */
const PROGRESS_STRIDE = 16;

/** Writes the output `recordings`. */
export default async function synth(ctx: StageContext<SynthParams>): Promise<void> {
  const written = await writeRecordings(ctx.output("recordings"), ctx.params, (done, total) => {
    if (done % PROGRESS_STRIDE !== 0 && done !== total) return;
    ctx.progress(done, total, "clips");
    if (ctx.stopping) ctx.stopped();
  });
  ctx.metric("clips", written.files);
  ctx.metric("frames", written.frames);
}
