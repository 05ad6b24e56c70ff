/**
 * What the `pretrain` stage does when it runs, on whatever backend was started: the loop over steps,
 * and what happens between them (log, monitor, checkpoint).
 *
 * @module
 */
import { dispose } from "@tensorflow/tfjs-core";
import type { StageContext } from "../../pipeline/stage.ts";
import { drawSwap } from "../augment/draws.ts";
import { type Policy, readPolicy } from "../augment/policy.ts";
import { type ClipsMeta, type ClipStore, openClips } from "../clips/clip_store.ts";
import { modelConfig } from "../model/config.ts";
import { disposeStep } from "../model/model_types.ts";
import { SkeAttnCLR } from "../model/skeattnclr.ts";
import { streamKey } from "../random.ts";
import { freeMemory } from "../tensor/free_memory.ts";
import { BatchReader } from "./batch_reader.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { BatchOrder } from "./data_order.ts";
import { type PretrainParams, pretrainProblems } from "./definition.ts";
import { emaMomentum } from "./ema_schedule.ts";
import { monitor, spread } from "./knn_monitor.ts";
import { learningRate } from "./learning_rate.ts";
import { chanceLevels } from "./log_row.ts";
import { MaskCheck, untrainedMask } from "./mask_check.ts";
import { OtherClips } from "./other_clips.ts";
import { type MaskSummary, writeOutputs } from "./outputs.ts";
import { StepLog } from "./step_log.ts";
import { momentOf, timeline } from "./timeline.ts";
import { TrainingLog } from "./training_log.ts";
import { readTrainingSplit, type TrainingSplit } from "./training_split.ts";
import { augmentedViews, type Views } from "./views.ts";
import { WaitTimes } from "./wait_times.ts";

/** A slow run saves a checkpoint at least this often, in milliseconds. */
const CHECKPOINT_INTERVAL = 600_000;

/**
 * Trains from the last checkpoint, or afresh, to the end. A run that was interrupted at any step
 * ends with the same bytes as one that was not.
 *
 * @throws {Error} If a parameter does not fit the data, or a loss is no longer finite.
 */
