/**
 * Runs the `ensemble` stage.
 *
 * @module
 */
import type { StageContext, StageMain } from "../../pipeline/stage.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import type { EncoderOrigin, Moment } from "../results/result_file.ts";
import { readResult } from "../results/result_reader.ts";
import { type Answers, writeResult } from "../results/result_writer.ts";
import { type EnsembleParams, ensembleProblems } from "./definition.ts";
import { gainOverBest, percent, shareRight, singleStreams } from "./gain.ts";
import {
  bestEpoch,
  logitsOf,
  type Member,
  pairMembers,
  requireSameTest,
  type Stream,
  weightedSum,
} from "./members.ts";
import { findStreams, streamLabels } from "./streams.ts";

const PROBE = "ensemble";

/** A weighting under the name of its probe. */
interface Weighting {
  readonly probe: string;
  /** In the streams' order. */
  readonly weights: readonly number[];
}

const main: StageMain<EnsembleParams> = async (ctx) => {
  const { params } = ctx;
  const streams = await readStreams(ctx);
  requireSameTest(streams);
  const members = pairMembers(streams, params.probe);
  const withBest = members.every(({ parts }) =>
    parts.every((part) => logitsOf(part, params.probe, "best") !== undefined)
  );
  if (params.epoch === "best" && !withBest) {
    throw new UnusableInput(
      `params.epoch: expected last, found best: ${params.probe} has no answers at a best epoch ` +
        "in all streams",
    );
  }
  const weightings = weightingsOf(params, streams);
  const answers = weightings.flatMap(({ probe, weights }) =>
    members.map((member): Answers => ({
      probe,
      member: member.name,
      last: summed(member, params.probe, "last", weights),
      ...(withBest
        ? {
          best: {
            logits: summed(member, params.probe, "best", weights),
            epoch: Math.max(...member.parts.map((part) => bestEpoch(part, params.probe) ?? 0)),
          },
        }
        : {}),
    }))
  );

  const { file, test } = streams[0]!.cells[0]!.result;
  const at = params.epoch;
  const questions = { labels: test.labels, classes: file.classes };
  const singles = singleStreams(
    labelsOf(streams),
    members,
    params.probe,
    questions,
    at,
    withBest,
  );
  const whole = shareRight(
    answers.filter(({ probe }) => probe === PROBE).map(({ last, best }) =>
      at === "best" ? best!.logits : last
    ),
    questions,
  );
  const gain = gainOverBest(whole, singles, test.subjects);
  const [{ weights }] = weightings as [Weighting];
  const formula = singles.map(({ name }, s) => `${weights[s]} ${name}`).join(" + ");
  const varied = [
    ...new Set(streams.flatMap(({ cells }) => cells.flatMap(({ result }) => result.file.varied))),
  ];
  const encoder = encoderOf(streams);
  const result = await writeResult(ctx.output("result"), {
    title: params.title ?? `ensemble of ${singles.map(({ name }) => name).join(", ")}`,
    source: file.source,
    protocol: file.protocol,
    classes: file.classes,
    ...(file.class_names === undefined ? {} : { classNames: file.class_names }),
    test,
    ...(file.data === undefined ? {} : { data: file.data }),
    ...(encoder === undefined ? {} : { encoder }),
    ...(file.mutual === undefined ? {} : { mutual: file.mutual }),
    train: file.train,
    ...(file.clips_per_epoch === undefined ? {} : { clipsPerEpoch: file.clips_per_epoch }),
    varied: varied.length === 0 && members.length > 1 ? ["initialisation"] : varied,
    answers,
    chart: PROBE,
    details: {
      probe: params.probe,
      weights: Object.fromEntries(singles.map(({ name }, s) => [name, weights[s]])),
      weightings: Object.fromEntries(weightings.map(({ probe, weights }) => [
        probe,
        Object.fromEntries(singles.map(({ name }, s) => [name, weights[s]])),
      ])),
      weights_chosen: "in the experiment file, not on the test set",
      streams: Object.fromEntries(singles.map(({ name, top1_last, top1_best, best_epochs }) => [
        name,
        { top1_last, top1_best: top1_best ?? null, best_epochs: best_epochs ?? null },
      ])),
      gain: {
        ...gain,
        of: at === "best"
          ? "each stream's epoch that is best on the test set: chosen on the test set"
          : "last epochs",
        single_stream: "the one that is best on the test set",
      },
      members: members.map(({ name, parts }) => ({
        name,
        parts: parts.map(({ input, member }) => ({ input, member })),
      })),
    },
  });
  const { top1_last, top1_best, top5_last } = result.summary[PROBE]!;
  ctx.metric("top1", top1_last!.mean);
  if (top1_best !== undefined) ctx.metric("top1_best", top1_best.mean);
  ctx.metric("top5", top5_last!.mean);
  ctx.metric("gain", gain.difference);
  for (const { name, top1_last } of singles) ctx.metric(`top1_${name}`, top1_last);
  const figure = (value: number) => value.toFixed(1);
  ctx.log(
    "info",
    singles.map(({ name, right }) => `${name} ${figure(percent(right))} %`).join(", ") +
      `; ${formula} ${figure(percent(whole))} % (${
        at === "best" ? "best epochs, chosen on the test set" : "last epochs"
      })`,
  );
  const [low, high] = gain.interval;
  ctx.log(
    "info",
    `${figure(gain.difference)} points over ${gain.over}, the best single stream on the test ` +
      `set; 95 % interval ${figure(low)} to ${figure(high)}, paired bootstrap over ` +
      `${gain.units} ${gain.by}s`,
  );
};

