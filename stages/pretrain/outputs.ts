/**
 * What a finished run leaves: the encoder, the log, and the rest of the training's state.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import type { ClipsMeta } from "../clips/clip_store.ts";
import { writeEncoder } from "../encode/encoder_artifact.ts";
import { writeJson } from "../formats/json_text.ts";
import { encodeSafetensors, type SafeTensor } from "../formats/safetensors.ts";
import { encoderFacts } from "../model/config.ts";
import type { SkeAttnCLR } from "../model/skeattnclr.ts";
import { atChance } from "./chance_watch.ts";
import type { PretrainParams } from "./definition.ts";
import { chanceLevels, logCsv } from "./log_row.ts";
import type { MaskFigures } from "./mask_check.ts";
import type { Timeline } from "./timeline.ts";
import type { KnnRow, MaskRow, TrainingLog } from "./training_log.ts";

/** Name of the only member. */
const MEMBER = "encoder";

/** Where the mask varies at the end and whether it finds swapped parts, beside two that learnt nothing. */
export interface MaskSummary {
  /** Clips asked about. */
  readonly clips: number;
  /** Bodies in them. */
  readonly bodies: number;
  readonly trained: MaskFigures;
  /** Of a model with the same first weights, its statistics set on the same clips. */
  readonly untrained: MaskFigures;
  /** Of uniform random numbers. */
  readonly random: MaskFigures;
}

/** What a run came to, beside its model. */
export interface RunEnd {
  readonly meta: ClipsMeta;
  readonly log: TrainingLog;
  readonly time: Timeline;
  /** Null where the mask was not asked for. */
  readonly mask: MaskSummary | null;
}

/** Writes the outputs `encoder`, `log` and `training`, and states metrics and facts. */
export async function writeOutputs(
  ctx: StageContext<PretrainParams>,
  model: SkeAttnCLR,
  { meta, log, time, mask }: RunEnd,
): Promise<void> {
  const { params } = ctx;
  const { frames, bodies, classes } = meta;
  const epochs = Math.floor(time.steps / time.stepsPerEpoch);
  await writeEncoder(
    ctx.output("encoder"),
    { config: model.config, data: { frames, bodies, classes }, clips: meta },
    { epochs, steps: time.steps, clips_seen: time.steps * params.batch },
    new Map([[MEMBER, await model.exportWeights()]]),
  );
  await Deno.writeFile(
    `${ctx.output("training")}/training.safetensors`,
    encodeSafetensors(await trainingState(model), { steps: String(time.steps) }),
  );

  const last = log.rows.at(-1);
  const folder = ctx.output("log");
  await Deno.writeTextFile(`${folder}/log.csv`, logCsv(log.rows));
  await Deno.writeTextFile(`${folder}/knn.csv`, knnCsv(log.knn));
  await Deno.writeTextFile(`${folder}/mask.csv`, maskCsv(log.mask));
  await writeJson(`${folder}/summary.json`, {
    format: "training_log/1",
    steps: time.steps,
    steps_per_epoch: time.stepsPerEpoch,
    epochs,
    batch: params.batch,
    rows: log.rows.length,
    chance: chanceLevels(params.queue),
    queue_full_after: Math.ceil(params.queue / params.batch),
    at_chance: last !== undefined && atChance(last, params.queue, params.batch),
    last: last ?? null,
    knn: log.knn.at(-1) ?? null,
    mask,
  });

  ctx.metric("steps", time.steps);
  if (last !== undefined) {
    ctx.metric("L_z", last.loss_z);
    ctx.metric("L_s", last.loss_s);
    ctx.metric("L_ns", last.loss_ns);
    ctx.metric("effective_rank", last.effective_rank);
  }
  for (const { k, top1 } of log.knn.at(-1)?.scores ?? []) ctx.metric(`knn${k}_top1`, top1);
  if (mask !== null) {
    const { tokens, auc } = mask.trained;
    if (tokens !== null) ctx.metric("mask_between_tokens", tokens);
    if (auc !== null) ctx.metric("mask_auc", auc);
  }
  ctx.facts("encoder", encoderFacts(model.config, 1, { bodies }));
}

/** What training adds to the encoder: `key.*`, the predictors, and the queue (K, feature_dim). */
async function trainingState(model: SkeAttnCLR): Promise<Map<string, SafeTensor>> {
  const tensors = await model.exportWeights("predictors");
  for (const [name, tensor] of await model.exportWeights("key")) tensors.set(`key.${name}`, tensor);
  const state = await model.state();
  for (const name of ["queue", "queue_ptr"]) tensors.set(name, state.get(name)!);
  return tensors;
}

/** `knn.csv`: one line for each check and k. */
function knnCsv(rows: readonly KnnRow[]): string {
  const lines = rows.flatMap(({ step, epoch, scores }) =>
    scores.map(({ k, top1 }) => `${step},${epoch},${k},${top1}`)
  );
  return ["step,epoch,k,top1", ...lines].join("\n") + "\n";
}

/** `mask.csv`: one line for each check; a cell is empty where there is nothing to state. */
function maskCsv(rows: readonly MaskRow[]): string {
  const names = ["channel", "joint", "frame", "clip", "residual"] as const;
  const lines = rows.map((
    { step, epoch, figures: { mean, deviation, shares, tokens, auc, auc_within } },
  ) =>
    [step, epoch, mean, deviation, ...names.map((name) => shares?.[name]), tokens, auc, auc_within]
      .map((value) => value ?? "").join(",")
  );
  return [`step,epoch,mean,deviation,${names.join(",")},tokens,auc,auc_within`, ...lines].join(
    "\n",
  ) +
    "\n";
}
