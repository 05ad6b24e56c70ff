import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { knn, type KnnParams } from "../../../stages/knn/definition.ts";
import runKnn from "../../../stages/knn/entry.ts";
import { nearestNeighbour } from "../../../stages/linear_eval/nearest_neighbour.ts";
import { readResult } from "../../../stages/results/result_reader.ts";
import { predictedClass } from "../../../stages/statistics/classification.ts";
import { writeFeatureFiles } from "../linear_eval/feature_files.ts";
import { madeUpFeatures, range } from "../linear_eval/made_up_features.ts";
import { Ended, FakeContext, type FakeSettings, treeOf } from "../pretrain/fake_context.ts";
import { withFolder } from "../results/with_folder.ts";

const CLIPS = 1500, DIM = 6, CLASSES = 4;

interface Options {
  readonly params?: object;
  readonly folds?: unknown;
  readonly twins?: boolean;
  readonly compat?: boolean;
  readonly ending?: Pick<FakeSettings<unknown>, "stopAfter" | "killAfter">;
}

/** Features of two members and a split; runs the stage in HOME/knn. */
async function run(home: string, options: Options = {}): Promise<FakeContext<KnnParams>> {
  const half = CLIPS / 2;
  const inputs = await writeFeatureFiles(home, {
    clips: CLIPS,
    dim: DIM,
    classes: CLASSES,
    distance: 5,
    about: options.compat ? { compat: true } : {},
    columns: options.twins
      ? {
        // Clip i of camera 2 is the performance of clip i - half of camera 1, and of its class.
        labels: (i) => (i % half) % CLASSES,
        subjects: (i) => i % half,
        cameras: (i) => i < half ? 1 : 2,
        setups: () => 0,
        replications: () => 1,
      }
      : { subjects: (i) => i % 7 },
    split: {
      pretrain: range(0, 700),
      folds: options.folds ?? [
        { name: "a", train: range(0, 700), test: range(700, 1400) },
        { name: "b", train: range(0, 600), test: range(1400, 1500) },
      ],
    },
  });
  const ctx = await FakeContext.begin({
    params: knn.params.parse(options.params ?? {}) as KnnParams,
    home: `${home}/knn`,
    inputs,
    outputs: ["result"],
    ...options.ending,
  });
  await runKnn(ctx);
  return ctx;
}

Deno.test("the knn stage reports every k of every member, and k = 1 is the nearest training clip", () =>
  withFolder(async (home) => {
    const ctx = await run(home);
    const { file, test, logits } = await readResult(ctx.output("result"));
    assertEquals(file.rows.map(({ probe, member }) => `${member} ${probe}`), [
      ...["clear knn1", "clear knn5", "clear knn20"],
      ...["noise knn1", "noise knn5", "noise knn20"],
    ]);
    const { features, labels } = madeUpFeatures(CLIPS, DIM, CLASSES, 0);
    for (
      const [train, asked] of [
        [range(0, 700), range(700, 1400)],
        [range(0, 600), range(1400, 1500)],
      ] as const
    ) {
      const { nearest } = nearestNeighbour({ features, labels, classes: CLASSES }, train, asked);
      const votes = {
        logits: logits("knn1", "noise", "last")!,
        labels: test.labels,
        classes: CLASSES,
      };
      for (const [i, clip] of asked.entries()) {
        assertEquals(predictedClass(votes, test.clips.indexOf(clip)), labels[nearest[i]!]);
      }
    }
    const [one, , twenty, noise] = file.rows;
    assert(one!.top1_last > 90 && twenty!.top1_last >= one!.top1_last && noise!.top1_last < 40);
    assertAlmostEquals(ctx.metrics.get("knn1")!, (one!.top1_last + noise!.top1_last) / 2, 1e-9);
    assertEquals(ctx.metrics.get("knn1_twin"), undefined);
    assertEquals(ctx.progressed.at(-1), [1600, 1600, "clips"]);
    assertEquals([file.varied, file.train, file.test], [["initialisation"], 700, 800]);
  }));

