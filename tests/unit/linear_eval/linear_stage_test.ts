import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { writeJson } from "../../../stages/formats/json_text.ts";
import { readNpy } from "../../../stages/formats/npy.ts";
import { linearEval, type LinearParams } from "../../../stages/linear_eval/definition.ts";
import runLinear from "../../../stages/linear_eval/entry.ts";
import type { ResultFile } from "../../../stages/results/result_file.ts";
import { readResult } from "../../../stages/results/result_reader.ts";
import { answersOf } from "../../../stages/table/answers.ts";
import { table, type TableParams } from "../../../stages/table/definition.ts";
import runTable from "../../../stages/table/entry.ts";
import { FakeContext, treeOf } from "../pretrain/fake_context.ts";
import { withFolder } from "../results/with_folder.ts";
import { writeFeatureFiles } from "./feature_files.ts";
import { range } from "./made_up_features.ts";

const CLIPS = 60, DIM = 5, CLASSES = 3;
const TWO_FOLDS = [
  { name: "a", train: range(0, 40), test: range(40, 50) },
  { name: "b", train: range(0, 50).filter((i) => i % 5 > 0), test: range(50, 60) },
];

/** Writes features of two members (one readable, one noise) and a split, and runs the stage. */
async function evaluate(
  home: string,
  options: {
    folds?: unknown;
    clips?: number;
    broken?: boolean;
    params?: object;
    columns?: Readonly<Record<string, (clip: number) => number>>;
  } = {},
) {
  const stats = { mean: 0.1, std: 0.5, effective_rank: 3 };
  const inputs = await writeFeatureFiles(home, {
    clips: CLIPS,
    dim: DIM,
    classes: CLASSES,
    distance: 6,
    change: (member, values) => {
      if (options.broken && member === "noise") values[17 * DIM + 2] = NaN;
    },
    about: { stats: { clear: stats, noise: { ...stats, std: 1.5 } } },
    columns: { subjects: (i) => 1 + (i % 4), ...options.columns },
    split: {
      clips: options.clips ?? CLIPS,
      pretrain: range(0, 40),
      folds: options.folds ?? TWO_FOLDS,
    },
  });
  const params = linearEval.params.parse({
    seed: 1,
    epochs: 12,
    ...options.params,
  }) as LinearParams;
  const ctx = await FakeContext.begin({
    params,
    home: `${home}/linear`,
    inputs,
    outputs: ["result"],
  });
  await runLinear(ctx);
  return ctx;
}

Deno.test("the linear stage pools the folds, keeps members apart and states their mean", () =>
  withFolder(async (home) => {
    const ctx = await evaluate(home);
    const folder = ctx.output("result");
    const result: ResultFile = JSON.parse(await Deno.readTextFile(`${folder}/result.json`));
    assertEquals([result.test, result.train, result.classes], [20, 48, CLASSES]);
    assertEquals(result.rows.map(({ probe, member }) => `${member} ${probe}`), [
      ...["clear linear", "clear linear_converged", "clear nn1"],
      ...["noise linear", "noise linear_converged", "noise nn1"],
    ]);
    const [clear, clearConverged, , noise, noiseConverged] = result.rows;
    assertEquals([clear!.top1_last, clear!.top1_best, clearConverged!.top1_last], [100, 100, 100]);
    assert(noise!.top1_last < 80 && noise!.top1_best! >= noise!.top1_last);
    assertAlmostEquals(result.summary.linear!.top1_last!.mean, (100 + noise!.top1_last) / 2, 1e-9);
    assertAlmostEquals(
      ctx.metrics.get("top1_converged")!,
      (100 + noiseConverged!.top1_last) / 2,
      1e-9,
    );
    assertEquals(ctx.metrics.get("feature_std"), 1);
    assertEquals(ctx.progressed.at(-1), [24, 24, "epochs"]);

    const confusion = await readNpy(`${folder}/confusion.npy`, "i4", 3);
    assertEquals(confusion.shape, [8, CLASSES, CLASSES]);
    assertEquals(result.planes.slice(0, 4).map(({ probe, at }) => `${probe} ${at}`), [
      "linear last",
      "linear best",
      "linear_converged last",
      "nn1 last",
    ]);
    assertEquals(confusion.data.slice(0, 9).reduce((sum, count) => sum + count), 20);
    const logits = await readNpy(`${folder}/logits.npy`, "f4", 3);
    assertEquals(logits.shape, [8, 20, CLASSES]);
    const tested = await readNpy(`${folder}/test_clips.npy`, "i4", 1);
    tested.data.forEach((clip, i) => {
      const row = logits.data.subarray(i * CLASSES, (i + 1) * CLASSES);
      assertEquals(row.indexOf(Math.max(...row)), clip % CLASSES, "the readable member is right");
    });
  }));

