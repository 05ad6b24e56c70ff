import { assertEquals, assertStringIncludes } from "@std/assert";
import { placeOf } from "../../../pipeline/experiment/experiment_error.ts";
import { withPlaces } from "../../../pipeline/experiment.ts";
import { PlanError } from "../../../pipeline/plan_error.ts";
import type { Experiment } from "../../../pipeline/types.ts";
import { ExperimentFiles } from "./experiment_files.ts";

const BASE = `name: base
seed: 7
stages:
  a:
    uses: numbers
    params: {count: 10}
  s:
    uses: scale
    inputs: {numbers: a.numbers}
    params:
      factor: 3
      optim: {rate: 0.5}
expect:
  "s.sum": {min: 1}
variants:
  smoke:
    stages:
      a: {params: {count: 2}}
    expect:
      "s.sum":
`;

function params(experiment: Experiment, id: string): unknown {
  return experiment.stages.find((stage) => stage.id === id)?.params;
}

Deno.test("loadExperiment() fills defaults, seeds and bindings, in the order of the file", () => {
  using files = new ExperimentFiles({ "main.yaml": BASE });
  const experiment = files.load();
  assertEquals(experiment.name, "base");
  assertEquals(experiment.seed, 7);
  assertEquals(experiment.stages.map(({ id }) => id), ["a", "s"]);
  assertEquals(params(experiment, "a"), { count: 10, seed: 7 });
  assertEquals(params(experiment, "s"), {
    factor: 3,
    mode: "exact",
    optim: { rate: 0.5 },
    widths: [8],
  });
  assertEquals(experiment.stages[1]!.inputs, {
    numbers: { kind: "output", stage: "a", output: "numbers" },
  });
  assertEquals(experiment.expect, [{ stage: "s", metric: "sum", min: 1 }]);
});

Deno.test("a stage's own seed stands against the experiment's; without any, the seed is 1", () => {
  using files = new ExperimentFiles({
    "main.yaml":
      "name: x\nstages:\n  a: {uses: numbers}\n  b: {uses: numbers, params: {seed: 9}}\n",
  });
  const experiment = files.load();
  assertEquals(params(experiment, "a"), { count: 4, seed: 1 });
  assertEquals(params(experiment, "b"), { count: 4, seed: 9 });
});

Deno.test("extends lays a file over another: maps merge in depth, the child wins", () => {
  using files = new ExperimentFiles({
    "base.yaml": BASE,
    "sub/main.yaml":
      "extends: ../base.yaml\nname: child\nstages:\n  s: {params: {optim: {rate: 2}}}\n" +
      "  t: {uses: scale, inputs: {numbers: s.numbers}}\n",
  });
  const experiment = files.load("sub/main.yaml");
  assertEquals(experiment.name, "child");
  assertEquals(experiment.stages.map(({ id }) => id), ["a", "s", "t"]);
  assertEquals(params(experiment, "s"), {
    factor: 3,
    mode: "exact",
    optim: { rate: 2 },
    widths: [8],
  });
});

Deno.test("extends goes on over several files", () => {
  using files = new ExperimentFiles({
    "a.yaml": BASE,
    "b.yaml": "extends: a.yaml\nseed: 8\n",
    "main.yaml": "extends: b.yaml\nname: last\n",
  });
  assertEquals(files.load().seed, 8);
  assertEquals(params(files.load(), "a"), { count: 10, seed: 8 });
});

Deno.test("a complaint about an inherited value points into the file that has it", () => {
  using files = new ExperimentFiles({
    "base.yaml": BASE.replace("count: 10", "count: few"),
    "main.yaml": "extends: base.yaml\nstages:\n  s: {params: {factor: 0}}\n",
  });
  assertEquals(files.complaints(), [
    'base.yaml:6:21: count: expected a number, found "few"',
    "main.yaml:3:24: factor: expected more than 0, found 0",
  ]);
});

Deno.test("an empty stage, input or expectation in a child takes the inherited one away", () => {
  using files = new ExperimentFiles({
    "base.yaml": BASE,
    "main.yaml": 'extends: base.yaml\nstages:\n  s:\nexpect:\n  "s.sum":\n',
  });
  const experiment = files.load();
  assertEquals(experiment.stages.map(({ id }) => id), ["a"]);
  assertEquals(experiment.expect, []);
});

Deno.test("an empty section in a child takes nothing away", () => {
  using files = new ExperimentFiles({
    "base.yaml": BASE,
    "main.yaml": "extends: base.yaml\nstages:\n  a:\n    params:\nexpect:\n",
  });
  assertEquals(params(files.load(), "a"), { count: 10, seed: 7 });
  assertEquals(files.load().expect.length, 1);
});

