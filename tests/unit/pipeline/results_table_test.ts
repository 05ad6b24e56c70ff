import { assert, assertEquals } from "@std/assert";
import {
  judged,
  metricText,
  resultsTable,
  verdictText,
} from "../../../pipeline/screen/results_table.ts";
import type { RunSummary } from "../../../pipeline/types.ts";

const digest = (digit: string) => digit.repeat(64);

const SUMMARY: RunSummary = {
  experiment: "x",
  status: "failed",
  seconds: 100,
  stages: [
    {
      id: "synth",
      uses: "synth",
      status: "cached",
      seconds: 0,
      outputs: [{ name: "recordings", type: "recordings", digest: digest("a"), bytes: 10 }],
      metrics: { clips: 320 },
    },
    {
      id: "pretrain",
      uses: "pretrain",
      status: "ran",
      seconds: 83.4,
      outputs: [
        { name: "encoder", type: "encoder", digest: digest("b"), bytes: 10 },
        { name: "log", type: "training_log", digest: digest("c"), bytes: 10 },
      ],
      metrics: { loss: 9.876543, steps: 12 },
    },
    {
      id: "linear",
      uses: "linear_eval",
      status: "failed",
      seconds: 1.25,
      outputs: [],
      metrics: {},
      reason: `no test clips\n${"and more ".repeat(30)}`,
    },
    {
      id: "table",
      uses: "table",
      status: "skipped",
      seconds: 0,
      outputs: [],
      metrics: {},
      reason: "linear failed",
    },
  ],
};

Deno.test("the results table is aligned plain text where there is no terminal", async () => {
  assertEquals(
    await resultsTable(SUMMARY),
    `stage     state    time        output                metrics
synth     cached               aaaaaaaaaaaa          clips 320
pretrain  ran      1 min 23 s  encoder bbbbbbbbbbbb  loss 9.877
                               log cccccccccccc      steps 12
linear    failed   1.3 s                             no test clips
table     skipped                                    linear failed
`,
  );
});

Deno.test("the results table is boxed on a terminal, with the same cells", async () => {
  const boxed = await resultsTable(SUMMARY, 120);
  assert(boxed.includes("┌") && boxed.includes("encoder bbbbbbbbbbbb"));
  assert(!boxed.includes("\x1b"), "no colours that a reader did not ask for");
  const plain = await resultsTable(SUMMARY);
  assertEquals(await resultsTable(SUMMARY, 60), plain, "plain where lines do not fit");
});

Deno.test("a long run's table is folded on a terminal: what failed, ran or reports something stays", async () => {
  const [cached, ran, failed] = SUMMARY.stages;
  const quiet = { ...cached!, metrics: {} };
  const stages = Array.from({ length: 10_000 }, (_, i) => ({
    ...(i === 777 ? failed! : i === 5000 ? ran! : i === 9000 ? cached! : quiet),
    id: `s${i}`,
  }));
  const table = await resultsTable({ ...SUMMARY, stages }, 120);
  const ids = [...table.matchAll(/\bs\d+/g)].map(([id]) => id);
  assertEquals(ids, [...Array.from({ length: 37 }, (_, i) => `s${i}`), "s777", "s5000", "s9000"]);
  assert(table.endsWith("\nand 9,960 more: 9,960 cached (a pipe and --json show all)\n"), table);
  const broken = stages.map((stage) => ({ ...failed!, id: stage.id })).slice(0, 60);
  const all = await resultsTable({ ...SUMMARY, stages: [...broken, ...stages.slice(60)] }, 120);
  assertEquals([...all.matchAll(/\bs\d+/g)].length, 61, "60 that failed early, and s777");
  assertEquals((await resultsTable({ ...SUMMARY, stages })).split("\n").length, 10_003);
});

Deno.test("expectations are held against metrics; one that was not reported fails", () => {
  const verdicts = judged([
    { stage: "pretrain", metric: "loss", min: 9, max: 10 },
    { stage: "pretrain", metric: "loss", max: 9 },
    { stage: "pretrain", metric: "steps", min: 12 },
    { stage: "linear", metric: "top1", min: 20 },
  ], SUMMARY);
  assertEquals(verdicts.map(verdictText), [
    "pass  pretrain.loss = 9.877 (expected 9 to 10)",
    "FAIL  pretrain.loss = 9.877 (expected at most 9)",
    "pass  pretrain.steps = 12 (expected at least 12)",
    "FAIL  linear.top1 was not reported (expected at least 20; linear failed)",
  ]);
});

Deno.test("metricText() keeps four digits of fractions and all of whole numbers", () => {
  assertEquals(
    [61.23456, 0.000123456, 123456, 1e-12, -0.5].map(metricText),
    ["61.23", "0.0001235", "123456", "1e-12", "-0.5"],
  );
});
