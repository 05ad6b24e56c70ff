/**
 * Trains the classifiers of a job, one after the other: every fold of a member, then of the next. A
 * training that was interrupted anywhere ends with the same bytes as one that was not.
 *
 * @module
 */
import { dispose, type Scalar, stack, type Tensor1D, tensor5d } from "@tensorflow/tfjs-core";
import type { StageContext } from "../../pipeline/stage.ts";
import { drawView } from "../augment/draws.ts";
import { encodeClips } from "../encode/encode_clips.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import { Classifier } from "../model/classifier.ts";
import type { DataShape } from "../model/config.ts";
import { type Clips, clipsOf, disposeClips } from "../model/present_bodies.ts";
import { learningRate } from "../pretrain/learning_rate.ts";
import { momentOf } from "../pretrain/timeline.ts";
import { streamKey } from "../random.ts";
import type { SplitFold } from "../split/split_file.ts";
import { topK } from "../statistics/classification.ts";
import { augmentViews } from "../tensor/augment_ops.ts";
import { memberSeed } from "../untrained/member_seed.ts";
import { Batches, type BatchPlan, batchPlan, type StepClips } from "./batches.ts";
import { addEvaluation } from "./evaluations.ts";
import type { Job, LabelledClips, Member, Trainable } from "./job.ts";
import type { TrainingParams } from "./training_params.ts";
import {
  type Asked,
  newState,
  nothingAsked,
  readState,
  type TrainingState,
  writeState,
} from "./training_state.ts";

/** A training saves a checkpoint at least this often, in milliseconds. */
const CHECKPOINT_INTERVAL = 60_000;

/** Steps whose losses may wait on the device to be read back. */
const MOST_WAITING = 20;

/** Training clips that are asked about beside the test clips. */
export const TRAIN_CHECK = 512;

/** What tests replace. */
export interface TrainerOptions {
  readonly create?: (config: Job["config"], data: DataShape, seed: number) => Trainable;
  /** Milliseconds between checkpoints. */
  readonly checkpointInterval?: number;
}

/** What was trained, run by run: every fold of the first member, then of the next. */
export interface Trained {
  readonly state: TrainingState;
  /** How each fold was laid out. */
  readonly plans: readonly BatchPlan[];
}

