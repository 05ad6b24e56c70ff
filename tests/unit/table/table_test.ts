import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import type { AnswersByProbe } from "../../../stages/table/answers.ts";
import { tableChart } from "../../../stages/table/chart.ts";
import { compare, type RowSource } from "../../../stages/table/comparison.ts";
import { csvTable } from "../../../stages/table/csv.ts";
import { tableProblems } from "../../../stages/table/definition.ts";
import { markdownTable } from "../../../stages/table/markdown.ts";
import { gathered } from "../../../stages/table/gathered.ts";
import { differingAxes, inputsOfRow, isOneCell, rowsOf } from "../../../stages/table/rows.ts";
import { UnusableInput } from "../../../stages/formats/unusable_input.ts";
import { assertWellFormed } from "../charts/well_formed.ts";
import { madeUpAnswers, madeUpResult, type MemberFigures } from "./made_up_results.ts";

const SOURCES: readonly RowSource[] = [
  {
    input: "pretrained",
    cells: ["pretrained"],
    title: "pre-trained encoder",
    control: false,
    result: madeUpResult("a", [[50, 55, 90, 60, 95, 41.25]]),
    answers: madeUpAnswers(60),
  },
  {
    input: "untrained",
    cells: ["untrained"],
    title: "untrained encoder",
    control: true,
    result: madeUpResult("b", [[20, 30, 70, 43.75, 80, 30], [24, 31, 72, 50, 82, 32], [
      22,
      32,
      71,
      46.875,
      81,
      34,
    ]]),
    answers: madeUpAnswers(46.875),
  },
  {
    input: "raw",
    cells: ["raw"],
    title: "raw | coordinates",
    control: true,
    result: madeUpResult("c", [[61, 62, 93, 62.5, 94]]),
    answers: madeUpAnswers(62.5),
  },
];
/** The same answers, of other clips. */
function shifted(answers: AnswersByProbe): AnswersByProbe {
  const moved = Object.entries(answers).map(([probe, one]) => [probe, {
    ...one,
    clips: one.clips.map((clip) => clip + 1),
  }]);
  return Object.fromEntries(moved);
}

const TRAINING = {
  steps: 12,
  batch: 16,
  clips_seen: 192,
  passes: 0.96,
  loss: { L_z: 4.151, chance: 4.174 },
  mask: {
    shares: { channel: 0.7123, clip: 0.01, frame: 0.02, joint: 0.1377, residual: 0.12 },
    tokens: 0.21,
    auc: { trained: 0.6152, untrained: 0.5, random: 0.4995 },
  },
};

Deno.test("table.md reads well in a terminal of 100 columns", () => {
  const text = markdownTable(compare("Linear evaluation", SOURCES, TRAINING));
  assertEquals(text, SNAPSHOT);
  for (const line of text.split("\n")) assert([...line].length <= 100, line);
});

const SNAPSHOT = `# Linear evaluation

Split xsub: 200 training and 160 test clips of 10 classes. Accuracy in percent, ± one standard
error (binomial, 160 clips).

| features                | linear, last | best on test | last, top-5 |  converged | conv. top-5 |
| ----------------------- | -----------: | -----------: | ----------: | ---------: | ----------: |
| pre-trained encoder [P] |   50.0 ± 4.0 |   55.0 ± 3.9 |  90.0 ± 2.4 | 60.0 ± 3.9 |  95.0 ± 1.7 |
| untrained encoder ×3    |   22.0 ± 3.3 |   31.0 ± 3.7 |  71.0 ± 3.6 | 46.9 ± 3.9 |  81.0 ± 3.1 |
| raw \\| coordinates      |   61.0 ± 3.9 |   62.0 ± 3.8 |  93.0 ± 2.0 | 62.5 ± 3.8 |  94.0 ± 1.9 |
| chance                  |   10.0 ± 2.4 |   10.0 ± 2.4 |  50.0 ± 4.0 | 10.0 ± 2.4 |  50.0 ± 4.0 |

- Pre-training so far: 12 steps of batch 16, 192 clips seen (0.96 passes over its training clips;
  the released setting makes 300). Its global loss L_z stands at 4.15; a chance guess gives 4.17.
- The attention mask's variance: channel 71.2 %, joint 13.8 %, frame 2.0 %, clip 1.0 %, residual
  12.0 %; between the tokens of a body 21.0 % (0 for a gate of channels). Its AUC for swapped
  against own tokens is 0.615 (untrained 0.500, random 0.499).
- Differences are of the converged probe, on the same test clips: paired bootstrap over 16 test
  subjects.
- pre-trained encoder minus untrained encoder: +13.1 points, 95 % interval +11.3 to +15.6, above
  0.
- pre-trained encoder minus raw | coordinates: −2.5 points, 95 % interval −5.0 to −0.6, not above
  0: nothing has been learnt beyond it.
- linear: the released probe, SGD at learning rate 3 on raw features. last: after the last epoch.
  best on test: at the epoch that was best on the test clips themselves. converged: ridge on
  standardised features, strength chosen over training subjects; compare rows by this one.
- untrained encoder ×3: mean of 3 initialisations, which differ by a standard deviation of 2.0
  (linear, last), 1.0 (best on test) and 3.1 points (converged).
- Nearest training clip (cosine of centred features): pre-trained encoder 41.3 ± 3.9, untrained
  encoder 32.0 ± 3.7.
- chance: one in the 10 classes that are tested. Always naming the most frequent one scores 12.5.
- 95 % intervals of the converged probe, bootstrap over test subjects: pre-trained encoder
  60.0–60.0; untrained encoder 44.4–48.8; raw | coordinates 60.6–65.0.
- Indicative, with fewer than 5 seeds of the training: pre-trained encoder (1 seed).
- Levels. P: the arithmetic is that of the released code, and no more is claimed. S: real
  recordings, above every control by the paired interval. R: a full run on the paper's data, at
  least 5 seeds, within their spread of the published number. Nothing here is a reproduction.
- pre-trained encoder: P, it is not known where the clips come from.
`;

