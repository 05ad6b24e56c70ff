/**
 * Training that begins from an encoder: what `finetune`, `semi_supervised` and `transfer` do.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import { openClips } from "../clips/clip_store.ts";
import { type EncoderHeader, readEncoder, readMember } from "../encode/encoder_artifact.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import { encoderOrigin } from "../results/encoder_origin.ts";
import { memberSeed } from "../untrained/member_seed.ts";
import type { FinetuneParams } from "./definition.ts";
import { type LabelledClips, readLabelledClips } from "./job.ts";
import { writeOutputs } from "./outputs.ts";
import { trainClassifiers } from "./train_classifiers.ts";
import type { TrainerOptions } from "./trainer.ts";
import { fineTuningProblems, trainingProblems } from "./training_params.ts";

/** What a protocol that begins from an encoder says of itself. */
export interface FineTuning {
  /** What results call it. */
  readonly probe: "finetune" | "semi_supervised" | "transfer";
  readonly title: (encoder: EncoderHeader, data: LabelledClips) => string;
  readonly source: (encoder: EncoderHeader) => string;
}

/** How an encoder came to be. */
export function sourceOf({ trained }: EncoderHeader): string {
  return trained.steps > 0 ? "pre-trained encoder" : "untrained encoder";
}

/**
 * Trains a classifier from each member of the encoder, and tests it. Each member has a linear layer, a
 * data order and dropout of its own, the first those of the seed itself.
 *
 * @throws {UnusableInput} If inputs do not suit each other or the parameters.
 */
export async function fineTune(
  ctx: StageContext<FinetuneParams>,
  protocol: FineTuning,
  options: TrainerOptions = {},
): Promise<void> {
  const { params } = ctx;
  await using store = await openClips(ctx.input("clips"));
  const folder = ctx.input("encoder");
  const encoder = await readEncoder(folder);
  const { frames, bodies } = store.meta;
  const check = protocol.probe === "transfer" ? trainingProblems : fineTuningProblems;
  const [problem] = check(params, {
    clips: { frames, bodies },
    encoder: { bodies: encoder.data.bodies },
  });
  if (problem !== undefined) {
    throw new UnusableInput(`${["params", ...problem.path].join(".")}: ${problem.message}`);
  }
  const data = await readLabelledClips(store, ctx.input("split"));
  if (encoder.trained.steps === 0 && params.trainMode === "eval") {
    ctx.log(
      "info",
      "the encoder was never trained: its statistics are those of random weights; the stage " +
        "supervised is the control that trains from scratch as one would",
    );
  }
  const { width, hidden_dim, dropout, stream } = encoder.config;
  const job = {
    probe: protocol.probe,
    title: protocol.title(encoder, data),
    source: protocol.source(encoder),
    config: { width, hidden_dim, dropout, stream, init: params.init },
    mode: params.trainMode,
    members: encoder.members.map((name, m) => ({
      name,
      seed: memberSeed(params.seed, m),
      backbone: () => readMember(folder, name),
    })),
    varied: encoder.members.length > 1 ? ["initialisation", "probe"] as const : [],
    encoder: await encoderOrigin(folder),
    details: {
      encoder: { data: encoder.data, trained: encoder.trained },
      augmentation: "none: training clips as they are stored",
    },
  };
  const trained = await trainClassifiers(ctx, job, data, options);
  await writeOutputs(ctx, job, data, trained);
}