/** A member in a fold. */
interface Run {
  readonly member: Member;
  readonly fold: SplitFold;
  readonly plan: BatchPlan;
  /** Of first weights, data order and dropout. */
  readonly seed: number;
  /** For errors and the log. */
  readonly name: string;
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
  const clock = { savedAt: performance.now() };
  while (state.run < runs.length) {
    const run = runs[state.run]!;
    const before = runs.slice(0, state.run).reduce((sum, done) => sum + seen(done), 0);
    const watch = (steps: number) => ctx.progress(before + seen(run, steps), total, "clips");
    const trainer = await Trainer.begin(ctx, job, data, run, state, options, clock);
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

/** The training of one run. */
class Trainer {
  readonly model: Trainable;
  readonly #ctx: StageContext<TrainingParams>;
  readonly #job: Job;
  readonly #data: LabelledClips;
  readonly #run: Run;
  readonly #state: TrainingState;
  readonly #interval: number;
  readonly #clock: { savedAt: number };
  /** Losses on the device, of the steps before `#state.step`. */
  #waiting: Scalar[] = [];

  private constructor(
    model: Trainable,
    ctx: StageContext<TrainingParams>,
    job: Job,
    data: LabelledClips,
    run: Run,
    state: TrainingState,
    options: TrainerOptions,
    clock: { savedAt: number },
  ) {
    this.model = model;
    this.#ctx = ctx;
    this.#job = job;
    this.#data = data;
    this.#run = run;
    this.#state = state;
    this.#interval = options.checkpointInterval ?? CHECKPOINT_INTERVAL;
    this.#clock = clock;
  }

  /** A classifier as its run begins. */
  static async begin(
    ctx: StageContext<TrainingParams>,
    job: Job,
    data: LabelledClips,
    run: Run,
    state: TrainingState,
    options: TrainerOptions,
    clock: { savedAt: number },
  ): Promise<Trainer> {
    const { frames, bodies, classes } = data.store.meta;
    const create = options.create ?? Classifier.create;
    const model = create(job.config, { frames, bodies, classes }, run.seed);
    const { backbone } = run.member;
    if (backbone !== undefined) model.loadBackbone(await backbone());
    return new Trainer(model, ctx, job, data, run, state, options, clock);
  }

  /** Takes all steps that are left. */
  async train(watch: (steps: number) => void): Promise<void> {
    const state = this.#state;
    const { fold, plan, seed } = this.#run;
    await using batches = new Batches(this.#data.store, seed, fold.train, plan);
    watch(state.step);
    while (true) {
      if (state.losses.length === plan.stepsPerEpoch) await this.#endEpoch();
      if (state.step === plan.steps) break;
      const { epoch, stepInEpoch } = momentOf(state.step, plan.stepsPerEpoch);
      this.#waiting.push(this.#step(await batches.take(state.step), epoch, stepInEpoch));
      state.step++;
      watch(state.step);
      const whole = stepInEpoch + 1 === plan.stepsPerEpoch;
      if (whole || this.#waiting.length === MOST_WAITING) await this.#readWaiting();
      await this.#pause();
    }
  }

  #step({ indices, values }: StepClips, epoch: number, stepInEpoch: number): Scalar {
    const { lr, schedule, milestones, warmup_epochs, sgd_momentum, weight_decay, clip } =
      this.#ctx.params;
    const { store } = this.#data;
    const { plan, seed, member: { policy } } = this.#run;
    const clips = this.#clips(values, indices, epoch, policy);
    const loss = this.model.step(clips, Int32Array.from(indices, (i) => store.labels[i]!), {
      lr: learningRate({ lr, schedule, milestones, warmup_epochs }, this.#state.step, plan),
      momentum: sgd_momentum,
      weightDecay: weight_decay,
      mode: this.#job.mode,
      dropoutKey: streamKey(seed, "dropout", epoch, stepInEpoch),
      clip,
    });
    disposeClips(clips);
    return loss;
  }

  #clips(
    values: Float32Array,
    indices: Uint32Array,
    epoch: number,
    policy: Member["policy"],
  ): Clips {
    const { frames, joints, bodies } = this.#data.store.meta;
    const shape = { clips: indices.length, frames, joints, bodies };
    // With frozen statistics bodies do not meet, so that absent ones need be computed but once.
    if (policy === undefined && this.#job.mode === "eval") return clipsOf(values, shape);
    const clips = tensor5d(values, [indices.length, 3, frames, joints, bodies], "float32");
    if (policy === undefined) return clips;
    const draws = Array.from(indices, (clip) => drawView(policy, "query", epoch, clip));
    const view = augmentViews(clips, draws, policy.crop.pad);
    clips.dispose();
    return view;
  }

  /** Evaluates where it is due, and writes the epoch's row. */
  async #endEpoch(): Promise<void> {
    const { params } = this.#ctx;
    const state = this.#state;
    const { split, store } = this.#data;
    const { member, fold, plan, name } = this.#run;
    const { epoch } = momentOf(state.step - 1, plan.stepsPerEpoch);
    const loss = state.losses.reduce((sum, one) => sum + one, 0) / state.losses.length;
    let trainTop1: number | null = null, testTop1: number | null = null;
    if (epoch % params.evaluate_every === 0 || epoch === params.epochs) {
      trainTop1 = (await this.#ask("train", evenly(fold.train, TRAIN_CHECK))).top1;
      const { logits, top1 } = await this.#ask("test", fold.test);
      testTop1 = top1;
      const kept = state.evaluations[state.run] ?? [];
      state.evaluations[state.run] = addEvaluation(
        kept,
        { epoch, top1, logits },
        split.folds.length,
      );
      this.#ctx.log(
        "info",
        `${name}, epoch ${epoch}: loss ${loss.toFixed(4)}, training clips ${
          trainTop1.toFixed(1)
        } %, ` +
          `test clips ${top1.toFixed(1)} % of ${fold.test.length} (${store.meta.classes} classes)`,
      );
    }
    state.rows.push({
      member: member.name,
      fold: fold.name,
      epoch,
      loss,
      learning_rate: learningRate(params, state.step - 1, plan),
      train_top1: trainTop1,
      test_top1: testTop1,
    });
    state.losses = [];
    state.asked = nothingAsked();
  }

  /**
   * Logits of clips as they are stored, in eval mode, and the share that is right in percent. Batches that
   * were asked before an interruption count: only those that are left are asked.
   */
  async #ask(list: keyof Asked, clips: readonly number[]) {
    const { store } = this.#data;
    const { classes } = store.meta;
    const { asked } = this.#state;
    const { batch } = this.#ctx.params;
    const logits = new Float32Array(clips.length * classes);
    logits.set(asked[list]);
    for (let done = asked[list].length / classes; done < clips.length;) {
      const part = clips.slice(done, done + batch);
      const { values } = await encodeClips((x) => this.model.logits(x), store, part, batch);
      logits.set(values, done * classes);
      done += part.length;
      asked[list] = logits.subarray(0, done * classes);
      await this.#pause();
    }
    const labels = clips.map((clip) => store.labels[clip]!);
    return { logits, top1: topK({ logits, labels, classes }, 1) };
  }

  async #readWaiting(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const all = stack(this.#waiting) as Tensor1D;
    dispose(this.#waiting);
    this.#waiting = [];
    const losses = await all.data<"float32">();
    all.dispose();
    const wrong = losses.findIndex((loss) => !Number.isFinite(loss));
    if (wrong >= 0) {
      const step = this.#state.step - losses.length + wrong;
      const { epoch } = momentOf(step, this.#run.plan.stepsPerEpoch);
      throw new UnusableInput(
        `${this.#run.name}: the loss of step ${step + 1} (epoch ${epoch}) is ${
          losses[wrong]
        }: the ` +
          `training has diverged; lower params.lr (${this.#ctx.params.lr}), let it rise with ` +
          "warmup_epochs, or limit gradients with clip",
      );
    }
    this.#state.losses.push(...losses);
  }

  async #save(): Promise<void> {
    await this.#readWaiting();
    const classifier = await this.model.state();
    await this.#ctx.checkpoint((into) => writeState(into, this.#state, classifier));
    this.#clock.savedAt = performance.now();
  }

  /** Between two steps or two batches of an evaluation: saves where it is due, and stops where asked. */
  async #pause(): Promise<void> {
    if (performance.now() - this.#clock.savedAt > this.#interval) await this.#save();
    await this.#ctx.breathe();
    if (!this.#ctx.stopping) return;
    await this.#save();
    this.#ctx.stopped();
  }
}

/** At most `most` of the values, evenly spaced, in their order. */
function evenly(values: readonly number[], most: number): readonly number[] {
  if (values.length <= most) return values;
  return Array.from({ length: most }, (_, i) => values[Math.floor(i * values.length / most)]!);
}
