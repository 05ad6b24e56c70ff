import { assert, assertAlmostEquals } from "@std/assert";
import { chiSquareDeviation } from "./chi_square.ts";

Deno.test("the test statistic agrees with tables of the chi-square distribution", () => {
  // 10 degrees of freedom: the 97.5 % point is 20.483, that is 1.96 standard deviations.
  const [bins, total, statistic] = [11, 11_000, 20.483];
  const shift = Math.sqrt(statistic * (total / bins) / 2);
  const counts = new Array<number>(bins).fill(total / bins);
  counts[0]! += shift;
  counts[1]! -= shift;
  assertAlmostEquals(chiSquareDeviation(counts), 1.96, 0.02);
});

Deno.test("the test statistic rejects a die with one face three per cent too likely", () => {
  const counts = [10_000, 10_000, 10_000, 10_000, 10_000, 10_300];
  assert(chiSquareDeviation(counts.map((count) => count * 10)) > 4);
});