Deno.test("another stage type in a child replaces the stage, with its inputs and parameters", () => {
  using files = new ExperimentFiles({
    "base.yaml": BASE,
    "main.yaml": "extends: base.yaml\nstages:\n  s: {uses: numbers, params: {count: 5}}\n",
  });
  const stage = files.load().stages[1]!;
  assertEquals(stage.definition.name, "numbers");
  assertEquals(stage.params, { count: 5, seed: 7 });
  assertEquals(stage.inputs, {});
});

Deno.test("extends refuses a circle, a missing file and something that is no path", () => {
  using files = new ExperimentFiles({
    "a.yaml": "extends: b.yaml\n",
    "b.yaml": "extends: a.yaml\n",
    "c.yaml": "name: c\nextends: nothing.yaml\n",
    "d.yaml": "extends: [a.yaml]\n",
  });
  assertEquals(files.complaints("a.yaml"), [
    "b.yaml:1:10: extends: a.yaml extends this file in turn; take one of the two away",
  ]);
  assertEquals(files.complaints("c.yaml"), ["c.yaml:2:10: extends: there is no file nothing.yaml"]);
  assertEquals(files.complaints("d.yaml"), [
    "d.yaml:1:10: extends: expected the path of an experiment file, found a list of 1",
  ]);
});

Deno.test("extends takes an absolute path as it is", () => {
  using files = new ExperimentFiles({ "base.yaml": BASE });
  Deno.mkdirSync(`${files.folder}/sub`);
  Deno.writeTextFileSync(
    `${files.folder}/sub/main.yaml`,
    `extends: ${files.folder}/base.yaml\nname: child\n`,
  );
  assertEquals(files.load("sub/main.yaml").name, "child");
});

Deno.test("a variant is laid over the experiment, and over those it extends", () => {
  using files = new ExperimentFiles({
    "base.yaml": BASE,
    "main.yaml": "extends: base.yaml\nvariants: {smoke: {seed: 3}, long: {name: long}}\n",
  });
  const smoke = files.load("main.yaml", { variant: "smoke" });
  assertEquals(params(smoke, "a"), { count: 2, seed: 3 });
  assertEquals(smoke.expect, []);
  assertEquals(smoke.name, "base:smoke");
  const long = files.load("main.yaml", { variant: "long" });
  assertEquals([long.name, params(long, "a")], ["long", { count: 10, seed: 7 }]);
});

Deno.test("a variant that does not exist is refused, with those that do", () => {
  using files = new ExperimentFiles({ "main.yaml": BASE });
  assertEquals(files.complaints("main.yaml", { variant: "smok" }), [
    'main.yaml:15:1: there is no variant "smok"; did you mean "smoke"? The variants here: smoke',
  ]);
});

Deno.test("a fault in a variant is found when the variant is used, in its own lines", () => {
  using files = new ExperimentFiles({ "main.yaml": BASE.replace("{count: 2}", "{count: 0}") });
  files.load();
  assertEquals(files.complaints("main.yaml", { variant: "smoke" }), [
    "main.yaml:18:27: count: expected at least 1, found 0",
  ]);
});

Deno.test("--set puts values of any YAML kind anywhere, also into lists", () => {
  using files = new ExperimentFiles({ "main.yaml": BASE });
  const experiment = files.load("main.yaml", {
    set: [
      "stages.a.params.count=3",
      "stages.s.params.widths=[16, 24]",
      "stages.s.params.widths.0=32",
      "stages.s.params.mode=floor",
      "expect.s.sum.max=9",
      "seed=11",
    ],
  });
  assertEquals(params(experiment, "a"), { count: 3, seed: 11 });
  assertEquals(params(experiment, "s"), {
    factor: 3,
    mode: "floor",
    optim: { rate: 0.5 },
    widths: [32, 24],
  });
  assertEquals(experiment.expect, [{ stage: "s", metric: "sum", min: 1, max: 9 }]);
  assertEquals(experiment.stages.map(({ id }) => id), ["a", "s"]);
});

Deno.test("--set stands over a variant", () => {
  using files = new ExperimentFiles({ "main.yaml": BASE });
  const experiment = files.load("main.yaml", {
    variant: "smoke",
    set: ["stages.a.params.count=5"],
  });
  assertEquals(params(experiment, "a"), { count: 5, seed: 7 });
});

