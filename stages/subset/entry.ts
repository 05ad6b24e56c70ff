/**
 * Runs the stage `subset`.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import type { ClipsMeta } from "../clips/clip_store.ts";
import { readJson, writeJson } from "../formats/json_text.ts";
import { readNpy, readNpyStrings } from "../formats/npy.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import { readSplit, type SplitFold } from "../split/split_file.ts";
import { ruleOf, type SubsetParams, subsetProblems } from "./definition.ts";
import {
  type Amount,
  byClass,
  type ClassClips,
  drawSubset,
  ownDraw,
  releasedDraw,
} from "./draw_subset.ts";
import { listedClips, readNames } from "./listed_names.ts";

/** Writes the output `subset` from the labels and names of the input `clips`; frames are not read. */
export default async function subset(ctx: StageContext<SubsetParams>): Promise<void> {
  const folder = ctx.input("clips");
  requireRules(ctx);
  const meta = await readJson<Pick<ClipsMeta, "class_names">>(`${folder}/meta.json`);
  const labels = (await readNpy(`${folder}/labels.npy`, "i4", 1)).data;
  const names = await readNpyStrings(`${folder}/names.npy`);
  const split = await readSplit(ctx.input("split"), names);
  const wordFor = classWords(meta.class_names);

  const { keep, ...about } = ctx.inputNames.includes("names")
    ? await listed(ctx, names, split.folds)
    : drawn(ctx.params, wordFor);
  const folds = split.folds.map((fold, f): SplitFold => {
    const classes = byClass(fold.train, labels);
    const train = keep(fold, f, classes);
    warnOfEmpty(ctx, fold, classes, countsOf(train, labels), wordFor);
    return { ...fold, train };
  });

  const out = ctx.output("subset");
  await writeJson(`${out}/split.json`, {
    ...split,
    folds,
    subset: { ...about, clips_per_class: folds.map(({ train }) => countsOf(train, labels)) },
  });
  const kept = new Set(folds.flatMap(({ train }) => train));
  const list = Array.from(kept, (clip) => names[clip]!).sort(byCodeUnits);
  await Deno.writeTextFile(`${out}/names.txt`, list.map((name) => `${name}\n`).join(""));
  const { rule, draw } = ctx.params;
  if (rule === "released" && draw > 0) {
    ctx.log("info", `draw ${draw} is one of our own: the released rule has one alone`);
  }
  ctx.metric("clips", kept.size);
  ctx.facts("subset", {
    pretrain: split.pretrain.length,
    folds: folds.length,
    train: Math.min(...folds.map(({ train }) => train.length)),
    test: Math.min(...folds.map(({ test }) => test.length)),
  });
}

/** Chooses training clips of a fold, ascending. */
type Keep = (fold: SplitFold, at: number, classes: readonly ClassClips[]) => readonly number[];

/** How clips are kept, and what `split.json` says of it. */
interface Rule extends Readonly<Record<string, unknown>> {
  readonly keep: Keep;
}

/** An amount of each class. */
function drawn(params: SubsetParams, wordFor: (label: number) => string): Rule {
  const { fraction, per_class, draw, seed } = params;
  const amount: Amount = per_class === undefined
    ? { fraction: fraction! }
    : { perClass: per_class };
  const rule = ruleOf(params);
  return {
    keep: (fold, at, classes) => {
      requireEnough(fold, classes, amount, wordFor);
      const draws = rule === "released" ? releasedDraw() : ownDraw(seed, draw, at);
      const train = drawSubset(classes, amount, draws);
      requireAny(fold, train, classes, amount);
      return train;
    },
    ...(per_class === undefined ? { fraction } : { per_class }),
    rule,
    draw: rule === "released" ? 0 : draw,
  };
}

/** What a list names; in each fold, as far as it trains there. */
async function listed(
  ctx: StageContext<SubsetParams>,
  names: readonly string[],
  folds: readonly SplitFold[],
): Promise<Rule> {
  const kept = listedClips(await readNames(ctx.input("names")), names, folds);
  return {
    keep: ({ name, train }) => {
      const own = train.filter((clip) => kept.has(clip));
      if (own.length > 0) return own;
      throw new UnusableInput(`input names: no clip of the list trains in fold ${name}`);
    },
    rule: "listed",
  };
}

/** The rules of the plan, now that it is certain which inputs are given. */
function requireRules({ params, inputNames }: StageContext<SubsetParams>): void {
  const given = Object.fromEntries(inputNames.map((name) => [name, undefined]));
  const [problem] = subsetProblems(params, given);
  if (problem === undefined) return;
  throw new UnusableInput(`${["params", ...problem.path].join(".")}: ${problem.message}`);
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A class as errors and the log call it: numbered from 1, as data sets count their actions. */
function classWords(names: readonly string[]): (label: number) => string {
  return (label) => {
    const name = names[label];
    return `class ${label + 1}${name === undefined || name === "" ? "" : ` (${name})`}`;
  };
}

/** Clips by class, 0-based label to count. */
function countsOf(train: readonly number[], labels: ArrayLike<number>): Record<string, number> {
  return Object.fromEntries(
    byClass(train, labels).map(({ label, clips }) => [String(label), clips.length]),
  );
}

function requireEnough(
  fold: SplitFold,
  classes: readonly ClassClips[],
  amount: Amount,
  wordFor: (label: number) => string,
): void {
  if (!("perClass" in amount)) return;
  const few = classes.find(({ clips }) => clips.length < amount.perClass);
  if (few === undefined) return;
  throw new UnusableInput(
    `params.per_class: ${wordFor(few.label)} has ${few.clips.length} training clips in fold ` +
      `${fold.name}, expected at least ${amount.perClass}: ask for at most ${
        Math.min(...classes.map(({ clips }) => clips.length))
      } labels per class`,
  );
}

function requireAny(
  fold: SplitFold,
  train: readonly number[],
  classes: readonly ClassClips[],
  amount: Amount,
): void {
  if (train.length > 0) return;
  const most = Math.max(...classes.map(({ clips }) => clips.length));
  const share = "fraction" in amount ? amount.fraction : 0;
  throw new UnusableInput(
    `params.fraction: ${share} of the ${fold.train.length} training clips of fold ${fold.name} is ` +
      `nothing: the largest of its ${classes.length} classes has ${most} clips, of which ` +
      `${rounded(share * most)} round to 0; ask for more than ${rounded(0.5 / most)}, or for ` +
      "per_class: 1",
  );
}

/** A number as one would write it in a sentence. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** Classes that the classifier will know nothing of. */
function warnOfEmpty(
  ctx: StageContext<SubsetParams>,
  fold: SplitFold,
  classes: readonly ClassClips[],
  kept: Readonly<Record<string, number>>,
  wordFor: (label: number) => string,
): void {
  const empty = classes.filter(({ label }) => kept[label] === undefined);
  if (empty.length === 0) return;
  ctx.log(
    "warn",
    `fold ${fold.name}: no clip is left of ${
      empty.map(({ label, clips }) => `${wordFor(label)}, which has ${clips.length}`).join("; ")
    }`,
  );
}
