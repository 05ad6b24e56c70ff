/**
 * What the `supervised` stage does when it runs, on whatever backend was started.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import { readPolicy } from "../augment/policy.ts";
import { openClips } from "../clips/clip_store.ts";
import { readLabelledClips } from "../finetune/job.ts";
import { writeOutputs } from "../finetune/outputs.ts";
import { trainClassifiers } from "../finetune/train_classifiers.ts";
import type { TrainerOptions } from "../finetune/trainer.ts";
import { trainingProblems } from "../finetune/training_params.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import { memberSeed } from "../untrained/member_seed.ts";
import type { SupervisedParams } from "./definition.ts";

/**
 * Trains the backbone from scratch `members` times, going on from the last checkpoint. The first member
 * has the seeds of stage and policy themselves, the others have their own.
 *
 * @throws {UnusableInput} If inputs do not suit each other or the parameters.
 */
export async function supervised(
  ctx: StageContext<SupervisedParams>,
  options: TrainerOptions = {},
): Promise<void> {
  const { width, hidden_dim, dropout, stream, init, members, seed } = ctx.params;
  await using store = await openClips(ctx.input("clips"));
  const policy = await readPolicy(ctx.input("policy"));
  const { frames } = store.meta;
  const [problem] = trainingProblems(ctx.params, {
    clips: { frames },
    policy: { frames: policy.frames },
  });
  if (problem !== undefined) {
    throw new UnusableInput(`${["params", ...problem.path].join(".")}: ${problem.message}`);
  }
  const data = await readLabelledClips(store, ctx.input("split"));
  const { crop, shear, rotate, resize } = policy;
  const job = {
    probe: "supervised",
    title: "supervised from scratch",
    source: "first weights",
    config: { width, hidden_dim, dropout, stream, init },
    mode: "train" as const,
    members: Array.from({ length: members }, (_, m) => ({
      name: `supervised${m}`,
      seed: memberSeed(seed, m),
      policy: { ...policy, seed: memberSeed(policy.seed, m) },
    })),
    varied: members > 1 ? ["initialisation", "augmentation"] as const : [],
    details: { augmentation: { crop, shear, rotate, resize } },
  };
  const trained = await trainClassifiers(ctx, job, data, options);
  await writeOutputs(ctx, job, data, trained);
}
