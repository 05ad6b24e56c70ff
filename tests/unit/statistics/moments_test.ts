import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { mean, standardDeviation } from "../../../stages/statistics/moments.ts";

Deno.test("mean() and standardDeviation() of 2 4 4 4 5 5 7 9", () => {
  const values = [2, 4, 4, 4, 5, 5, 7, 9];
  assertEquals(mean(values), 5);
  assertAlmostEquals(standardDeviation(values)!, Math.sqrt(32 / 7), 1e-12);
});

Deno.test("one value has no spread, and no value no mean", () => {
  assertEquals(standardDeviation([3]), undefined);
  assertThrows(() => mean([]), RangeError);
});
