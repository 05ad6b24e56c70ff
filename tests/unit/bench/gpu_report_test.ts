import { assert, assertEquals } from "@std/assert";
import { duration, gigabytes, speed } from "../../../stages/bench/gpu/figures.ts";
import { MarkdownReport } from "../../../stages/bench/gpu/markdown.ts";
import { purposeOf } from "../../../stages/bench/gpu/step_times.ts";
import { stepRows } from "../../../stages/bench/gpu/step_rows.ts";
import { goalsOf, tableSizes } from "../../../stages/bench/gpu/train_webgpu.ts";
import { stageSuites } from "../../../stages/bench/suites.ts";
import { benchVerb } from "../../../pipeline/verbs/bench.ts";

Deno.test("a report is Markdown whose tables line up", () => {
  const report = new MarkdownReport("A card");
  report.section("Figures");
  report.table([["what", "found"], ["a|b", "1"], ["longer than that", "12345"]]);
  report.list(["one", "two"]);
  assertEquals(report.text.split("\n"), [
    "# A card",
    "",
    "## Figures",
    "",
    "| what             | found |",
    "| ---------------- | ----: |",
    "| a\\|b             |     1 |",
    "| longer than that | 12345 |",
    "",
    "- one",
    "- two",
    "",
  ]);
});

Deno.test("rows of steps say how many times as fast we are, and whether that is enough", () => {
  const name = "16/64 batch 8: a step on webgpu";
  const rows = stepRows([
    { name, unit: "clips/s", by: "skelrun", values: [10, 12, 8] },
    { name, unit: "clips/s", by: "tfjs", values: [2, 2, 2], goal: 4 },
    { name, unit: "clips/s", by: "pytorch", values: [20, 20, 20], goal: 1 },
    { name: "busy", unit: "s", by: "skelrun", values: [2, 4] },
    { name: "busy", unit: "s", by: "tfjs", values: [20, 20], goal: 4 },
    { name: "other", unit: "clips/s", by: "pytorch", values: [20], goal: 1 },
  ]);
  assertEquals(rows.slice(1), [
    [name, "skelrun", "10.0 clips/s (8.00 to 12.0)", "", ""],
    [name, "tfjs", "2.00 clips/s (2.00 to 2.00)", "5.00 x", "4 x, reached"],
    [name, "pytorch", "20.0 clips/s (20.0 to 20.0)", "0.500 x", "1 x, **missed**"],
    ["busy", "skelrun", "3.00 s (2.00 to 4.00)", "", ""],
    ["busy", "tfjs", "20.0 s (20.0 to 20.0)", "7.50 x", "4 x, reached"],
    ["other", "pytorch", "20.0 clips/s (20.0 to 20.0)", "", ""],
  ]);
});

Deno.test("goals belong to their sizes and kinds of adapter", () => {
  const size = (width: number, batch: number) => ({
    width,
    hidden: 4 * width,
    batch,
    bodies: 2,
    frames: 64,
    queue: 32768,
  });
  assertEquals(goalsOf(size(16, 8), true), { stock: 4 });
  assertEquals(goalsOf(size(16, 8), false), {});
  assertEquals(goalsOf(size(64, 128), false), { torch: 1 });
  assertEquals(goalsOf(size(16, 128), false), { torch: 1.5 });
  assertEquals(goalsOf({ ...size(16, 128), frames: 32 }, false), {});
  assertEquals(tableSizes(true).map(({ width, batch }) => [width, batch]), [[16, 8]]);
  assertEquals(tableSizes(false).map(({ width, batch }) => [width, batch]), [
    [64, 128],
    [16, 128],
    [16, 8],
  ]);
});

Deno.test("kernels count for what they do", () => {
  assertEquals(purposeOf("temporal conv C16 1 1 64x16x4/8x16"), "temporal convolution");
  assertEquals(purposeOf("info nce scores true 16x32x4/4x16"), "contrastive loss");
  assertEquals(purposeOf("gradient 16 relu kept alone"), "normalisation to block end");
  assertEquals(purposeOf("AddNPackedProgram"), "the library's own");
});

Deno.test("figures are read at a glance", () => {
  assertEquals([0, 12, 3.2e6, 1.8e9].map(gigabytes), ["0 bytes", "12 bytes", "3.20 MB", "1.80 GB"]);
  assertEquals([1.084, 0.0354].map(duration), ["1.08 s", "35.4 ms"]);
  assertEquals([4.5e10, 3.2e13].map(speed), ["45.0 GFLOP/s", "32.0 TFLOP/s"]);
});

Deno.test("help says of a number what each suite means by it", () => {
  const { options } = benchVerb(stageSuites);
  const { width, out } = options;
  assert(
    width!.summary.includes("train, memory: width of the model (default: 16)"),
    width!.summary,
  );
  assert(width!.summary.includes("gpu: width of the only model"), width!.summary);
  assertEquals(out!.kind, "value");
});