Deno.test("the nearest neighbour's share of twins is stated where performances are known", () =>
  withFolder(async (home) => {
    // Clips 0 to 29 from camera 1, 30 to 59 from camera 2, each of the latter a twin of i - 30.
    const columns = {
      subjects: (clip: number) => clip % 30,
      cameras: (clip: number) => 1 + Math.floor(clip / 30),
      setups: () => 0,
      replications: () => 1,
    };
    const folds = [{ name: "views", train: range(6, 30), test: range(30, 60) }];
    const ctx = await evaluate(home, { columns, folds });
    const path = `${ctx.output("result")}/result.json`;
    const { rows }: ResultFile = JSON.parse(await Deno.readTextFile(path));
    const nearest = rows.filter(({ probe }) => probe === "nn1");
    assertEquals(nearest.map((row) => row.twins_possible), [80, 80]);
    const shares = nearest.map((row) => row.twins!);
    assert(shares.every((share) => share >= 0 && share <= 80 && Number.isInteger(share * 0.3)));
    assertAlmostEquals(ctx.metrics.get("nn1_twin")!, (shares[0]! + shares[1]!) / 2, 1e-9);
    const without = await evaluate(`${home}/without`);
    assertEquals(without.metrics.get("nn1_twin"), undefined);
  }));

Deno.test("the linear stage gives the same bytes twice", () =>
  withFolder(async (home) => {
    const first = await treeOf((await evaluate(`${home}/1`)).output("result"));
    const second = await treeOf((await evaluate(`${home}/2`)).output("result"));
    assertEquals(first, second);
    assertEquals(Object.keys(first).sort(), [
      "confusion.npy",
      "confusion.svg",
      "logits.npy",
      "result.json",
      "test_clips.npy",
      "test_labels.npy",
      "test_subjects.npy",
    ]);
  }));

Deno.test("the linear stage says what is wrong with its inputs", () =>
  withFolder(async (home) => {
    const fold = { name: "x", train: [0, 1, 2, 3], test: [4, 5] };
    const cases: [Parameters<typeof evaluate>[1] & object, string][] = [
      [{ clips: 59 }, "the split is of 59 clips, found 60: both inputs must come"],
      [{ folds: [] }, "no fold"],
      [{ folds: [{ ...fold, test: [] }] }, "fold x has no test clips"],
      [{ folds: [{ ...fold, test: [60] }] }, "no clip 60 among the 60"],
      [{ folds: [{ ...fold, test: [3] }] }, "clip3 both trains and tests"],
      [{ folds: [fold, { ...fold, name: "y" }] }, "clip4 is tested in folds x and y"],
      [{ broken: true }, "noise.npy: feature 2 of clip clip17 is NaN"],
    ];
    for (const [options, message] of cases) {
      await assertRejects(() => evaluate(home, options), Error, message);
    }
  }));

Deno.test("the table stage writes its four files from results and a training log", () =>
  withFolder(async (home) => {
    const result = (await evaluate(home)).output("result");
    const log = `${home}/log`;
    await Deno.mkdir(log);
    await writeJson(`${log}/summary.json`, {
      steps: 12,
      batch: 16,
      steps_per_epoch: 5,
      last: { loss_z: 2, chance_z: 3 },
    });
    const rows = [{ input: "encoder", title: "encoder" }, { input: "raw", control: true }];
    const params = table.params.parse({ rows }) as TableParams;
    const ctx = await FakeContext.begin({
      params,
      home: `${home}/table`,
      inputs: { encoder: result, raw: result, training: log },
      outputs: ["table"],
    });
    await runTable(ctx);
    const files = await treeOf(ctx.output("table"));
    assertEquals(Object.keys(files).sort(), ["table.csv", "table.json", "table.md", "table.svg"]);
    const json = JSON.parse(await Deno.readTextFile(`${ctx.output("table")}/table.json`));
    assertEquals(json.rows.map((row: { title: string }) => row.title), ["encoder", "made up"]);
    assertEquals([json.training.clips_seen, json.training.passes], [192, 2.4]);
    assertEquals(["gain", "over_raw", "over_raw_low"].map((name) => ctx.metrics.get(name)), [
      0,
      0,
      0,
    ]);
    assertEquals([json.gains[0].by, json.gains[0].units], ["clip", 20]);
    const { right } = answersOf(await readResult(result)).linear_converged!;
    const share = right.reduce((sum, one) => sum + one) / right.length;
    assertAlmostEquals(100 * share, json.rows[0].figures.converged.value, 1e-9);
    const said = ctx.logs.map(({ message }) => message.trim()).join(" ");
    assert(said.includes("not above 0: nothing has been learnt beyond it"), said);
  }));