export default main;

/** Opens the results; the rules of the plan hold for them. */
async function readStreams(ctx: StageContext<EnsembleParams>): Promise<readonly Stream[]> {
  const given = Object.fromEntries(ctx.inputNames.map((name) => [name, undefined]));
  const [problem] = ensembleProblems(ctx.params, given);
  if (problem !== undefined) {
    throw new UnusableInput(`${["params", ...problem.path].join(".")}: ${problem.message}`);
  }
  const streams: Stream[] = [];
  for (
    const [name, inputs] of findStreams(Object.keys(ctx.params.weights), ctx.inputNames).inputs
  ) {
    const cells = [];
    for (const found of inputs) {
      cells.push({ ...found, result: await readResult(ctx.input(found.input)) });
    }
    streams.push({ name, cells });
  }
  return streams;
}

/** The weighting of the parameters, then the others; one that is there already is left out. */
function weightingsOf(
  { weights, also }: EnsembleParams,
  streams: readonly Stream[],
): readonly Weighting[] {
  const names = streams.map(({ name }) => name);
  const inOrder = (of: Readonly<Record<string, number>>) => names.map((name) => of[name]!);
  const alike = Object.fromEntries(names.map((name) => [name, 0.5]));
  const found: Weighting[] = [{ probe: PROBE, weights: inOrder(weights) }];
  for (const other of also ?? [alike]) {
    const own = inOrder(other);
    if (found.some((one) => one.weights.join() === own.join())) continue;
    const label = labelsOf(streams).map((name, i) => `${name}_${own[i]}`).join("_");
    found.push({ probe: `${PROBE}_${label}`, weights: own });
  }
  return found;
}

function labelsOf(streams: readonly Stream[]): readonly string[] {
  return streamLabels(streams.map(({ name }) => name));
}

function summed(
  { parts }: Member,
  probe: string,
  at: Moment,
  weights: readonly number[],
): Float32Array<ArrayBuffer> {
  return weightedSum(parts.map((part) => logitsOf(part, probe, at)!), weights);
}

/**
 * The encoders behind all streams as one: that of the stream that was trained least, each pre-training
 * of the ensemble being one of every stream.
 */
function encoderOf(streams: readonly Stream[]): EncoderOrigin | undefined {
  const all = streams.map(({ cells }) => cells.map(({ result }) => result.file.encoder));
  const known = all.flat().filter((encoder) => encoder !== undefined);
  const [first] = known;
  if (first === undefined || known.length < all.flat().length) return undefined;
  const least = known.reduce((a, b) => b.trained.steps < a.trained.steps ? b : a);
  const weights = all.map((cells) => cells.flatMap((encoder) => encoder!.weights));
  const count = Math.min(...weights.map((each) => each.length));
  const joined = Array.from(
    { length: count },
    (_, i) => weights.map((each) => each[i]!).join("+"),
  );
  return {
    ...least,
    stream: labelsOf(streams).join("+"),
    weights: joined,
  };
}
