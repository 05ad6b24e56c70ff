import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { UnusableInput } from "../../../stages/formats/unusable_input.ts";
import { readResult } from "../../../stages/results/result_reader.ts";
import { type ResultInput, writeResult } from "../../../stages/results/result_writer.ts";
import { answersOf } from "../../../stages/table/answers.ts";
import { tableChart } from "../../../stages/table/chart.ts";
import { compare, type RowSource } from "../../../stages/table/comparison.ts";
import { csvTable } from "../../../stages/table/csv.ts";
import { table, type TableParams } from "../../../stages/table/definition.ts";
import runTable from "../../../stages/table/entry.ts";
import { markdownTable } from "../../../stages/table/markdown.ts";
import { assertWellFormed } from "../charts/well_formed.ts";
import { FakeContext } from "../pretrain/fake_context.ts";
import { madeUpEncoder, madeUpInput, REAL } from "../results/made_up_answers.ts";

type Accuracies = Parameters<typeof madeUpInput>[0];
type More = Parameters<typeof madeUpInput>[1];

const PRETRAINED = { data: REAL, encoder: madeUpEncoder(60, ["a"]) };
const UNTRAINED = { data: REAL, encoder: madeUpEncoder(0, ["u"]), source: "untrained encoder" };

/** A row as the stage makes it of a written result. */
async function source(
  input: string,
  accuracies: Accuracies,
  more: More,
  row: Partial<RowSource> = {},
): Promise<RowSource> {
  const folder = await Deno.makeTempDir();
  try {
    await writeResult(folder, madeUpInput(accuracies, more));
    const opened = await readResult(folder);
    return {
      input,
      title: input,
      control: false,
      cells: [input],
      result: opened.file,
      answers: answersOf(opened),
      ...row,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function everyProtocol(more: More = {}): Promise<RowSource[]> {
  const pretrained = { ...PRETRAINED, ...more };
  const untrained = { ...UNTRAINED, ...more };
  return [
    await source("probes", { linear: [70], knn5: [64] }, pretrained),
    await source("tuned", { finetune: [80] }, pretrained),
    await source("untrained", { linear: [50], knn5: [48] }, untrained, { control: true }),
    await source("scratch", { supervised: [60] }, {
      data: REAL,
      source: "supervised",
      varied: ["initialisation"],
      ...more,
    }, { control: true }),
  ];
}

Deno.test("a line for each row and protocol, with interval, test clips and level, and chance", async () => {
  const comparison = compare("Every protocol", await everyProtocol());
  assertEquals(comparison.layout, "long", "kNN and fine-tuning have no columns of their own");
  const text = markdownTable(comparison);
  const cells = text.split("\n").filter((line) => line.startsWith("|")).map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  );
  assertEquals(cells[0], [
    "features",
    "protocol",
    "last",
    "best on test",
    "top-5",
    "interval",
    "clips",
    "level",
  ]);
  assertEquals(
    cells.slice(2, 8).map(([row, protocol, , , , , clips, level]) => [
      row,
      protocol,
      clips,
      level,
    ]),
    [
      ["probes", "linear", "240", "S"],
      ["probes", "kNN, k = 5", "240", "S"],
      ["tuned", "fine-tuned", "240", "S"],
      ["untrained", "linear", "240", "-"],
      ["untrained", "kNN, k = 5", "240", "-"],
      ["scratch", "supervised", "240", "-"],
    ],
  );
  const [row] = comparison.lines;
  const { value, standard_error } = row!.last;
  assertEquals(cells[2]!.slice(2, 4), [
    `${value.toFixed(1)} ± ${standard_error.toFixed(1)}`,
    row!.best!.value.toFixed(1),
  ]);
  assertEquals(cells[3]![3], "-", "no best on test without epochs");
  assertEquals(cells[8]!.slice(0, 5), ["chance", "", "10.0", "-", "50.0"]);
  const [low, high] = row!.last.interval!;
  assert(low < row!.last.value && row!.last.value < high && high - low < 25);
  for (const line of text.split("\n")) assert([...line].length <= 100, line);
  assert(
    text.includes("Indicative, with fewer than 5 seeds of the training: probes (1 seed), tuned"),
  );
  assert(text.includes("Nothing here is a reproduction."));
});

Deno.test("gains are paired by any probe; from scratch is the control of fine-tuning alone", async () => {
  const { gains } = compare("t", await everyProtocol());
  assertEquals(gains.map(({ row, control, probe }) => `${row} ${control} ${probe}`), [
    "probes untrained linear",
    "probes untrained knn5",
    "tuned scratch finetune",
  ]);
  assertEquals(gains[2]!.control_probe, "supervised");
  const sources = await everyProtocol();
  const right = (at: number, probe: string) =>
    sources[at]!.answers[probe]!.right.reduce((sum, one) => sum + one, 0) / 240;
  assertAlmostEquals(gains[1]!.gain, 100 * (right(0, "knn5") - right(2, "knn5")), 1e-9);
  assert(
    gains.every(({ interval: [low], by, units }) => low > 0 && by === "subject" && units === 12),
  );
});

Deno.test("with few subjects both intervals stand side by side, and it is said that they are few", async () => {
  const text = markdownTable(compare("t", await everyProtocol({ subjects: 5 })));
  assert(/\| +interval \| +subjects \| clips \|/.test(text), text);
  assert(text.includes("5 test subjects are too few to say how people differ"), text);
});

Deno.test("one-person and mutual classes have a column where a set has both", async () => {
  const data = { ...REAL, mutual: [8, 9] };
  const comparison = compare("t", await everyProtocol({ data }));
  const { one_person, mutual, last } = comparison.lines[0]!;
  assertEquals([one_person!.n, mutual!.n], [192, 48]);
  assertAlmostEquals((192 * one_person!.last + 48 * mutual!.last) / 240, last.value, 1e-9);
  assert(/\| +one, two \|/.test(markdownTable(comparison)));
});

Deno.test("a published number has a column with the difference, and the settings of both", async () => {
  const reference = { value: 80.3, source: "AWE", frames: 64, width: 64, epoch: "best" } as const;
  const [probes, ...others] = await everyProtocol();
  const comparison = compare("t", [{ ...probes!, reference }, ...others]);
  const [line, knn] = comparison.lines;
  assertAlmostEquals(line!.reference!.difference, line!.last.value - 80.3, 1e-9);
  assertAlmostEquals(line!.reference!.difference_best!, line!.best!.value - 80.3, 1e-9);
  assertEquals(knn!.reference, undefined, "it is of the row's first probe");
  const text = markdownTable(comparison);
  assert(text.includes(`| 80.3 (−${(80.3 - line!.last.value).toFixed(1)}) |`), text);
  assert(/\| published: AWE +\| +64 \| +64 \| unknown \| +unknown \| +best \|/.test(text), text);
  assert(
    /\| probes \(linear\) +\| +32 \| +16 \| +128 \| inward\/outward \| +last \|/.test(text),
    text,
  );
  const lines = csvTable(comparison).trimEnd().split("\n");
  const header = lines[0]!.split(",");
  assertEquals(lines.length, 1 + 6 + 1);
  assertEquals(lines[1]!.split(",")[header.indexOf("published_source")], "AWE");
  assertEquals(lines[1]!.split(",")[header.indexOf("level")], "S");
  const svg = tableChart(comparison);
  assertWellFormed(svg);
  assertEquals(svg.match(/>published</g)!.length, 1);
});

Deno.test("a published number of a classifier that the row does not show is refused", async () => {
  const row = await source("row", { linear: [70] }, {}, {
    reference: { value: 69.4, source: "KTCL-rev", probe: "knn1" },
  });
  assertThrows(
    () => compare("t", [row]),
    UnusableInput,
    "row shows no knn1, which its published number is of (reference.probe); it shows linear",
  );
});

Deno.test("a number of NTU 120 by camera never stands beside one of another split", async () => {
  const data = { ...REAL, dataset: "ntu", classes: 120 };
  const of = (protocol: string, split?: string) =>
    source("row", { linear: [70] }, { data, protocol }, {
      reference: { value: 74.5, source: "AWE", ...(split === undefined ? {} : { split }) },
    });
  for (const [protocol, split] of [["xview", undefined], ["xview", "xset"], ["xset", "camera"]]) {
    const row = await of(protocol!, split);
    assertThrows(() => compare("t", [row]), UnusableInput, "never set side by side");
  }
  const camera = compare("t", [await of("xview", "camera")]);
  assertEquals(camera.lines[0]!.split, "camera");
  const xset = markdownTable(compare("t", [await of("xset", "xset")]));
  assert(xset.includes("NTU 120's second published number is doubtful"), xset);
  const both = markdownTable(compare("t", [await of("xset"), await of("xview", "camera")]));
  assert(both.includes("| linear; xset ") && both.includes("| linear; camera "), both);
});

Deno.test("the chart groups rows by protocol, and protocols by row where rows are more than colours", async () => {
  const [probes, , untrained] = await everyProtocol();
  const rows = (n: number) =>
    Array.from({ length: n }, (_, i) => ({ ...probes!, input: `r${i}`, title: `row ${i}` }));
  const few = tableChart(compare("t", [...rows(3), untrained!]));
  const many = tableChart(compare("t", [...rows(8), untrained!]));
  for (const svg of [few, many]) assertWellFormed(svg);
  assert(/font-weight="bold"[^>]*>kNN, k = 5</.test(few) && !/bold"[^>]*>row 2</.test(few), few);
  assert(/font-weight="bold"[^>]*>row 7</.test(many) && !/bold"[^>]*>kNN/.test(many), many);
  assertEquals([few, many].map((svg) => svg.match(/ \(\d+\.\d–/g)!.length), [
    2 * 2 * 4,
    2 * 2 * 9,
  ], "in the bars' labels and the description");
});

Deno.test("five pre-trainings are told from one encoder with five subsets", async () => {
  const cells = (weights: readonly string[], varied: ResultInput["varied"]) =>
    source("row", { semi_supervised: [60, 61, 62, 63, 64] }, {
      data: REAL,
      encoder: madeUpEncoder(60, weights),
      varied,
    });
  const [draws] = compare("t", [await cells(["a", "a", "a", "a", "a"], ["subset"])]).lines;
  assertEquals([draws!.members, draws!.seeds, draws!.indicative], [5, 1, true]);
  const [seeds] = compare("t", [await cells(["a", "b", "c", "d", "e"], ["initialisation"])]).lines;
  assertEquals([seeds!.members, seeds!.seeds, seeds!.indicative], [5, 5, false]);
});

Deno.test("a row shows the probes that are asked for, and says which there are", async () => {
  const [probes] = await everyProtocol();
  const { lines } = compare("t", [{ ...probes!, probes: ["knn5"] }]);
  assertEquals(lines.map(({ probe }) => probe), ["knn5"]);
  assertThrows(
    () => compare("t", [{ ...probes!, probes: ["knn3"] }]),
    UnusableInput,
    "probes has no answers by knn3; it has linear, knn5",
  );
});

Deno.test("the stage writes the long layout of results, gathered cells among them", async () => {
  const home = await Deno.makeTempDir();
  try {
    const inputs: Record<string, string> = {};
    const write = async (name: string, accuracies: Accuracies, more: More) => {
      inputs[name] = `${home}/${name}`;
      await Deno.mkdir(inputs[name]);
      await writeResult(inputs[name], madeUpInput(accuracies, more));
    };
    for (const seed of [1, 2]) {
      const encoder = madeUpEncoder(60, [`weights of ${seed}`]);
      await write(`tuned@seed=${seed}`, { finetune: [78 + seed] }, { data: REAL, encoder });
    }
    await write("scratch", { supervised: [60] }, { data: REAL });
    const params = table.params.parse({
      rows: [{ input: "tuned", title: "fine-tuned", mean: true }, {
        input: "scratch",
        title: "from scratch",
        control: true,
      }],
    }) as TableParams;
    const ctx = await FakeContext.begin({
      params,
      home: `${home}/table`,
      inputs,
      outputs: ["table"],
    });
    await runTable(ctx);
    const json = JSON.parse(await Deno.readTextFile(`${ctx.output("table")}/table.json`));
    assertEquals([json.layout, json.lines[0].members, json.lines[0].seeds], ["long", 2, 2]);
    assertEquals(json.lines[0].claim.level, "S");
    assertEquals([json.lines[0].axes, json.lines[0].varied], [["seed"], ["initialisation"]]);
    const said = json.notes.join(" ");
    assert(
      said.includes("mean of 2 results from 2 cells (seed, 2 trainings), which differ in"),
      said,
    );
    assert(ctx.metrics.get("gain")! > 0);
    assertEquals(ctx.metrics.get("over_scratch"), ctx.metrics.get("gain"), "of the only probe");
    await write("probes", { linear: [70], knn5: [64] }, PRETRAINED);
    await write("untrained", { linear: [50], knn5: [48] }, UNTRAINED);
    const several = await FakeContext.begin({
      params: table.params.parse({
        rows: [{ input: "probes" }, { input: "untrained", control: true }],
      }) as TableParams,
      home: `${home}/several`,
      inputs: { probes: inputs.probes!, untrained: inputs.untrained! },
      outputs: ["table"],
    });
    await runTable(several);
    assertEquals([...several.metrics.keys()].sort(), [
      "gain",
      "over_untrained_knn5",
      "over_untrained_knn5_low",
      "over_untrained_linear",
      "over_untrained_linear_low",
    ]);
    const wide = { ...params, layout: "wide" as const };
    const mixed = await FakeContext.begin({
      params: {
        ...wide,
        rows: [{ input: "scratch", mean: false, control: false, probes: ["linear"] }],
      },
      home: `${home}/mixed`,
      inputs: { scratch: inputs.scratch! },
      outputs: ["table"],
    });
    await assertRejects(() => runTable(mixed), UnusableInput, "no answers by linear");
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