Deno.test("compare() averages members, keeps their spread and gives the binomial error of the mean", () => {
  const { rows, gains } = compare("t", SOURCES);
  const converged = rows[1]!.figures.converged!;
  assertEquals([converged.value, converged.spread], [46.875, 3.125]);
  assertAlmostEquals(converged.standard_error, 100 * Math.sqrt(0.46875 * 0.53125 / 160), 1e-12);
  assertEquals(rows[0]!.figures.converged!.spread, undefined);
  assertEquals(rows[2]!.figures.nn1, undefined);
  assertEquals(gains.map(({ control, gain }) => [control, gain]), [
    ["untrained encoder", 13.125],
    ["raw | coordinates", -2.5],
  ]);
});

Deno.test("compare() refuses rows that were tested on other clips", () => {
  const other = { ...SOURCES[1]!, result: { ...SOURCES[1]!.result, protocol: "xview" } };
  assertThrows(() => compare("t", [SOURCES[0]!, other]), Error, "untrained has protocol xview");
  const fewer = { ...SOURCES[1]!, result: { ...SOURCES[1]!.result, test: 159 } };
  assertThrows(() => compare("t", [SOURCES[0]!, fewer]), Error, "has test 159");
  const moved = { ...SOURCES[1]!, answers: shifted(SOURCES[1]!.answers) };
  assertThrows(() => compare("t", [SOURCES[0]!, moved]), Error, "different clips");
  assertThrows(() => compare("t", []), Error, "no result");
});

Deno.test("table.csv has one line a row and quotes what needs it", () => {
  const quoted = { ...SOURCES[2]!, title: 'raw, "flat"' };
  const lines = csvTable(compare("t", [...SOURCES.slice(0, 2), quoted])).trimEnd().split("\n");
  assertEquals(lines.length, 5);
  const header = lines[0]!.split(",");
  assertEquals(lines[1]!.split(",")[header.indexOf("linear_best")], "55");
  assertEquals(lines[2]!.split(",")[header.indexOf("converged_spread")], "3.125");
  assert(lines[3]!.startsWith('"raw, ""flat""",true,1,160,61,'));
  assertEquals(lines[4]!.split(",")[header.indexOf("converged_top5")], "50");
});

