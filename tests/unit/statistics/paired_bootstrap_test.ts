import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { randomStream } from "../../../stages/random.ts";
import { quantile } from "../../../stages/statistics/cluster_bootstrap.ts";
import { pairedDifference } from "../../../stages/statistics/paired_bootstrap.ts";

const count = (n: number, of: (i: number) => number) => Array.from({ length: n }, (_, i) => of(i));

Deno.test("of independent clips the interval is that of the normal approximation", () => {
  const stream = randomStream(1, "test");
  const differences = count(
    500,
    () => (stream.uniform() < 0.4 ? 1 : 0) - (stream.uniform() < 0.2 ? 1 : 0),
  );
  const found = pairedDifference(differences, count(500, () => 1));
  const mean = differences.reduce((a, b) => a + b) / 500;
  const sd = Math.sqrt(differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / 500);
  assertEquals([found.by, found.units], ["clip", 500]);
  assertAlmostEquals(found.difference, mean, 1e-12);
  assertAlmostEquals(found.standard_error, sd / Math.sqrt(500), 0.001);
  assertAlmostEquals(found.interval[0], mean - 1.96 * sd / Math.sqrt(500), 0.004);
  assertAlmostEquals(found.interval[1], mean + 1.96 * sd / Math.sqrt(500), 0.004);
});

Deno.test("clips of one subject that agree count as one: the interval is as wide as over subjects", () => {
  const stream = randomStream(2, "test");
  const people = count(20, () => stream.normal());
  const found = pairedDifference(count(600, (i) => people[i % 20]!), count(600, (i) => i % 20));
  const mean = people.reduce((a, b) => a + b) / 20;
  const sd = Math.sqrt(people.reduce((sum, d) => sum + (d - mean) ** 2, 0) / 20);
  assertEquals([found.by, found.units], ["subject", 20]);
  assertAlmostEquals(found.standard_error, sd / Math.sqrt(20), 0.01);
  const alone = pairedDifference(count(600, (i) => people[i % 20]!), count(600, (i) => i % 9));
  assertEquals([alone.by, alone.units], ["clip", 600]);
  assert(alone.standard_error < 0.3 * found.standard_error);
});

Deno.test("the same clips give the same interval, no difference an empty one", () => {
  const differences = count(100, (i) => i % 3 - 1), subjects = count(100, (i) => i % 12);
  assertEquals(pairedDifference(differences, subjects), pairedDifference(differences, subjects));
  const none = pairedDifference(count(100, () => 0), subjects);
  assertEquals([none.difference, ...none.interval, none.standard_error], [0, 0, 0, 0]);
});

Deno.test("in nine of ten or more repetitions the interval holds the truth", () => {
  let held = 0;
  for (let run = 0; run < 200; run++) {
    const stream = randomStream(run, "coverage");
    const people = count(17, () => 0.1 + 0.1 * stream.normal());
    const differences = count(170, (i) => people[i % 17]! + stream.normal());
    const { interval: [low, high] } = pairedDifference(differences, count(170, (i) => i % 17), {
      resamples: 300,
      seed: run,
    });
    if (low <= 0.1 && 0.1 <= high) held++;
  }
  assert(held >= 180 && held < 200, `${held} of 200`);
});

Deno.test("quantile() lies between neighbours; no clips are refused", () => {
  assertEquals(quantile([3, 1, 2], 0.5), 2);
  assertEquals(quantile([0, 10], 0.025), 0.25);
  assertThrows(() => pairedDifference([], []), RangeError);
  assertThrows(() => pairedDifference([1], [1, 2]), RangeError);
});
