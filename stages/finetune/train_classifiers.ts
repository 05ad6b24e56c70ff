/**
 * Trains the classifiers of a job, one after the other: every fold of a member, then of the next. A
 * training that was interrupted anywhere ends with the same bytes as one that was not.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import { memberSeed } from "../untrained/member_seed.ts";
import { type BatchPlan, batchPlan } from "./batches.ts";
import type { Job, LabelledClips } from "./job.ts";
import { type Run, Trainer, type TrainerOptions } from "./trainer.ts";
import type { TrainingParams } from "./training_params.ts";
import { newState, readState, type TrainingState } from "./training_state.ts";

/** What was trained, run by run: every fold of the first member, then of the next. */
export interface Trained {
  readonly state: TrainingState;
  /** How each fold was laid out. */
  readonly plans: readonly BatchPlan[];
}

/**
 * Trains all classifiers, from the last checkpoint on or afresh.
 *
 * @throws {UnusableInput} If a fold has no step, or a loss is no longer finite.
 */
export async function trainClassifiers(
  ctx: StageContext<TrainingParams>,
  job: Job,
  data: LabelledClips,
  options: TrainerOptions = {},
): Promise<Trained> {
  const { folds } = data.split;
  const { batch, epochs } = ctx.params;
  const plans = folds.map(({ train }) => batchPlan(train.length, batch, epochs));
  for (const [f, plan] of plans.entries()) {
    if (plan.batch === batch) continue;
    const { name, train } = folds[f]!;
    ctx.log(
      "info",
      `fold ${name}: ${train.length} training clips are fewer than a batch of ${batch}`,
    );
  }
  const runs = job.members.flatMap((member) =>
    folds.map((fold, f): Run => ({
      member,
      fold,
      plan: plans[f]!,
      seed: memberSeed(member.seed, f),
      name: folds.length === 1 ? member.name : `${member.name}, fold ${fold.name}`,
    }))
  );
  const folder = ctx.resume();
  const saved = folder === undefined ? undefined : await readState(folder);
  const state = saved?.state ?? newState();
  if (saved !== undefined) {
    ctx.log("info", `goes on with ${runs[state.run]!.name} after step ${state.step}`);
  }
  const seen = (run: Run, steps = run.plan.steps) => steps * run.plan.batch;
  const total = runs.reduce((sum, run) => sum + seen(run), 0);
  let classifier = saved?.classifier;
  const setting = { ctx, job, data, state, options, clock: { savedAt: performance.now() } };
  while (state.run < runs.length) {
    const run = runs[state.run]!;
    const before = runs.slice(0, state.run).reduce((sum, done) => sum + seen(done), 0);
    const watch = (steps: number) => ctx.progress(before + seen(run, steps), total, "clips");
    const trainer = await Trainer.begin(setting, run);
    if (classifier !== undefined) trainer.model.restore(classifier);
    classifier = undefined;
    try {
      await trainer.train(watch);
      state.weights.push(await trainer.model.weights());
    } finally {
      trainer.model.dispose();
    }
    Object.assign(state, { run: state.run + 1, step: 0, losses: [] });
  }
  return { state, plans };
}
