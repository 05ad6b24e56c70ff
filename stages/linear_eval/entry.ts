/**
 * Runs the `linear_eval` stage: both probes on each member's features; accuracies, logits and confusion
 * matrices out.
 *
 * @module
 */
import type { StageContext, StageMain } from "../../pipeline/stage.ts";
import { heatMap } from "../charts/heat_map.ts";
import { writeJson } from "../formats/json_text.ts";
import { encodeNpy } from "../formats/npy.ts";
import { standardError, wilsonInterval } from "../statistics/binomial.ts";
import {
  chance,
  classAccuracies,
  confusionMatrix,
  type Predictions,
  topK,
} from "../statistics/classification.ts";
import { mean } from "../statistics/moments.ts";
import type { LinearParams } from "./definition.ts";
import { evaluateMember, type MemberEvaluation } from "./evaluate_member.ts";
import { type EvaluationInput, readEvaluationInput, readMember } from "./evaluation_input.ts";
import {
  PLANES,
  type Probe,
  type ResultFile,
  type ResultRow,
  summarize,
} from "../results/result_file.ts";

const main: StageMain<LinearParams> = async (ctx) => {
  const { params } = ctx;
  const input = await readEvaluationInput(ctx.input("features"), ctx.input("split"));
  const { classes } = input;
  const labels = Int32Array.from(input.test, (clip) => input.labels[clip]!);
  const rows: ResultRow[] = [];
  const details: Record<string, unknown> = {};
  const logits = new Float32Array(input.members.length * PLANES.length * labels.length * classes);
  const confusions = new Int32Array(input.members.length * PLANES.length * classes * classes);
  const epochs = params.epochs * input.members.length;

  for (const [m, member] of input.members.entries()) {
    const features = await readMember(ctx.input("features"), member, input);
    const data = { features, labels: input.labels, classes };
    const evaluation = await evaluateMember(data, input, params, {
      epoch: async (epoch) => {
        ctx.progress(m * params.epochs + epoch, epochs, "epochs");
        await ctx.breathe();
      },
    });
    warn(ctx, member, evaluation, params);
    const planes = [evaluation.last, evaluation.best, evaluation.converged];
    for (const [p, plane] of planes.entries()) {
      const at = m * PLANES.length + p;
      logits.set(plane, at * plane.length);
      confusions.set(confusionMatrix({ logits: plane, labels, classes }), at * classes ** 2);
    }
    rows.push(...memberRows(member, evaluation, labels, classes));
    details[member] = memberDetails(evaluation, input);
  }

  const title = params.title ?? input.source;
  const result: ResultFile = {
    format: "result/1",
    title,
    source: input.source,
    classes,
    protocol: input.protocol,
    train: input.trainClips,
    test: labels.length,
    chance: chance(labels),
    rows,
    summary: summarize(rows),
    features: input.stats,
    details: {
      members: details,
      planes: PLANES,
      folds: input.folds.map(({ name, train, test }) => ({
        name,
        train: train.length,
        test: test.length,
      })),
      nearest_neighbour: "cosine of features less their training mean",
    },
  };
  const out = ctx.output("result");
  const axes = [input.members.length, PLANES.length];
  await Deno.writeFile(
    `${out}/logits.npy`,
    encodeNpy(logits, [...axes, labels.length, classes]),
  );
  await Deno.writeFile(`${out}/confusion.npy`, encodeNpy(confusions, [...axes, classes, classes]));
  await Deno.writeFile(
    `${out}/test_clips.npy`,
    encodeNpy(Int32Array.from(input.test), [input.test.length]),
  );
  await Deno.writeFile(`${out}/test_labels.npy`, encodeNpy(labels, [labels.length]));
  const subjects = Int32Array.from(input.test, (clip) => input.subjects[clip]!);
  await Deno.writeFile(`${out}/test_subjects.npy`, encodeNpy(subjects, [subjects.length]));
  await Deno.writeTextFile(`${out}/confusion.svg`, confusionChart(title, confusions, input));
  await writeJson(`${out}/result.json`, result);
  stateMetrics(ctx, result);
  const twins = rows.map((row) => row.twins).filter((share) => share !== undefined);
  if (twins.length > 0) ctx.metric("nn1_twin", mean(twins));
};

export default main;

/** Things that a reader of the figures should know at once. */
function warn(
  ctx: StageContext<LinearParams>,
  member: string,
  { batches, evaluations, ridge }: MemberEvaluation,
  { batch, strengths }: LinearParams,
): void {
  const least = Math.min(...batches);
  if (least < batch) {
    ctx.log("info", `${member}: ${least} training clips are fewer than a batch of ${batch}`);
  }
  if (!Number.isFinite(evaluations.at(-1)!.loss)) {
    ctx.log("warn", `${member}: the released probe diverged (loss ${evaluations.at(-1)!.loss})`);
  }
  const ends = [Math.min(...strengths), Math.max(...strengths)];
  if (strengths.length > 1 && ridge.some((fold) => ends.includes(fold.strength))) {
    ctx.log("info", `${member}: the chosen ridge strength is at an end of the strengths tried`);
  }
}