for (
  const [set, complaint] of [
    [
      "stages.a.params.cuont=3",
      'unknown parameter "cuont"; did you mean "count"? Known here: count, seed',
    ],
    ["stages.a.params.count=few", 'count: expected a number, found "few"'],
    ["stages.a.params.count=", "count: expected a number, found nothing"],
    ["stages.b.params.count=3", 'there is no stage "b" in this experiment. The stages here: a, s'],
    [
      "stages.aa.params.x=3",
      'there is no stage "aa" in this experiment; did you mean "a"? The stages here: a, s',
    ],
    ["stages=3", "expected stages.STAGE.params.NAME=VALUE"],
    [
      "stages.s.params.optim.rete=1",
      'unknown parameter "rete"; did you mean "rate"? Known here: rate',
    ],
    [
      "stages.a.parms.count=3",
      'unknown name "parms"; did you mean "params"? Known here: uses, inputs, params',
    ],
    [
      "sead=3",
      'unknown name "sead"; did you mean "seed"? Known here: name, extends, seed, stages, matrix, expect, variants',
    ],
    ["seed.x=3", "seed: expected a number, found a map with x"],
    [
      "stages.s.inputs.numbers=a.number",
      'numbers: stage a (numbers) has no output "number"; did you mean "numbers"? Its outputs are: numbers (numbers)',
    ],
    ["seed", 'expected PATH=VALUE, such as stages.pretrain.params.epochs=3; there is no "=" in it'],
    [
      ".seed=3",
      'expected PATH=VALUE, such as stages.pretrain.params.epochs=3; the part before "=" is no path',
    ],
    ["seed=[1", "the value is no YAML: "],
  ] as const
) {
  Deno.test(`--set ${set} is refused, and named as the place`, () => {
    using files = new ExperimentFiles({ "main.yaml": BASE });
    const [found, ...more] = files.complaints("main.yaml", { set: [set] });
    assertEquals(more, []);
    assertStringIncludes(found!, `--set ${set}: ${complaint}`);
  });
}

Deno.test("${NAME} in a path comes from the environment; other paths start at their own file", () => {
  using files = new ExperimentFiles({
    "raw/x.txt": "1",
    "base/base.yaml":
      "name: x\nstages:\n  r: {uses: read_numbers, inputs: {file: {path: ../raw/x.txt}}}\n" +
      '  e: {uses: read_numbers, inputs: {file: {path: "${RAW_DIR}/x.txt"}}}\n',
    "main.yaml": "extends: base/base.yaml\n",
  });
  const raw = `${files.folder}/raw`;
  const experiment = files.load("main.yaml", {
    env: (name) => name === "RAW_DIR" ? raw : undefined,
  });
  for (const stage of experiment.stages) {
    assertEquals(stage.inputs.file, { kind: "external", path: `${raw}/x.txt` });
  }
});

Deno.test("anchors, aliases and merge keys work, and their values are found where they stand", () => {
  using files = new ExperimentFiles({
    "main.yaml": "name: x\nx-common: &common\n  uses: numbers\n  params: {count: 3}\nstages:\n" +
      "  a: *common\n  b:\n    <<: *common\n    params: {count: 5}\n",
    "bad.yaml": "name: x\nx-common: &common\n  uses: numbers\n  params: {count: few}\nstages:\n" +
      "  a:\n    <<: *common\n",
  });
  assertEquals(params(files.load(), "a"), { count: 3, seed: 1 });
  assertEquals(params(files.load(), "b"), { count: 5, seed: 1 });
  assertEquals(files.complaints("bad.yaml"), [
    'bad.yaml:4:19: count: expected a number, found "few"',
  ]);
});

Deno.test("locate() finds values, and the deepest place that exists for what is missing", () => {
  using files = new ExperimentFiles({ "main.yaml": BASE });
  const experiment = files.load("main.yaml", { set: ["stages.a.params.count=5"] });
  const place = (...path: string[]) =>
    placeOf(experiment.locate(path)).replace(`${files.folder}/`, "");
  assertEquals(place("stages", "s", "params", "factor"), "main.yaml:11:15");
  assertEquals(place("stages", "s", "params", "mode"), "main.yaml:11:7");
  assertEquals(place("stages", "a", "params", "count"), "--set stages.a.params.count=5");
});

Deno.test("withPlaces() shows the lines of what a plan found wrong", () => {
  using files = new ExperimentFiles({ "main.yaml": BASE });
  const experiment = files.load();
  const error = withPlaces(
    new PlanError(
      [{ path: ["stages", "s", "params", "factor"], message: "expected at most 2" }],
      experiment,
    ),
    experiment,
  );
  assertEquals(
    error.message.replace(`${files.folder}/`, ""),
    "main.yaml:11:15: expected at most 2\n   11 |       factor: 3\n      |               ^",
  );
});

Deno.test("a file of CRLF lines has the same places", () => {
  using files = new ExperimentFiles({
    "main.yaml": BASE.replace("10", "few").replaceAll("\n", "\r\n"),
  });
  assertEquals(files.complaints(), ['main.yaml:6:21: count: expected a number, found "few"']);
});

Deno.test("the same experiment with its keys in another order is the same value", () => {
  using files = new ExperimentFiles({
    "main.yaml": "name: x\nstages:\n  a: {uses: numbers, params: {count: 3, seed: 2}}\n",
    "other.yaml":
      "stages:\n  a: {params: {seed: 2, count: 3}, uses: numbers} # a comment\nname: x\n",
  });
  assertEquals(files.load().stages[0]!.params, files.load("other.yaml").stages[0]!.params);
});
