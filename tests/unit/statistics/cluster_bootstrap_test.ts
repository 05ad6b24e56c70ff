import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { randomStream } from "../../../stages/random.ts";
import { accuracyInterval, shownInterval } from "../../../stages/statistics/accuracy_interval.ts";
import { resampledMean } from "../../../stages/statistics/cluster_bootstrap.ts";

const count = (n: number, of: (i: number) => number) => Array.from({ length: n }, (_, i) => of(i));

Deno.test("of two groups the resampled means are 0, 1/2 and 1 with shares 1/4, 1/2 and 1/4", () => {
  // Both groups have as many clips: a mean is that of two draws from {0, 1}, of standard deviation
  // sqrt(1/8), and its percentiles 2.5 and 97.5 are the ends.
  const found = resampledMean([0, 0, 0, 1, 1, 1], [7, 7, 7, 9, 9, 9], "test");
  assertEquals([found.units, ...found.interval], [2, 0, 1]);
  assertAlmostEquals(found.standard_error, Math.sqrt(1 / 8), 0.01);
});

Deno.test("a larger group weighs more: the mean is over clips, not over groups", () => {
  // Draws (a, a), (a, b) twice as often, (b, b) of a group of 30 ones and one of 10 zeros: 1, 3/4, 0.
  const values = count(40, (i) => i < 30 ? 1 : 0);
  const found = resampledMean(values, count(40, (i) => i < 30 ? 1 : 2), "test", {
    resamples: 20_000,
    seed: 1,
  });
  const mean = (1 + 2 * 0.75 + 0) / 4;
  const variance = (1 + 2 * 0.75 ** 2) / 4 - mean ** 2;
  assertAlmostEquals(found.standard_error, Math.sqrt(variance), 0.006);
});

Deno.test("without groups the interval is that of independent clips", () => {
  const values = count(400, (i) => i % 4 === 0 ? 1 : 0);
  const found = resampledMean(values, undefined, "test");
  const error = Math.sqrt(0.25 * 0.75 / 400);
  assertAlmostEquals(found.standard_error, error, 0.0008);
  assertAlmostEquals(found.interval[0], 0.25 - 1.96 * error, 0.004);
  assertAlmostEquals(found.interval[1], 0.25 + 1.96 * error, 0.004);
  assertEquals(found.units, 400);
});

Deno.test("clips of alike subjects know less than as many independent ones", () => {
  // 20 people of 30 clips each; half of the people are always right, the others never.
  const subjects = count(600, (i) => i % 20);
  const found = accuracyInterval(count(600, (i) => i % 2), subjects);
  assertEquals([found.subjects, found.few_subjects, found.by_clip], [20, false, undefined]);
  assertAlmostEquals(found.by_subject!.standard_error, 100 * 0.5 / Math.sqrt(20), 0.4);
  assertEquals(shownInterval(found).by, "subject");
});

Deno.test("with fewer than ten subjects both intervals are there, and the one over clips is shown", () => {
  const stream = randomStream(3, "test");
  const right = count(300, () => stream.uniform() < 0.6 ? 1 : 0);
  const found = accuracyInterval(right, count(300, (i) => i % 5));
  assertEquals([found.subjects, found.few_subjects], [5, true]);
  assertEquals([found.by_subject!.units, found.by_clip!.units], [5, 300]);
  assertEquals(shownInterval(found).interval, found.by_clip!.interval);
  const alone = accuracyInterval(right, count(300, () => 3));
  assertEquals([alone.subjects, alone.by_subject], [1, undefined]);
});

Deno.test("in nine of ten or more repetitions the interval over subjects holds the truth", () => {
  const stream = randomStream(4, "test");
  let held = 0;
  for (let repetition = 0; repetition < 60; repetition++) {
    const people = count(25, () => Math.min(1, Math.max(0, 0.6 + 0.15 * stream.normal())));
    const right = count(500, (i) => stream.uniform() < people[i % 25]! ? 1 : 0);
    const { by_subject } = accuracyInterval(right, count(500, (i) => i % 25), {
      resamples: 400,
      seed: 0,
    });
    const [low, high] = by_subject!.interval;
    if (low <= 60 && 60 <= high) held++;
  }
  assert(held >= 54, `${held} of 60`);
});

Deno.test("a bootstrap of no clips, or with too few groups, is refused", () => {
  assertThrows(() => resampledMean([], undefined, "test"), RangeError, "0 clips");
  assertThrows(() => resampledMean([1, 0], [1], "test"), RangeError, "groups of 1");
});

Deno.test("an interval does not depend on what was resampled before it", () => {
  const of = (n: number) => resampledMean(count(n, (i) => i % 3), undefined, "order");
  const first = [40, 50, 60].map(of);
  assertEquals([60, 40, 50, 40].map(of), [first[2]!, first[0]!, first[1]!, first[0]!]);
  const other = resampledMean(count(40, (i) => i % 3), undefined, "other purpose");
  assert(other.standard_error !== first[0]!.standard_error);
});
