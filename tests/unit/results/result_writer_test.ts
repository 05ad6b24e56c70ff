import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { readNpy } from "../../../stages/formats/npy.ts";
import { UnusableInput } from "../../../stages/formats/unusable_input.ts";
import { readResult, type Result } from "../../../stages/results/result_reader.ts";
import { type ResultInput, writeResult } from "../../../stages/results/result_writer.ts";
import { assertWellFormed } from "../charts/well_formed.ts";
import { treeOf } from "../pretrain/fake_context.ts";
import { CLASSES, madeUpEncoder, madeUpInput, REAL } from "./made_up_answers.ts";
import { withFolder } from "./with_folder.ts";

async function written(folder: string, input: ResultInput): Promise<Result> {
  const stated = await writeResult(folder, input);
  const result = await readResult(folder);
  assertEquals(JSON.parse(JSON.stringify(stated)), result.file);
  return result;
}

/** Four clips of three classes, all known by hand; subjects 1 and 2. */
const SMALL: ResultInput = {
  title: "by hand",
  source: "nowhere",
  protocol: "xsub",
  classes: 3,
  test: {
    clips: Int32Array.of(1, 4, 6, 9),
    labels: Int32Array.of(0, 1, 2, 2),
    subjects: Int32Array.of(1, 1, 2, 2),
  },
  train: 5,
  clipsPerEpoch: [4],
  varied: [],
  answers: [{
    probe: "finetune",
    member: "encoder",
    last: Float32Array.of(2, 1, 0, 2, 1, 0, 0, 1, 2, 2, 1, 0),
    best: { logits: Float32Array.of(2, 1, 0, 0, 2, 1, 0, 1, 2, 2, 1, 0), epoch: 5 },
  }],
  details: { note: "x" },
};

Deno.test("a result by hand: top-1 last and best, classes, confusion, chance", () =>
  withFolder(async (folder) => {
    const { file, logits } = await written(folder, SMALL);
    const [row] = file.rows;
    assertEquals([row!.top1_last, row!.top1_best, row!.best_epoch, row!.n], [50, 75, 5, 4]);
    assertEquals([row!.top5_last, row!.top5_best], [100, 100], "five of three classes");
    assertEquals(row!.per_class, [100, 0, 50]);
    assertEquals([row!.standard_error, row!.standard_error_top5], [25, 0]);
    assertEquals([file.test, file.subjects, file.train, file.clips_per_epoch], [4, 2, 5, [4]]);
    assertAlmostEquals(file.chance.uniform, 100 / 3, 1e-9);
    assertEquals(file.planes.map(({ probe, at }) => [probe, at]), [
      ["finetune", "last"],
      ["finetune", "best"],
    ]);
    assertEquals(file.summary.finetune, {
      members: 1,
      n: 4,
      top1_last: { mean: 50 },
      top1_best: { mean: 75 },
      top5_last: { mean: 100 },
      top5_best: { mean: 100 },
    });
    assertEquals(logits("finetune", "encoder", "best"), SMALL.answers[0]!.best!.logits);
    assertEquals(logits("finetune", "other", "last"), undefined);
    const { shape, data } = await readNpy(`${folder}/confusion.npy`, "i4", 3);
    assertEquals([shape, [...data.slice(0, 9)]], [[2, 3, 3], [1, 0, 0, 1, 0, 0, 1, 0, 1]]);
    assertEquals(
      [row!.bootstrap.subjects, row!.bootstrap.few_subjects, row!.bootstrap.by_clip!.units],
      [2, true, 4],
    );
    assertEquals(row!.one_person, undefined, "nobody says which classes two people perform");
  }));

Deno.test("accuracy on classes of one person and of two is apart where a set has both", () =>
  withFolder(async (folder) => {
    const { file } = await written(folder, { ...SMALL, mutual: [2] });
    const [row] = file.rows;
    assertEquals(row!.one_person, { n: 2, top1_last: 50, top1_best: 100, top5_last: 100 });
    assertEquals(row!.mutual, { n: 2, top1_last: 50, top1_best: 50, top5_last: 100 });
    assertEquals(file.mutual, [2]);
    await Deno.mkdir(`${folder}/untested`);
    const labels = Int32Array.of(0, 1, 1, 0);
    const untested = await written(`${folder}/untested`, {
      ...SMALL,
      mutual: [2],
      test: { ...SMALL.test, labels },
    });
    assertEquals(untested.file.rows[0]!.mutual, undefined, "no clip of two people is tested");
  }));

