/**
 * The training of one classifier: its steps, evaluations and checkpoints.
 *
 * @module
 */
import { dispose, getBackend, type Scalar, tensor5d } from "@tensorflow/tfjs-core";
import type { StageContext } from "../../pipeline/stage.ts";
import { encodeClips } from "../encode/encode_clips.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import { Classifier } from "../model/classifier.ts";
import type { DataShape } from "../model/config.ts";
import { type Clips, clipsOf, disposeClips } from "../model/present_bodies.ts";
import { learningRate } from "../pretrain/learning_rate.ts";
import { ReadPace } from "../pretrain/read_pace.ts";
import { momentOf } from "../pretrain/timeline.ts";
import { streamKey } from "../random.ts";
import type { SplitFold } from "../split/split_file.ts";
import { topK } from "../statistics/classification.ts";
import { drawnViews } from "../tensor/drawn_views.ts";
import { freeMemory } from "../tensor/free_memory.ts";
import { readTensors } from "../tensor/read_tensors.ts";
import { Batches, type BatchPlan, type StepClips } from "./batches.ts";
import { addEvaluation } from "./evaluations.ts";
import type { Job, LabelledClips, Member, Trainable } from "./job.ts";
import type { TrainingParams } from "./training_params.ts";
import { type Asked, nothingAsked, type TrainingState, writeState } from "./training_state.ts";

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

/** A member in a fold. */
export interface Run {
  readonly member: Member;
  readonly fold: SplitFold;
  readonly plan: BatchPlan;
  /** Of first weights, data order and dropout. */
  readonly seed: number;
  /** For errors and the log. */
  readonly name: string;
}

/** What the trainings of a job have in common. */
export interface Setting {
  readonly ctx: StageContext<TrainingParams>;
  readonly job: Job;
  readonly data: LabelledClips;
  /** Changes as the trainings go on. */
  readonly state: TrainingState;
  readonly options: TrainerOptions;
  /** When the last checkpoint was saved. */
  readonly clock: { savedAt: number };
}

/** The training of one run. */
export class Trainer {
  readonly model: Trainable;
  readonly #setting: Setting;
  readonly #run: Run;
  /** Losses on the device, of the steps before the state's. */
  #waiting: Scalar[] = [];
  /** Where steps are recorded ahead of the device. */
  readonly #pace = getBackend() === "webgpu" ? new ReadPace() : undefined;

  private constructor(model: Trainable, setting: Setting, run: Run) {
    this.model = model;
    this.#setting = setting;
    this.#run = run;
  }

  /** A classifier as its run begins. */
  static async begin(setting: Setting, run: Run): Promise<Trainer> {
    const { job, data, options } = setting;
    const { frames, bodies, classes } = data.store.meta;
    const create = options.create ?? Classifier.create;
    const model = create(job.config, { frames, bodies, classes }, run.seed);
    const { backbone } = run.member;
    if (backbone !== undefined) model.loadBackbone(await backbone());
    return new Trainer(model, setting, run);
  }