Deno.test("table.svg is well-formed and shows three bars a row", () => {
  const svg = tableChart(compare("Linear evaluation", SOURCES));
  assertWellFormed(svg);
  assertEquals(
    svg.match(/ (?:± \d|\(\d+\.\d–)/g)!.length,
    2 * 9,
    "in the bars' labels and the description",
  );
});

Deno.test("tableProblems() names rows without a result, and rows named twice", () => {
  const params = {
    title: "t",
    rows: [
      { input: "raw", mean: false, control: false },
      { input: "rwa", mean: false, control: true },
      { input: "raw", mean: false, control: true },
      { input: "training", mean: false, control: true },
    ],
  };
  const problems = tableProblems(params, { raw: {}, training: {} });
  assertEquals(problems.map(({ path }) => path.join(".")), [
    "rows.1.input",
    "rows.2.input",
    "rows.3.input",
  ]);
  assertEquals(tableProblems({ title: "t" }, { raw: {} }), []);
});

Deno.test("a row means the input of its name, or all cells that were gathered under it", () => {
  const results = ["raw", "trained@tau=0.07,seed=1", "trained@tau=0.2,seed=1"];
  assertEquals(inputsOfRow("raw", results), ["raw"]);
  assertEquals(inputsOfRow("trained", results), results.slice(1));
  assertEquals(inputsOfRow("train", results), []);
  assertEquals(
    rowsOf([{ input: "trained", title: "ours", mean: false, control: false }, {
      input: "raw",
      mean: false,
      control: true,
    }], [
      ...results,
    ]),
    [
      {
        input: "trained@tau=0.07,seed=1",
        cells: ["trained@tau=0.07,seed=1"],
        control: false,
        title: "ours tau=0.07,seed=1",
      },
      {
        input: "trained@tau=0.2,seed=1",
        cells: ["trained@tau=0.2,seed=1"],
        control: false,
        title: "ours tau=0.2,seed=1",
      },
      { input: "raw", cells: ["raw"], control: true },
    ],
  );
  assertEquals(
    rowsOf([{ input: "trained", title: "ours", mean: true, control: false }], results),
    [{ input: "trained", cells: results.slice(1), control: false, title: "ours" }],
  );
  assertEquals(rowsOf(undefined, ["b", "a"]).map(({ input }) => input), ["b", "a"]);
});

Deno.test("tableProblems() takes a row that means gathered cells", () => {
  const params = { title: "t", rows: [{ input: "trained", mean: false, control: false }] };
  assertEquals(tableProblems(params, { "trained@seed=1": {}, "trained@seed=2": {} }), []);
  assertEquals(tableProblems(params, { "trains@seed=1": {} }).length, 1);
});

Deno.test("in a grid a row is held against the controls of its own cell", () => {
  assert(isOneCell("a@tau=0.2,seed=1", "b@seed=1"));
  assert(!isOneCell("a@tau=0.2,seed=1", "b@seed=2"));
  assert(isOneCell("a@tau=0.2,seed=1", "raw"));
  assert(isOneCell("tau=0.2,seed=1", "b@seed=1"));
  const at = (input: string, control: boolean): RowSource => ({
    ...SOURCES[control ? 1 : 0]!,
    input,
    title: input,
    control,
  });
  const { gains } = compare("t", [
    at("a@seed=1", false),
    at("a@seed=2", false),
    at("b@seed=1", true),
    at("b@seed=2", true),
  ]);
  assertEquals(gains.map(({ row, control }) => `${row} ${control}`), [
    "a@seed=1 b@seed=1",
    "a@seed=2 b@seed=2",
  ]);
});

Deno.test("a mean over cells has the members of all, and answers of each", () => {
  const cell = (input: string, members: readonly MemberFigures[], right: number) => ({
    input,
    result: madeUpResult("r", members),
    answers: madeUpAnswers(right),
  });
  const first = cell("a@seed=1", [[50, 55, 90, 60, 95, 41.25]], 60);
  const second = cell("a@seed=2", [[54, 56, 92, 70, 97, 45]], 70);
  const { result, answers } = gathered([first, second]);
  assertEquals(result.summary.linear_converged!.members, 2);
  assertEquals(result.summary.linear_converged!.top1_last, { mean: 65, spread: Math.sqrt(50) });
  assertAlmostEquals(
    answers.linear!.right.reduce((sum, share) => sum + share, 0),
    0.65 * 160,
    1e-9,
  );
  const source = { input: "a", title: "seeds", control: false, cells: ["a@seed=1", "a@seed=2"] };
  const text = markdownTable(compare("t", [{ ...source, result, answers }, SOURCES[2]!]));
  assert(text.includes("| seeds ×2 "), text);
  assert(
    text.replaceAll("\n  ", " ").includes("mean of 2 results from 2 cells (seed), which differ"),
    text,
  );
  const fewer = cell("a@seed=3", [[1, 1, 1, 1, 1], [1, 1, 1, 1, 1]], 1);
  assertThrows(() => gathered([first, fewer]), UnusableInput, "a@seed=3 has 2 members");
  const other = {
    ...second,
    answers: shifted(second.answers),
  };
  assertThrows(() => gathered([first, other]), UnusableInput, "tested on different clips");
});

Deno.test("a mean over draws of a subset says that the subset differs", () => {
  const cell = (input: string) => ({
    input,
    result: madeUpResult("r", [[50, 55, 90, 60, 95, 41.25]]),
    answers: madeUpAnswers(60),
  });
  const { result } = gathered([cell("a@draw=1,labels=5"), cell("a@draw=2,labels=5")]);
  assertEquals(result.varied, ["subset"]);
  assertEquals(gathered([cell("a@seed=1"), cell("a@seed=2")]).result.varied, []);
  assertEquals(differingAxes(["a@draw=1,labels=5", "a@draw=2,labels=5"]), ["draw"]);
  assertEquals(differingAxes(["a"]), []);
});
