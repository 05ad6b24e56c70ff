/**
 * What trained classifiers leave: the result, their weights, and the log.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import { writeMembers } from "../encode/encoder_artifact.ts";
import { writeJson } from "../formats/json_text.ts";
import { clipsOrigin } from "../results/data_origin.ts";
import { type ResultFile } from "../results/result_file.ts";
import { type Answers, writeResult } from "../results/result_writer.ts";
import { pooledAnswers } from "./evaluations.ts";
import type { Job, LabelledClips } from "./job.ts";
import { logChart } from "./log_chart.ts";
import { logCsv } from "./log_row.ts";
import type { Trained } from "./train_classifiers.ts";
import { TRAIN_CHECK } from "./trainer.ts";
import type { TrainingParams } from "./training_params.ts";

/** Writes the outputs `result`, `classifier` and `log`, and states metrics and facts. */
export async function writeOutputs(
  ctx: StageContext<TrainingParams>,
  job: Job,
  data: LabelledClips,
  trained: Trained,
): Promise<ResultFile> {
  const result = await writeAnswers(ctx, job, data, trained);
  await writeClassifiers(ctx, job, data, trained);
  const { rows } = trained.state;
  await Deno.writeTextFile(`${ctx.output("log")}/log.csv`, logCsv(rows));
  await Deno.writeTextFile(
    `${ctx.output("log")}/log.svg`,
    logChart(ctx.params.title ?? job.title, rows),
  );
  const { top1_last, top1_best, top5_last } = result.summary[job.probe]!;
  ctx.metric("top1", top1_last!.mean);
  ctx.metric("top1_best", top1_best!.mean);
  ctx.metric("top5", top5_last!.mean);
  ctx.metric("train", result.train);
  ctx.facts("result", { classes: result.classes });
  ctx.facts("classifier", { classes: result.classes, members: job.members.length });
  return result;
}

async function writeAnswers(
  ctx: StageContext<TrainingParams>,
  job: Job,
  { store, split, test }: LabelledClips,
  { state, plans }: Trained,
): Promise<ResultFile> {
  const { classes, class_names } = store.meta;
  const { title, ...settings } = ctx.params;
  const labels = Int32Array.from(test, (clip) => store.labels[clip]!);
  const subjects = await store.attribute("subjects");
  const runOf = (m: number, f: number) => m * split.folds.length + f;
  const answers = job.members.map(({ name }, m): Answers => ({
    probe: job.probe,
    member: name,
    ...pooledAnswers(
      split.folds.map((fold, f) => ({ test: fold.test, kept: state.evaluations[runOf(m, f)]! })),
      test,
      labels,
      classes,
    ),
  }));
  return await writeResult(ctx.output("result"), {
    title: title ?? job.title,
    source: job.source,
    protocol: split.protocol,
    classes,
    ...(class_names.length === classes ? { classNames: class_names } : {}),
    test: {
      clips: Int32Array.from(test),
      labels,
      subjects: Int32Array.from(test, (clip) => subjects[clip]!),
    },
    data: await clipsOrigin(ctx.input("clips")),
    ...(job.encoder === undefined ? {} : { encoder: job.encoder }),
    train: new Set(split.folds.flatMap(({ train }) => train)).size,
    clipsPerEpoch: plans.map(({ stepsPerEpoch, batch }) => stepsPerEpoch * batch),
    varied: job.varied,
    answers,
    details: {
      ...job.details,
      settings: { ...settings, trainMode: job.mode },
      classifier: job.config,
      folds: split.folds.map(({ name, train, test }, f) => ({
        name,
        train: train.length,
        test: test.length,
        batch: plans[f]!.batch,
        steps_per_epoch: plans[f]!.stepsPerEpoch,
        train_clips_per_class: countsOf(train, store.labels),
      })),
      ...(split.subset === undefined ? {} : { subset: split.subset }),
      train_top1: `of up to ${TRAIN_CHECK} training clips, as they are stored, in eval mode`,
      evaluations: state.rows.filter(({ test_top1 }) => test_top1 !== null),
    },
  });
}

/** Clips by class: 0-based label to count, for classes that have any. */
function countsOf(clips: readonly number[], labels: Int32Array): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const clip of clips) counts[labels[clip]!] = (counts[labels[clip]!] ?? 0) + 1;
  return counts;
}

/** `classifier.json`, and the weights of each member, in each fold where there are several. */
async function writeClassifiers(
  ctx: StageContext<TrainingParams>,
  { config, members }: Job,
  { store, split }: LabelledClips,
  { state, plans }: Trained,
): Promise<void> {
  const { frames, bodies, classes, class_names } = store.meta;
  const { folds } = split;
  const files = members.flatMap(({ name }) =>
    folds.map((fold, f) => ({
      member: name,
      fold: fold.name,
      name: folds.length === 1 ? name : `${name}.fold${f + 1}`,
      steps: plans[f]!.steps,
      clips_seen: plans[f]!.steps * plans[f]!.batch,
    }))
  );
  const folder = ctx.output("classifier");
  await writeMembers(folder, new Map(files.map(({ name }, r) => [name, state.weights[r]!])));
  await writeJson(`${folder}/classifier.json`, {
    format: "classifier/1",
    config,
    data: { frames, bodies, classes },
    class_names,
    epochs: ctx.params.epochs,
    classifiers: files.map(({ name, ...rest }) => ({ ...rest, file: `${name}.safetensors` })),
  });
}
