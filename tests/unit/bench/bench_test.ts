import { assert, assertEquals } from "@std/assert";
import { findPeer, runPeer } from "../../../stages/bench/peer.ts";
import { benchText, median, spreads } from "../../../stages/bench/statistics.ts";

const interpreter = await findPeer();

Deno.test("medians are of the middle, and ratios are to the peer of the same measurement", () => {
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([4, 1, 2, 3]), 2.5);
  const measurements = [
    { name: "train", unit: "clips/s", by: "skelrun", values: [1, 2, 6] },
    { name: "eval", unit: "clips/s", by: "skelrun", values: [5] },
    { name: "train", unit: "clips/s", by: "pytorch", values: [8] },
  ];
  assertEquals(spreads(measurements).map(({ ratio }) => ratio), [0.25, undefined, undefined]);
  assertEquals(spreads(measurements)[0]!.highest, 6);
  const text = benchText({ measurements, notes: ["no peer"] });
  assert(/train +skelrun +2\.00 +1\.00 +6\.00 +clips\/s +0\.250/.test(text), text);
  assert(text.endsWith("note: no peer\n"));
});

Deno.test({
  name: "the peer reports its rates of training and evaluation [needs python3-torch]",
  ignore: interpreter === undefined,
  fn: async () => {
    const rates = await runPeer(interpreter!, {
      width: 2,
      batch: 3,
      queue: 9,
      runs: 2,
      threads: 1,
    });
    assert(rates.peer.startsWith("pytorch "));
    for (const values of [rates.train_runs, rates.eval_runs]) {
      assertEquals(values.length, 2);
      assert(values.every((value) => value > 0));
    }
  },
});
