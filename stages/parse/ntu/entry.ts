/**
 * Runs the stage `parse_ntu`.
 *
 * @module
 */
import type { StageContext } from "../../../pipeline/stage.ts";
import { parseRecordings } from "../parse_recordings.ts";
import type { IndexedClip } from "../raw_clips_writer.ts";
import { syntheticTruth } from "../synthetic_truth.ts";
import { NTU_WORKER } from "./ntu_worker_url.ts";
import type { ParseNtuParams } from "./definition.ts";
import { NTU_ACTIONS, ntuForm } from "./ntu_form.ts";
import { NtuSurvey } from "./ntu_survey.ts";

/** Reads the input `recordings` and writes the output `raw`. */
export default async function parseNtu(ctx: StageContext<ParseNtuParams>): Promise<void> {
  const { params } = ctx;
  await parseRecordings(ctx, {
    form: ntuForm(params),
    perClass: params.per_class,
    inputs: ctx.inputNames,
    survey: new NtuSurvey(params),
    workers: { entry: NTU_WORKER, params },
    classes: async (clips, other) => {
      const found = syntheticTruth(await other("truth.json"), "synth_truth/1");
      const truth = found?.names ?? [];
      const classes = params.classes ??
        (params.dataset === "ntu" ? classesOf(clips, truth) : NTU_ACTIONS[params.dataset]);
      return { classes, class_names: truth.length === classes ? truth : [], ...found?.marks };
    },
  });
}

function classesOf(clips: readonly IndexedClip[], truth: readonly string[]): number {
  const largest = clips.reduce((most, clip) => Math.max(most, clip.label), 0);
  return Math.max(largest + 1, truth.length);
}
