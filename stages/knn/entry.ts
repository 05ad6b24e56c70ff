/**
 * Runs the `knn` stage: for each member and fold, test clips in chunks against the whole bank.
 *
 * @module
 */
import type { StageContext, StageMain } from "../../pipeline/stage.ts";
import { readJson } from "../formats/json_text.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import {
  type EvaluationInput,
  readEvaluationInput,
  readMember,
} from "../linear_eval/evaluation_input.ts";
import { foldSizes, resultHead } from "../linear_eval/result_head.ts";
import type { RowMatrix } from "../metrics/row_matrix.ts";
import { type Answers, writeResult } from "../results/result_writer.ts";
import type { SplitFold } from "../split/split_file.ts";
import { mean } from "../statistics/moments.ts";
import { type KnnParams, knnProblems } from "./definition.ts";
import { readProgress, type SearchState, writeProgress } from "./progress.ts";
import { Bank, type Neighbours } from "./neighbours.ts";
import { columnMeans, unitRows } from "./unit_rows.ts";
import { fillVotes, type Voting } from "./votes.ts";

/** Test clips between two breaths. */
const CHUNK = 512;

/** Chunks between checkpoints: a minute or so with a bank of 40,000. */
const CHECKPOINT_EVERY = 64;

const main: StageMain<KnnParams> = async (ctx) => {
  const { params } = ctx;
  const input = await readEvaluationInput(ctx.input("features"), ctx.input("split"));
  requireNeighbours(params, input.folds);
  await tellOfCompat(ctx);
  const voting: Voting = {
    weights: params.compat ? "similarity" : params.weights,
    temperature: params.temperature,
  };
  const centre = params.centre && !params.compat;

  const { test, members, classes } = input;
  const size = params.k.length * test.length * classes;
  const folder = ctx.resume();
  const state: SearchState = folder === undefined
    ? {
      done: 0,
      votes: new Float32Array(members.length * size),
      twins: members.map(() => params.k.map(() => 0)),
    }
    : await readProgress(folder);
  if (state.done > 0) ctx.log("info", `goes on after ${state.done} test clips`);
  const total = members.length * test.length;
  const position = new Map(test.map((clip, i) => [clip, i]));
  let chunks = 0, before = 0;
  for (const [m, member] of members.entries()) {
    let features: RowMatrix | undefined;
    for (const fold of input.folds) {
      const done = Math.min(fold.test.length, Math.max(0, state.done - before));
      before += fold.test.length;
      if (done === fold.test.length) continue;
      features ??= await readMember(ctx.input("features"), member, input);
      const means = centre ? columnMeans(features, fold.train) : undefined;
      const labels = fold.train.map((clip) => input.labels[clip]!);
      const bank = new Bank(unitRows(features, fold.train, means), labels);
      for (let from = done; from < fold.test.length; from += CHUNK) {
        const queries = fold.test.slice(from, from + CHUNK);
        const found = bank.nearest(unitRows(features, queries, means), Math.max(...params.k));
        const votes = state.votes.subarray(m * size, (m + 1) * size);
        const rows = queries.map((clip) => position.get(clip)!);
        vote(found, labels, params.k, voting, classes, rows, votes);
        countTwins(found, input, fold.train, queries, params.k, state.twins[m]!);
        state.done += queries.length;
        ctx.progress(state.done, total, "clips");
        await ctx.breathe();
        const saves = ctx.stopping || ++chunks % CHECKPOINT_EVERY === 0;
        if (state.done < total && saves) {
          await ctx.checkpoint((into) => writeProgress(into, state));
          if (ctx.stopping) ctx.stopped();
        }
      }
    }
  }
  await report(ctx, input, state, { ...voting, centre });
};

export default main;

/** No fold may have fewer training clips than neighbours are asked for. */
function requireNeighbours(params: KnnParams, folds: readonly SplitFold[]): void {
  for (const { name, train } of folds) {
    const [problem] = knnProblems(params, { split: { train: train.length } });
    if (problem === undefined) continue;
    const where = folds.length > 1 ? ` (fold ${name})` : "";
    throw new UnusableInput(
      `${["params", ...problem.path].join(".")}: ${problem.message}${where}`,
    );
  }
}