Deno.test("members are kept apart and averaged, with their spread; where they come from is kept", () =>
  withFolder(async (folder) => {
    const encoder = madeUpEncoder(60, ["a", "b", "c"]);
    const { file, membersOf } = await written(
      folder,
      madeUpInput({ linear: [60, 62, 64], knn5: [50, 50, 50] }, {
        varied: ["initialisation"],
        encoder,
        data: { ...REAL, mutual: [8, 9] },
      }),
    );
    assertEquals(file.rows.map(({ probe, member }) => `${probe} ${member}`).slice(1, 4), [
      "linear seed1",
      "linear seed2",
      "knn5 seed0",
    ]);
    assertEquals(membersOf("knn5"), ["seed0", "seed1", "seed2"]);
    const values = file.rows.slice(0, 3).map(({ top1_last }) => top1_last);
    const { mean, spread } = file.summary.linear!.top1_last!;
    assertAlmostEquals(mean, (values[0]! + values[1]! + values[2]!) / 3, 1e-9);
    assertAlmostEquals(spread! ** 2, values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 2, 1e-9);
    assertEquals(file.summary.knn5!.top1_best, undefined);
    assertEquals([file.encoder, file.data?.dataset], [encoder, "nw_ucla"]);
    assertEquals(file.rows[0]!.mutual!.n, 48, "the data set's own classes of two people are used");
  }));

Deno.test("the same answers give the same bytes; the chart is of the probe that is named", () =>
  withFolder(async (folder) => {
    const input = madeUpInput({ linear: [60], linear_converged: [70] });
    const trees = [];
    for (const name of ["1", "2"]) {
      await Deno.mkdir(`${folder}/${name}`);
      await writeResult(`${folder}/${name}`, { ...input, chart: "linear_converged" });
      trees.push(await treeOf(`${folder}/${name}`));
    }
    assertEquals(trees[0], trees[1]);
    const svg = await Deno.readTextFile(`${folder}/1/confusion.svg`);
    assertWellFormed(svg);
    assert(svg.includes("made up: confusion (linear, converged)"), svg.slice(0, 400));
    assertEquals(Object.keys(trees[0]!).length, 7);
  }));

Deno.test("a diverged classifier scores nothing and is still written", () =>
  withFolder(async (folder) => {
    const input = madeUpInput({ finetune: [60] });
    const answers = [{ ...input.answers[0]!, last: input.answers[0]!.last.fill(NaN) }];
    const { file } = await written(folder, { ...input, answers });
    assertEquals([file.rows[0]!.top1_last, file.rows[0]!.top5_last], [0, 0]);
    assert(file.rows[0]!.top1_best! > 50);
  }));

Deno.test("answers that do not fit the test clips are refused", () =>
  withFolder(async (folder) => {
    const input = madeUpInput({ linear: [60] });
    const [answer] = input.answers;
    const cases: [Partial<ResultInput>, string][] = [
      [{ answers: [] }, "needs the answers"],
      [{ answers: [answer!, answer!] }, "two answers by linear of seed0"],
      [{ answers: [{ ...answer!, last: new Float32Array(7) }] }, "linear of seed0: 7 logits"],
      [{ chart: "knn1" }, "no answers by knn1"],
      [{ mutual: [CLASSES] }, "class 10 of two people"],
      [{ test: { ...input.test, labels: Int32Array.of(1) } }, "240 test clips, 1 labels"],
      [{ test: { ...input.test, clips: input.test.clips.toReversed() } }, "must ascend"],
    ];
    for (const [change, message] of cases) {
      await assertRejects(() => writeResult(folder, { ...input, ...change }), RangeError, message);
    }
  }));

Deno.test("a result of another format, or whose files disagree, is refused", () =>
  withFolder(async (folder) => {
    await writeResult(folder, SMALL);
    await Deno.copyFile(`${folder}/test_clips.npy`, `${folder}/kept.npy`);
    await writeResult(folder, madeUpInput({ linear: [60] }));
    await Deno.copyFile(`${folder}/kept.npy`, `${folder}/test_clips.npy`);
    await assertRejects(() => readResult(folder), UnusableInput, "beside 4, 240, 240");
    const text = await Deno.readTextFile(`${folder}/result.json`);
    await Deno.writeTextFile(`${folder}/result.json`, text.replace("result/2", "result/1"));
    await assertRejects(() => readResult(folder), UnusableInput, 'expected format "result/2"');
  }));