Deno.test("neighbours that are the same performance are counted for each k", () =>
  withFolder(async (home) => {
    const folds = [{ name: "views", train: range(0, 750), test: range(750, 1500) }];
    const ctx = await run(home, { twins: true, folds, params: { k: [1, 750] } });
    const { file } = await readResult(ctx.output("result"));
    const shares = (file.details.twin_neighbours as Record<string, Record<string, number>>).noise!;
    assertAlmostEquals(shares.knn750!, 100 / 750, 1e-9, "the whole bank has one twin of each");
    assertEquals(file.rows[0]!.twins_possible, 100);
    assertEquals(
      file.rows[0]!.twins,
      (file.details.twin_neighbours as typeof file.details as Record<
        string,
        Record<string, number>
      >).clear!.knn1,
    );
    assertAlmostEquals(ctx.metrics.get("knn750_twin")!, 100 / 750, 1e-9);
  }));

Deno.test("a search that is stopped or killed anywhere ends with the same bytes", () =>
  withFolder(async (home) => {
    const params = { k: [3] };
    const whole = await treeOf((await run(`${home}/whole`, { params })).output("result"));
    for (const stopAfter of [1, 3, 5]) {
      const at = `${home}/${stopAfter}`;
      await assertRejects(() => run(at, { params, ending: { stopAfter } }), Ended, "stopped");
      await assertRejects(() => run(at, { params, ending: { killAfter: 1 } }), Ended, "killed");
      assertEquals(await treeOf((await run(at, { params })).output("result")), whole);
    }
    // Stopped at every breath there is: each attempt gets on by a chunk.
    const at = `${home}/always`;
    for (let attempt = 1;; attempt++) {
      try {
        const ctx = await run(at, { params, ending: { stopAfter: 1 } });
        assert(attempt > 1);
        assertEquals(await treeOf(ctx.output("result")), whole);
        break;
      } catch (error) {
        if (!(error instanceof Ended) || attempt === 50) throw error;
      }
    }
  }));

Deno.test("more neighbours than training clips are refused, by the fold's name", () =>
  withFolder(async (home) => {
    await assertRejects(
      () => run(home, { params: { k: [1, 650] } }),
      Error,
      "params.k.1: expected at most the 600 training clips of a fold, found 650 (fold b)",
    );
    const planned = (k: number[], train?: number) =>
      knn.check!(knn.params.parse({ k }), {
        split: train === undefined ? undefined : { train },
        features: undefined,
      }).map(({ path, message }) => `${path.join(".")}: ${message}`);
    assertEquals(planned([1, 20], 19), [
      "k.1: expected at most the 19 training clips of a fold, found 20",
    ]);
    assertEquals(planned([1, 20]), []);
    assertEquals(planned([5, 5]), ["k.1: expected each number once, found 5 again"]);
  }));

Deno.test("compat votes by similarity on features that are not centred, and says what it needs", () =>
  withFolder(async (home) => {
    const same = async (at: string, params: object, compat: boolean) => {
      const ctx = await run(`${home}/${at}`, { params, compat });
      const { file, logits } = await readResult(ctx.output("result"));
      return { ctx, details: file.details, votes: logits("knn20", "clear", "last")! };
    };
    const compat = await same("compat", { k: [20], compat: true }, true);
    const spelt = await same("spelt", { k: [20], centre: false, weights: "similarity" }, false);
    assertEquals(compat.votes, spelt.votes);
    assertEquals([compat.details.centre, compat.details.weights], [false, "similarity"]);
    assertEquals(compat.ctx.logs, []);
    const half = await same("half", { k: [20], compat: true }, false);
    assert(half.ctx.logs[0]!.message.includes("the votes are the released ones, but the features"));
    const other = await same("other", { k: [20] }, true);
    assert(other.ctx.logs[0]!.message.includes("features are those of the released kNN, but"));
  }));