  /** Takes all steps that are left. */
  async train(watch: (steps: number) => void): Promise<void> {
    const state = this.#setting.state;
    const { fold, plan, seed } = this.#run;
    await using batches = new Batches(this.#setting.data.store, seed, fold.train, plan);
    watch(state.step);
    while (true) {
      if (state.losses.length === plan.stepsPerEpoch) await this.#endEpoch();
      if (state.step === plan.steps) break;
      const { epoch, stepInEpoch } = momentOf(state.step, plan.stepsPerEpoch);
      this.#waiting.push(this.#step(await batches.take(state.step), epoch, stepInEpoch));
      state.step++;
      watch(state.step);
      const whole = stepInEpoch + 1 === plan.stepsPerEpoch;
      const most = this.#pace?.steps ?? MOST_WAITING;
      if (whole || this.#waiting.length >= most) await this.#readWaiting();
      await this.#pause();
    }
  }

  #step({ indices, values }: StepClips, epoch: number, stepInEpoch: number): Scalar {
    const { lr, schedule, milestones, warmup_epochs, sgd_momentum, weight_decay, clip } =
      this.#setting.ctx.params;
    const { store } = this.#setting.data;
    const { plan, seed, member: { policy } } = this.#run;
    const clips = this.#clips(values, indices, epoch, policy);
    const loss = this.model.step(clips, Int32Array.from(indices, (i) => store.labels[i]!), {
      lr: learningRate({ lr, schedule, milestones, warmup_epochs }, this.#setting.state.step, plan),
      momentum: sgd_momentum,
      weightDecay: weight_decay,
      mode: this.#setting.job.mode,
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
    const { frames, joints, bodies } = this.#setting.data.store.meta;
    const shape = { clips: indices.length, frames, joints, bodies };
    // With frozen statistics bodies do not meet, so that absent ones need be computed but once.
    if (policy === undefined && this.#setting.job.mode === "eval") return clipsOf(values, shape);
    const clips = tensor5d(values, [indices.length, 3, frames, joints, bodies], "float32");
    if (policy === undefined) return clips;
    const view = drawnViews(clips, { policy, view: "query", epoch, indices });
    clips.dispose();
    return view;
  }

  /** Evaluates where it is due, and writes the epoch's row. */
  async #endEpoch(): Promise<void> {
    const { params } = this.#setting.ctx;
    const state = this.#setting.state;
    const { split, store } = this.#setting.data;
    const { member, fold, plan, name } = this.#run;
    const { epoch } = momentOf(state.step - 1, plan.stepsPerEpoch);
    const loss = state.losses.reduce((sum, one) => sum + one, 0) / state.losses.length;
    let trainTop1: number | null = null, testTop1: number | null = null;
    if (epoch % params.evaluate_every === 0 || epoch === params.epochs) {
      freeMemory();
      trainTop1 = (await this.#ask("train", evenly(fold.train, TRAIN_CHECK))).top1;
      const { logits, top1 } = await this.#ask("test", fold.test);
      testTop1 = top1;
      freeMemory();
      const kept = state.evaluations[state.run] ?? [];
      state.evaluations[state.run] = addEvaluation(
        kept,
        { epoch, top1, logits },
        split.folds.length,
      );
      this.#setting.ctx.log(
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
    const { store } = this.#setting.data;
    const { classes } = store.meta;
    const { asked } = this.#setting.state;
    const { batch } = this.#setting.ctx.params;
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
    const waiting = this.#waiting;
    this.#waiting = [];
    const losses = (await readTensors(waiting)).map(([loss]) => loss!);
    dispose(waiting);
    this.#pace?.read(losses.length);
    const wrong = losses.findIndex((loss) => !Number.isFinite(loss));
    if (wrong >= 0) {
      const step = this.#setting.state.step - losses.length + wrong;
      const { epoch } = momentOf(step, this.#run.plan.stepsPerEpoch);
      throw new UnusableInput(
        `${this.#run.name}: the loss of step ${step + 1} (epoch ${epoch}) is ${
          losses[wrong]
        }: the ` +
          `training has diverged; lower params.lr (${this.#setting.ctx.params.lr}), let it rise with ` +
          "warmup_epochs, or limit gradients with clip",
      );
    }
    this.#setting.state.losses.push(...losses);
  }

  async #save(): Promise<void> {
    await this.#readWaiting();
    const classifier = await this.model.state();
    await this.#setting.ctx.checkpoint((into) => writeState(into, this.#setting.state, classifier));
    this.#setting.clock.savedAt = performance.now();
  }

  /** Between two steps or two batches of an evaluation: saves where it is due, and stops where asked. */
  async #pause(): Promise<void> {
    if (
      performance.now() - this.#setting.clock.savedAt >
        (this.#setting.options.checkpointInterval ?? CHECKPOINT_INTERVAL)
    ) await this.#save();
    await this.#setting.ctx.breathe();
    if (!this.#setting.ctx.stopping) return;
    await this.#save();
    this.#setting.ctx.stopped();
  }
}

/** At most `most` of the values, evenly spaced, in their order. */
function evenly(values: readonly number[], most: number): readonly number[] {
  if (values.length <= most) return values;
  return Array.from({ length: most }, (_, i) => values[Math.floor(i * values.length / most)]!);
}
