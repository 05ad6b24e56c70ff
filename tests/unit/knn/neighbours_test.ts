import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Bank } from "../../../stages/knn/neighbours.ts";
import { columnMeans, unitRows } from "../../../stages/knn/unit_rows.ts";
import { knn as monitorKnn } from "../../../stages/metrics/knn.ts";
import { fillVotes } from "../../../stages/knn/votes.ts";
import { selectRows } from "../../../stages/metrics/row_matrix.ts";
import { predictedClass } from "../../../stages/statistics/classification.ts";
import { madeUpFeatures, range } from "../linear_eval/made_up_features.ts";

Deno.test("the nearest rows and the order of classes are those of a plain search, across blocks", () => {
  // More than two blocks of bank rows and of queries, and ragged ends.
  const { features, labels } = madeUpFeatures(1400, 7, 5, 1);
  const train = range(0, 1200), test = range(1200, 1400);
  const means = columnMeans(features, train);
  const bank = unitRows(features, train, means);
  const queries = unitRows(features, test, means);
  const found = new Bank(bank, train.map((i) => labels[i]!)).nearest(queries, 6);
  for (const q of test.keys()) {
    const all = train.map((_, b) => {
      let dot = 0;
      for (let c = 0; c < 7; c++) dot += queries.values[q * 7 + c]! * bank.values[b * 7 + c]!;
      return { b, dot };
    }).sort((x, y) => y.dot - x.dot || x.b - y.b);
    assertEquals([...found.rows.subarray(q * 6, (q + 1) * 6)], all.slice(0, 6).map(({ b }) => b));
    all.slice(0, 6).forEach(({ dot }, i) =>
      assertAlmostEquals(found.cosines[q * 6 + i]!, dot, 1e-12)
    );
    const order = [...new Set(all.map(({ b }) => labels[b]!))];
    assertEquals([...found.classes.subarray(q * 5, (q + 1) * 5)], order);
  }
});

Deno.test("of equal cosines the earlier bank row is nearer", () => {
  const { features } = madeUpFeatures(700, 4, 3, 0);
  // Rows 5, 300 and 600 point the same way; 600 lies in another block.
  for (const [row, times] of [[300, 2], [600, 4]] as const) {
    for (let c = 0; c < 4; c++) {
      (features.values as Float32Array)[row * 4 + c] = times * features.values[5 * 4 + c]!;
    }
  }
  const rows = unitRows(features, range(0, 700));
  const bank = new Bank(rows, range(0, 700).map((i) => i === 5 ? 2 : i === 300 ? 1 : 0));
  const found = bank.nearest(selectRows(rows, [300]), 3);
  assertEquals([...found.rows], [5, 300, 600]);
  assertEquals([...found.classes], [2, 1, 0]);
});

Deno.test("votes by similarity of features as they are agree with the monitor of pre-training", () => {
  const { features, labels, classes } = madeUpFeatures(500, 12, 4, 1.5);
  const train = range(0, 300), test = range(300, 500);
  const side = (clips: number[]) => ({
    matrix: selectRows(features, clips),
    labels: clips.map((clip) => labels[clip]!),
  });
  const bank = new Bank(unitRows(features, train), train.map((i) => labels[i]!));
  const found = bank.nearest(unitRows(features, test), 20);
  for (const k of [1, 10, 20]) {
    let right = 0;
    for (const [q, clip] of test.entries()) {
      const logits = new Float32Array(classes);
      const near = found.rows.subarray(q * 20, (q + 1) * 20);
      fillVotes(
        {
          labels: Array.from(near, (row) => labels[row]!),
          cosines: found.cosines.subarray(q * 20, (q + 1) * 20),
          order: found.classes.subarray(q * classes, (q + 1) * classes),
        },
        k,
        { weights: "similarity", temperature: 0.1 },
        logits,
      );
      if (predictedClass({ logits, labels: [0], classes }, 0) === labels[clip]) right++;
    }
    const [score] = monitorKnn(side(train), side(test), [k]);
    assertEquals(100 * right / test.length, score!.top1);
    assert(score!.top1 > 30);
  }
});