/** The released kNN is two halves, one in `encode` and one here. */
async function tellOfCompat(ctx: StageContext<KnnParams>): Promise<void> {
  const { compat = false } = await readJson<{ compat?: boolean }>(
    `${ctx.input("features")}/features.json`,
  );
  if (ctx.params.compat && !compat) {
    ctx.log(
      "warn",
      "compat: the votes are the released ones, but the features are not: encode them " +
        "with features: predictor and compat: true",
    );
  } else if (compat && !ctx.params.compat) {
    ctx.log(
      "warn",
      "the features are those of the released kNN, but the votes are not: set compat",
    );
  }
}

/** Fills the rows of a chunk's test clips in `votes` (k, test, classes). */
function vote(
  { rows, cosines, classes: order }: Neighbours,
  labels: readonly number[],
  ks: readonly number[],
  voting: Voting,
  classes: number,
  positions: readonly number[],
  votes: Float32Array,
): void {
  const plane = votes.length / ks.length;
  const [most, present] = [rows.length, order.length].map((all) => all / positions.length);
  for (const [q, position] of positions.entries()) {
    const near = rows.subarray(q * most!, (q + 1) * most!);
    const voters = {
      labels: Array.from(near, (row) => labels[row]!),
      cosines: cosines.subarray(q * most!, (q + 1) * most!),
      order: order.subarray(q * present!, (q + 1) * present!),
    };
    ks.forEach((k, i) => {
      const at = i * plane + position * classes;
      fillVotes(voters, k, voting, votes.subarray(at, at + classes));
    });
  }
}

/** Adds to `counts`, for each k, how many neighbours are their test clip's own performance. */
function countTwins(
  { rows }: Neighbours,
  { performances }: EvaluationInput,
  train: readonly number[],
  queries: readonly number[],
  ks: readonly number[],
  counts: number[],
): void {
  if (performances === undefined) return;
  const most = rows.length / queries.length;
  for (const [q, clip] of queries.entries()) {
    for (let i = 0; i < most; i++) {
      if (performances[train[rows[q * most + i]!]!] !== performances[clip]) continue;
      ks.forEach((k, at) => i < k && counts[at]!++);
    }
  }
}

/** Test clips whose performance is in their fold's training, in percent. */
function twinsPossible({ performances, folds, test }: EvaluationInput): number {
  let possible = 0;
  for (const fold of folds) {
    const trained = new Set(fold.train.map((clip) => performances![clip]));
    for (const clip of fold.test) if (trained.has(performances![clip])) possible++;
  }
  return 100 * possible / test.length;
}

async function report(
  ctx: StageContext<KnnParams>,
  input: EvaluationInput,
  { votes, twins }: SearchState,
  { weights, temperature, centre }: Voting & { readonly centre: boolean },
): Promise<void> {
  const { params } = ctx;
  const { members, classes, test } = input;
  const plane = test.length * classes;
  const known = input.performances !== undefined;
  const possible = known ? twinsPossible(input) : 0;
  const share = (m: number, i: number) => 100 * twins[m]![i]! / (test.length * params.k[i]!);
  const answers = members.flatMap((member, m) =>
    params.k.map((k, i): Answers => {
      const at = (m * params.k.length + i) * plane;
      const extras = { twins: share(m, i), twins_possible: possible };
      return {
        probe: `knn${k}`,
        member,
        last: votes.slice(at, at + plane),
        ...(known && k === 1 ? { extras } : {}),
      };
    })
  );
  const result = await writeResult(ctx.output("result"), {
    ...(await resultHead(ctx.input("features"), params.title, input)),
    answers,
    details: {
      k: params.k,
      centre,
      weights,
      temperature: weights === "similarity" ? temperature : null,
      compat: params.compat,
      ties: "of equal cosines the earlier training clip; of equal votes the class whose nearest " +
        "training clip is nearer",
      folds: foldSizes(input),
      twin_neighbours: known
        ? Object.fromEntries(members.map((member, m) => [
          member,
          Object.fromEntries(params.k.map((k, i) => [`knn${k}`, share(m, i)])),
        ]))
        : null,
      twins_possible: known ? possible : null,
    },
  });
  for (const [i, k] of params.k.entries()) {
    ctx.metric(`knn${k}`, result.summary[`knn${k}`]!.top1_last!.mean);
    if (known) ctx.metric(`knn${k}_twin`, mean(members.map((_, m) => share(m, i))));
  }
}
