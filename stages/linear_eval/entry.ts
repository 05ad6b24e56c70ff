/**
 * Runs the `linear_eval` stage: both probes on each member's features; accuracies, logits and confusion
 * matrices out.
 *
 * @module
 */
import type { StageContext, StageMain } from "../../pipeline/stage.ts";
import type { ResultFile } from "../results/result_file.ts";
import { type Answers, writeResult } from "../results/result_writer.ts";
import { standardError } from "../statistics/binomial.ts";
import { mean } from "../statistics/moments.ts";
import type { LinearParams } from "./definition.ts";
import { evaluateMember, type MemberEvaluation } from "./evaluate_member.ts";
import { type EvaluationInput, readEvaluationInput, readMember } from "./evaluation_input.ts";
import { foldSizes, resultHead } from "./result_head.ts";

const main: StageMain<LinearParams> = async (ctx) => {
  const { params } = ctx;
  const input = await readEvaluationInput(ctx.input("features"), ctx.input("split"));
  const { classes } = input;
  const answers: Answers[] = [];
  const details: Record<string, unknown> = {};
  let clipsPerEpoch: readonly number[] = [];
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
    answers.push(...memberAnswers(member, evaluation, input.test.length));
    details[member] = memberDetails(evaluation, input);
    clipsPerEpoch = input.folds.map(({ train }, f) => {
      const batch = evaluation.batches[f]!;
      return batch * Math.floor(train.length / batch);
    });
  }

  const result = await writeResult(ctx.output("result"), {
    ...(await resultHead(ctx.input("features"), params.title, input)),
    clipsPerEpoch,
    answers,
    chart: "linear_converged",
    details: {
      members: details,
      folds: foldSizes(input),
      nearest_neighbour: "cosine of features less their training mean",
    },
  });
  stateMetrics(ctx, result);
  const twins = result.rows.map((row) => row.twins).filter((share) => share !== undefined);
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

function memberAnswers(
  member: string,
  { last, best, bestEpoch, converged, nearest, twins }: MemberEvaluation,
  test: number,
): Answers[] {
  const share = (count: number) => 100 * count / test;
  const extras = twins === undefined
    ? {}
    : { extras: { twins: share(twins.twins), twins_possible: share(twins.possible) } };
  return [
    { probe: "linear", member, last, best: { logits: best, epoch: bestEpoch } },
    { probe: "linear_converged", member, last: converged },
    ...(nearest === undefined ? [] : [{ probe: "nn1", member, last: nearest, ...extras }]),
  ];
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
