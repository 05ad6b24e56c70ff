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
import type { SkeAttnCLR } from "../model/skeattnclr.ts";
import { atChance } from "./chance_watch.ts";
import type { PretrainParams } from "./definition.ts";
import { chanceLevels, logCsv } from "./log_row.ts";
import type { Timeline } from "./timeline.ts";
import type { KnnRow, TrainingLog } from "./training_log.ts";

/** Name of the only member. */
const MEMBER = "encoder";

/** Writes the outputs `encoder`, `log` and `training`, and states metrics and facts. */
export async function writeOutputs(
  ctx: StageContext<PretrainParams>,
  model: SkeAttnCLR,
  { frames, bodies, classes }: ClipsMeta,
  log: TrainingLog,
  time: Timeline,
): Promise<void> {
  const { params } = ctx;
  const epochs = Math.floor(time.steps / time.stepsPerEpoch);
  await writeEncoder(
    ctx.output("encoder"),
    { config: model.config, data: { frames, bodies, classes } },
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
  });

  ctx.metric("steps", time.steps);
  if (last !== undefined) {
    ctx.metric("L_z", last.loss_z);
    ctx.metric("L_s", last.loss_s);
    ctx.metric("L_ns", last.loss_ns);
    ctx.metric("effective_rank", last.effective_rank);
  }
  for (const { k, top1 } of log.knn.at(-1)?.scores ?? []) ctx.metric(`knn${k}_top1`, top1);
  const { hidden_dim: dim, stream } = model.config;
  ctx.facts("encoder", { dim, members: 1, stream, bodies });
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