function memberRows(
  member: string,
  evaluation: MemberEvaluation,
  labels: Int32Array,
  classes: number,
): ResultRow[] {
  const score = (probe: Probe, logits: Float32Array): ResultRow => {
    const predictions: Predictions = { logits, labels, classes };
    const [top1, top5] = [topK(predictions, 1), topK(predictions, 5)];
    return {
      probe,
      member,
      n: labels.length,
      top1_last: top1,
      top5_last: top5,
      standard_error: standardError(top1, labels.length),
      standard_error_top5: standardError(top5, labels.length),
      interval: wilsonInterval(top1, labels.length),
      per_class: classAccuracies(confusionMatrix(predictions), classes),
    };
  };
  const best = score("linear", evaluation.best);
  const rows: ResultRow[] = [
    {
      ...score("linear", evaluation.last),
      top1_best: best.top1_last,
      top5_best: best.top5_last,
      standard_error_best: best.standard_error,
      best_epoch: evaluation.bestEpoch,
    },
    score("linear_converged", evaluation.converged),
  ];
  if (evaluation.nearest !== undefined) {
    const { twins } = evaluation;
    const share = (count: number) => 100 * count / labels.length;
    rows.push({
      ...score("nn1", evaluation.nearest),
      ...(twins === undefined
        ? {}
        : { twins: share(twins.twins), twins_possible: share(twins.possible) }),
    });
  }
  return rows;
}

function memberDetails({ evaluations, batches, ridge }: MemberEvaluation, input: EvaluationInput) {
  return {
    linear: {
      batches,
      evaluations: evaluations.map(({ epoch, loss, top1, top5 }) => ({
        epoch,
        loss: Number.isFinite(loss) ? loss : null,
        top1,
        top5,
      })),
    },
    linear_converged: input.folds.map((fold, f) => ({ fold: fold.name, ...ridge[f]! })),
  };
}

/** The converged probe's confusion, summed over the members, as shares of each true class. */
function confusionChart(title: string, confusions: Int32Array, input: EvaluationInput): string {
  const { classes, members } = input;
  const shares = new Float64Array(classes * classes);
  for (let m = 0; m < members.length; m++) {
    const at = (m * PLANES.length + PLANES.indexOf("linear_converged")) * classes ** 2;
    for (let i = 0; i < shares.length; i++) shares[i]! += confusions[at + i]!;
  }
  for (let c = 0; c < classes; c++) {
    const row = shares.subarray(c * classes, (c + 1) * classes);
    const total = row.reduce((sum, count) => sum + count, 0);
    for (let i = 0; i < classes; i++) row[i] = row[i]! / total;
  }
  // Numbers from 1, as data sets count their actions, keep long names apart that have to be cut.
  const names = Array.from({ length: classes }, (_, c) => {
    const name = input.classNames?.[c];
    return name === undefined ? String(c + 1) : `${c + 1} ${name}`;
  });
  const diagonal = Array.from({ length: classes }, (_, c) => shares[c * classes + c]!)
    .filter((share) => Number.isFinite(share));
  return heatMap({
    title: `${title}: confusion of the converged linear probe`,
    description: `Shares of each true class that were predicted as each class, on ` +
      `${input.test.length} test clips of the ${input.protocol} split; on average over classes ` +
      `${(100 * mean(diagonal)).toFixed(1)} % are right.`,
    rowLabel: "true class",
    columnLabel: "predicted class",
    rows: names,
    columns: names,
    values: shares,
    legend: "of the true class's test clips",
  });
}

/** Means over the members. */
function stateMetrics(ctx: StageContext<LinearParams>, { summary, features, test }: ResultFile) {
  const { linear, linear_converged, nn1 } = summary;
  const converged = linear_converged!.top1_last!.mean;
  ctx.metric("top1_converged", converged);
  ctx.metric("se_converged", standardError(converged, test));
  ctx.metric("top5_converged", linear_converged!.top5_last!.mean);
  ctx.metric("top1", linear!.top1_last!.mean);
  ctx.metric("top1_best", linear!.top1_best!.mean);
  ctx.metric("top5", linear!.top5_last!.mean);
  if (nn1 !== undefined) ctx.metric("nn1", nn1.top1_last!.mean);
  for (const [metric, stat] of [["feature_std", "std"], ["effective_rank", "effective_rank"]]) {
    const values = Object.values(features).map((stats) => stats[stat!]).filter((value) =>
      value !== undefined
    );
    if (values.length > 0) ctx.metric(metric!, mean(values));
  }
}
