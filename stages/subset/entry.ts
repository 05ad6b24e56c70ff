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
import { ruleOf, type SubsetParams } from "./definition.ts";
import {
  type Amount,
  byClass,
  type ClassClips,
  drawSubset,
  keptOf,
  ownDraw,
  releasedDraw,
} from "./draw_subset.ts";

/** Writes the output `subset` from the labels and names of the input `clips`; frames are not read. */
export default async function subset(ctx: StageContext<SubsetParams>): Promise<void> {
  const folder = ctx.input("clips");
  const { fraction, per_class, draw, seed } = ctx.params;
  const amount: Amount = per_class === undefined
    ? { fraction: fraction! }
    : { perClass: per_class };
  const rule = ruleOf(ctx.params);
  const meta = await readJson<Pick<ClipsMeta, "class_names">>(`${folder}/meta.json`);
  const labels = (await readNpy(`${folder}/labels.npy`, "i4", 1)).data;
  const names = await readNpyStrings(`${folder}/names.npy`);
  const split = await readSplit(ctx.input("split"), names);
  const wordFor = classWords(meta.class_names);

  const folds = split.folds.map((fold, f): SplitFold => {
    const classes = byClass(fold.train, labels);
    requireEnough(fold, classes, amount, wordFor);
    const train = drawSubset(
      classes,
      amount,
      rule === "released" ? releasedDraw() : ownDraw(seed, draw, f),
    );
    requireAny(fold, train, classes, amount);
    warnOfEmpty(ctx, fold, classes, amount, wordFor);
    return { ...fold, train };
  });

  const out = ctx.output("subset");
  await writeJson(`${out}/split.json`, {
    ...split,
    folds,
    subset: {
      ...(per_class === undefined ? { fraction } : { per_class }),
      rule,
      draw: rule === "released" ? 0 : draw,
      clips_per_class: folds.map(({ train }) => countsOf(train, labels)),
    },
  });
  const kept = new Set(folds.flatMap(({ train }) => train));
  const list = Array.from(kept, (clip) => names[clip]!).sort(byCodeUnits);
  await Deno.writeTextFile(`${out}/names.txt`, list.map((name) => `${name}\n`).join(""));
  if (rule === "own" && ctx.params.rule === "released") {
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
      `${share * most} round to 0; ask for more than ${0.5 / most}, or for per_class: 1`,
  );
}

/** Classes that the classifier will know nothing of. */
function warnOfEmpty(
  ctx: StageContext<SubsetParams>,
  fold: SplitFold,
  classes: readonly ClassClips[],
  amount: Amount,
  wordFor: (label: number) => string,
): void {
  const empty = classes.filter((of) => keptOf(of, amount) === 0);
  if (empty.length === 0) return;
  ctx.log(
    "warn",
    `fold ${fold.name}: no clip is left of ${
      empty.map(({ label, clips }) => `${wordFor(label)}, which has ${clips.length}`).join("; ")
    }`,
  );
}
