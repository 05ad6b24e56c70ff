import { assertEquals } from "@std/assert";
import { amount, bytes, duration, rate } from "../../../pipeline/screen/duration.ts";
import { PressCounter } from "../../../pipeline/screen/interrupts.ts";
import { parseOverride } from "../../../pipeline/experiment/overrides.ts";
import { plainTable } from "../../../pipeline/screen/plain_table.ts";
import { RateMeter } from "../../../pipeline/screen/rate_meter.ts";
import { didYouMean, listed, nearest } from "../../../pipeline/suggest.ts";

Deno.test("duration() says seconds as people do, and carries over", () => {
  assertEquals(
    [0, 0.44, 9.96, 42.4, 59.6, 125, 3599.6, 7800, 86399, 273600, Infinity].map(duration),
    [
      "0.0 s",
      "0.4 s",
      "10.0 s",
      "42 s",
      "1 min 0 s",
      "2 min 5 s",
      "1 h 0 min",
      "2 h 10 min",
      "1 d 0 h",
      "3 d 4 h",
      "?",
    ],
  );
});

Deno.test("rate() turns to time per unit where that reads better", () => {
  assertEquals(
    [rate(123.4, "clips"), rate(3.21, "clips"), rate(0.05, "clips"), rate(0, "clips")],
    ["123 clips/s", "3.2 clips/s", "20 s per clip", ""],
  );
});

Deno.test("amount() and bytes() group and scale", () => {
  assertEquals([amount(1234567), amount(0.5)], ["1,234,567", "0.5"]);
  assertEquals([bytes(0), bytes(1023), bytes(1024), bytes(3 * 2 ** 30)], [
    "0 B",
    "1023 B",
    "1.0 KiB",
    "3.0 GiB",
  ]);
});

Deno.test("RateMeter forgets a slow start", () => {
  const meter = new RateMeter();
  meter.report(0, 0, 10_000);
  meter.report(100, 1, 10_000);
  for (let second = 1; second <= 300; second++) meter.report(100 + second, 1 + 10 * second, 10_000);
  assertEquals(Math.round(meter.perSecond!), 10);
  assertEquals(Math.round(meter.left(400)!), 700);
  assertEquals(Math.round(meter.left(500)!), 600);
  assertEquals(meter.elapsed(400), 400);
});

Deno.test("RateMeter begins again when a stage counts something else", () => {
  const meter = new RateMeter();
  meter.report(0, 0, 10);
  meter.report(1, 10, 10);
  meter.report(2, 0, 500);
  assertEquals([meter.perSecond, meter.left(2)], [undefined, undefined]);
});

Deno.test("signals within a second are one press of Ctrl-C", () => {
  let now = 0;
  const counter = new PressCounter(() => now);
  const at = (seconds: number) => {
    now = seconds;
    return counter.signal();
  };
  assertEquals([at(10), at(10.001), at(10.9), at(11.5), at(11.6), at(20)], [
    1,
    undefined,
    undefined,
    2,
    undefined,
    3,
  ]);
});

Deno.test("nearest() takes slips of the hand and nothing further", () => {
  const names = ["parse", "pretrain", "top1_converged", "jobs", "json"];
  assertEquals(
    ["pretrian", "Parse", "top1-converged", "jbos", "banana", "x", "parse"].map((word) =>
      nearest(word, names)
    ),
    ["pretrain", "parse", "top1_converged", "jobs", undefined, undefined, undefined],
  );
  assertEquals(didYouMean("prase", names), '; did you mean "parse"?');
  assertEquals(didYouMean("banana", names), "");
});

Deno.test("listed() ends long lists with their length", () => {
  assertEquals([listed([]), listed(["a", "b"]), listed(["a", "b", "c"], 2)], [
    "none",
    "a, b",
    "a, b, ... (3 in all)",
  ]);
});

Deno.test("parseOverride() takes quoted steps and the dots of expectations", () => {
  assertEquals(parseOverride('expect."linear.top1".min=5'), {
    path: ["expect", "linear.top1", "min"],
    value: "5",
  });
  assertEquals(parseOverride("expect.linear.top1.min=5"), {
    path: ["expect", "linear.top1", "min"],
    value: "5",
  });
  assertEquals(parseOverride("expect.linear.top1={min: 5}"), {
    path: ["expect", "linear.top1"],
    value: "{min: 5}",
  });
  assertEquals(parseOverride('expect."linear.top1".mean=5'), {
    path: ["expect", "linear.top1", "mean"],
    value: "5",
  });
  assertEquals(parseOverride("stages.a.params.title=x = y"), {
    path: ["stages", "a", "params", "title"],
    value: "x = y",
  });
});

for (const bad of ["=3", "a..b=3", ".a=3", "a.=3", 'a."b=3', 'a"b".c=3', "a"]) {
  Deno.test(`parseOverride() refuses ${bad}`, () => {
    assertEquals("message" in parseOverride(bad), true);
  });
}

Deno.test("plainTable() aligns columns and cells of several lines, without trailing spaces", () => {
  assertEquals(
    plainTable([["a", "b", "c"], ["long", "1\n22", ""], ["x", "", "y"]]),
    "a     b   c\nlong  1\n      22\nx         y",
  );
});
