import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { standardError, wilsonInterval } from "../../../stages/statistics/binomial.ts";

Deno.test("standardError() of 50 % of 100 clips is 5 %", () => {
  assertAlmostEquals(standardError(50, 100), 5, 1e-12);
  assertAlmostEquals(standardError(20, 400), 2, 1e-12);
  assertEquals(standardError(0, 10), 0);
});

Deno.test("wilsonInterval() gives the published interval of 81 of 263", () => {
  // Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3 (score, no correction).
  const [low, high] = wilsonInterval((100 * 81) / 263, 263);
  assertAlmostEquals(low, 25.53, 0.005);
  assertAlmostEquals(high, 36.62, 0.005);
  const [zero, zeroHigh] = wilsonInterval(0, 20);
  assertEquals(zero, 0);
  assertAlmostEquals(zeroHigh, 16.11, 0.005);
  const [oneLow, one] = wilsonInterval((100 * 1) / 29, 29);
  assertAlmostEquals(oneLow, 0.61, 0.005);
  assertAlmostEquals(one, 17.18, 0.005);
});

Deno.test("wilsonInterval() ends solve the score equation |p - q| = z sqrt(q (1 - q) / n)", () => {
  for (const [p, n] of [[0.1, 7], [0.5, 40], [0.97, 464], [1, 3]] as const) {
    for (const end of wilsonInterval(100 * p, n)) {
      const q = end / 100;
      assertAlmostEquals(
        Math.abs(p - q),
        1.959963984540054 * Math.sqrt((q * (1 - q)) / n),
        1e-9,
      );
    }
  }
});

Deno.test("binomial figures refuse what is no percentage of clips", () => {
  assertThrows(() => standardError(101, 10), RangeError, "101");
  assertThrows(() => standardError(50, 0), RangeError, "0 clips");
  assertThrows(() => wilsonInterval(NaN, 10), RangeError);
});