export async function pretrain(ctx: StageContext<PretrainParams>): Promise<void> {
  const { params } = ctx;
  await using store = await openClips(ctx.input("clips"));
  const split = await readTrainingSplit(ctx.input("split"), store.size);
  const policy = await readPolicy(ctx.input("policy"));
  requireRules(params, store, split, policy);

  const time = timeline(split.pretrain.length, params.batch, params.epochs, params.steps);
  const { frames, bodies, classes } = store.meta;
  const model = SkeAttnCLR.create(modelConfig(params), { frames, bodies, classes }, params.seed);
  const folder = ctx.resume();
  const saved = folder === undefined ? undefined : await readCheckpoint(folder);
  if (saved !== undefined) {
    model.restore(saved.state);
    ctx.log("info", `goes on after step ${saved.step}`);
  }
  const log = new TrainingLog(chanceLevels(params.queue), saved?.log);
  const check = params.mask.clips === 0 ? undefined : await MaskCheck.read(
    store,
    spread(split.queries, params.mask.clips),
    params.hidden_dim,
    policy,
  );
  const order = new BatchOrder(params.seed, split.pretrain, params.batch);
  const shuffled = params.positives === "shuffled"
    ? new OtherClips(params.seed, split.pretrain)
    : undefined;
  await using batches = new BatchReader(store, (step) => {
    const { epoch, stepInEpoch } = momentOf(step, time.stepsPerEpoch);
    const query = order.indices(epoch, stepInEpoch);
    return { query, key: shuffled?.of(epoch, query) };
  }, time.steps);
  const first = saved?.step ?? 0;
  const waiting = new StepLog(log, first, {
    queue: params.queue,
    batch: params.batch,
    say: (level, message) => ctx.log(level, message),
  });
  const waits = new WaitTimes();
  let savedAt = performance.now();

  const viewsOf = async (step: number): Promise<Views> => {
    const { query, key } = await waits.forClips(batches.take(step));
    const { epoch } = momentOf(step, time.stepsPerEpoch);
    const views = augmentedViews(query, key, policy, epoch);
    dispose([query.clips, key.clips]);
    return views;
  };
  const readWaiting = async () => {
    await waiting.read();
    if (waiting.ahead) ctx.progress(waiting.known, time.steps, "steps");
  };
  const save = async (done: number) => {
    await readWaiting();
    const checkpoint: Checkpoint = { step: done, state: await model.state(), log: log.state() };
    await ctx.checkpoint((into) => writeCheckpoint(into, checkpoint));
    savedAt = performance.now();
  };
  const stopIfAsked = async (done: number) => {
    await ctx.breathe();
    if (!ctx.stopping) return;
    await save(done);
    ctx.stopped();
  };
  /** Asks the monitor where it is due after a step and has not been asked yet. */
  const watch = async (done: number) => {
    const { every } = params.knn;
    const whole = every > 0 && done % (every * time.stepsPerEpoch) === 0;
    if (every === 0 || done === 0 || !(whole || done === time.steps)) return;
    if (log.knn.at(-1)?.step === done) return;
    const { epoch } = momentOf(done - 1, time.stepsPerEpoch);
    freeMemory();
    const scores = await monitor(
      model,
      store,
      split,
      params.knn,
      params.batch,
      () => stopIfAsked(done),
    );
    freeMemory();
    log.knn.push({ step: done, epoch, scores });
    const words = scores.map(({ k, top1 }) => `k = ${k}: ${top1.toFixed(1)} %`);
    ctx.log("info", `step ${done}, kNN top-1: ${words.join(", ")}`);
  };

  /** Looks at the mask where it is due after a step and has not been looked at yet. */
  const watchMask = async (done: number) => {
    const due = params.knn.every * time.stepsPerEpoch;
    if (check === undefined || done === 0) return;
    if (done !== time.steps && (due === 0 || done % due !== 0)) return;
    if (log.mask.at(-1)?.step === done) return;
    const { epoch } = momentOf(done - 1, time.stepsPerEpoch);
    freeMemory();
    const figures = await check.ofModel(model, () => stopIfAsked(done));
    freeMemory();
    log.mask.push({ step: done, epoch, figures });
  };

  ctx.progress(first, time.steps, "steps");
  await watch(first);
  await watchMask(first);
  let next: Views | undefined;
  for (let step = first; step < time.steps; step++) {
    const { epoch, stepInEpoch } = momentOf(step, time.stepsPerEpoch);
    const lr = learningRate(params, step, time);
    const ema = emaMomentum({ base: params.momentum, ...params.ema }, step, time);
    const views = next ?? await viewsOf(step);
    next = undefined;
    const swap = policy.swap.enabled ? drawSwap(policy, epoch, stepInEpoch, params.batch) : null;
    const out = model.step(views.query, views.key, swap, {
      lr,
      emaMomentum: ema,
      dropoutKey: streamKey(params.seed, "dropout", epoch, stepInEpoch),
      weightDecay: params.weight_decay,
      sgdMomentum: params.sgd_momentum,
    });
    views.query.dispose();
    views.key.dispose();

    const done = step + 1;
    const ends = done % params.log_every === 0 || done === time.steps;
    const moment = { step: done, epoch, learningRate: lr, emaMomentum: ema };
    waiting.add(out, ends ? moment : undefined);
    disposeStep(out);
    // A device that is waited for has the clips of the next step before that.
    if (waiting.ahead && done < time.steps) next = await viewsOf(done);
    if (waiting.due || done === time.steps) await readWaiting();
    if (!waiting.ahead) ctx.progress(done, time.steps, "steps");
    await watch(done);
    await watchMask(done);
    if (done === time.steps) break;
    const overdue = performance.now() - savedAt > CHECKPOINT_INTERVAL;
    if (done % params.checkpoint_every === 0 || overdue) await save(done);
    await stopIfAsked(done);
  }
  const found = check === undefined
    ? null
    : await maskSummary(ctx, check, log, store.meta, () => stopIfAsked(time.steps));
  await writeOutputs(ctx, model, { meta: store.meta, log, time, mask: found });
  if (waiting.ahead) ctx.log("info", waits.words);
  waiting.dispose();
  model.dispose();
}

/** The mask at the end, beside that of an untrained model and a random one. */
async function maskSummary(
  ctx: StageContext<PretrainParams>,
  check: MaskCheck,
  log: TrainingLog,
  { frames, bodies, classes }: ClipsMeta,
  after: () => Promise<void>,
): Promise<MaskSummary> {
  const { params } = ctx;
  const data = { frames, bodies, classes };
  const summary: MaskSummary = {
    clips: check.clips,
    bodies: check.bodies,
    trained: log.mask.at(-1)!.figures,
    untrained: await untrainedMask(check, modelConfig(params), data, params.seed, after),
    random: await check.ofRandom(params.seed),
  };
  const { shares, tokens, auc } = summary.trained;
  if (shares !== null) {
    const words = Object.entries(shares).map(([name, share]) => `${name} ${share.toFixed(3)}`);
    ctx.log(
      "info",
      `the mask's variance: ${words.join(", ")}; between tokens ${
        tokens?.toFixed(3)
      }; AUC of swapped parts ${auc ?? "none"}`,
    );
  }
  return summary;
}

/** The rules of the plan, now that everything is known. */
function requireRules(
  params: PretrainParams,
  store: ClipStore,
  split: TrainingSplit,
  policy: Policy,
): void {
  const [problem] = pretrainProblems(params, {
    clips: { clips: store.size, frames: store.meta.frames },
    split: { pretrain: split.pretrain.length },
    policy: { frames: policy.frames },
  });
  if (problem === undefined) return;
  throw new Error(`${["params", ...problem.path].join(".")}: ${problem.message}`);
}
