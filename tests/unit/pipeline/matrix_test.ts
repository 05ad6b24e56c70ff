/** What a matrix expands into. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { withPlaces } from "../../../pipeline/experiment.ts";
import { PlanError } from "../../../pipeline/plan_error.ts";
import type { Experiment } from "../../../pipeline/types.ts";
import { ExperimentFiles } from "./experiment_files.ts";
import { toyCatalogue } from "./toy_catalogue.ts";

const STAGES = `name: grid
seed: 5
stages:
  fixed: {uses: numbers, params: {seed: 9}}
  alone: {uses: scale, inputs: {numbers: fixed.numbers}}
  a: {uses: numbers}
  s: {uses: scale, inputs: {numbers: a.numbers}, params: {factor: 3}}
  t: {uses: scale, inputs: {numbers: s.numbers}}
variants:
  fast: {name: quick, stages: {t: {params: {mode: floor}}}}
  plain:
`;

function load(
  text: string,
  options: { cells?: string[]; set?: string[]; variant?: string } = {},
): Experiment {
  using files = new ExperimentFiles({ "main.yaml": text });
  return files.load("main.yaml", options);
}

function ids(experiment: Experiment): string[] {
  return experiment.stages.map(({ id }) => id);
}

/** Stages by id, each with its parameters and with the stages that it takes its inputs from. */
function table(experiment: Experiment) {
  return Object.fromEntries(experiment.stages.map(({ id, params, inputs }) => [id, {
    params,
    from: Object.fromEntries(
      Object.entries(inputs).map(([name, binding]) => [
        name,
        binding.kind === "output" ? `${binding.stage}.${binding.output}` : binding.path,
      ]),
    ),
  }]));
}

Deno.test("stages that no axis reaches exist once; those that are reached once for each value that does", () => {
  const experiment = load(
    `${STAGES}matrix:\n  axes:\n    seed: [1, 2]\n` +
      "    f: {set: stages.s.params.factor, values: [0.5, 2]}\n",
  );
  assertEquals(ids(experiment), [
    "fixed",
    "alone",
    "a@seed=1",
    "s@seed=1,f=0.5",
    "t@seed=1,f=0.5",
    "s@seed=1,f=2",
    "t@seed=1,f=2",
    "a@seed=2",
    "s@seed=2,f=0.5",
    "t@seed=2,f=0.5",
    "s@seed=2,f=2",
    "t@seed=2,f=2",
  ]);
  const found = table(experiment);
  assertEquals(found["a@seed=2"], { params: { count: 4, seed: 2 }, from: {} });
  assertEquals(found["fixed"]!.params.seed, 9);
  assertEquals(found["s@seed=2,f=0.5"]!.params.factor, 0.5);
  assertEquals(found["s@seed=2,f=0.5"]!.from, { numbers: "a@seed=2.numbers" });
  assertEquals(found["t@seed=1,f=2"]!.from, { numbers: "s@seed=1,f=2.numbers" });
  const [alone, stage] = [experiment.stages[1]!, experiment.stages[3]!];
  assertEquals([alone.base, alone.cell], [undefined, undefined]);
  assertEquals([stage.base, stage.cell], ["s", { seed: "1", f: "0.5" }]);
  assertEquals(experiment.seed, 5);
  assertEquals(experiment.matrix, {
    axes: [{ name: "seed", labels: ["1", "2"] }, { name: "f", labels: ["0.5", "2"] }],
    cells: 4,
  });
});

Deno.test("an axis sets parameters in depth, in lists, at several places, inputs and types", () => {
  const experiment = load(`${STAGES}matrix:
  axes:
    rate: {set: [stages.s.params.optim.rate, stages.t.params.optim.rate], values: [1, 2]}
    width: {set: stages.s.params.widths, values: {small: [8], large: [8, 16]}}
    from: {set: stages.t.inputs.numbers, values: [s.numbers, fixed.numbers]}
`);
  const found = table(experiment);
  const small = found["s@rate=2,width=small"]!.params as Record<string, unknown>;
  assertEquals([small.optim, small.widths], [{ rate: 2 }, [8]]);
  assertEquals(found["s@rate=1,width=large"]!.params.widths, [8, 16]);
  const t = found["t@rate=2,width=large,from=fixed.numbers"]!;
  assertEquals([t.params.optim, t.from], [{ rate: 2 }, { numbers: "fixed.numbers" }]);

  // The parameters of a stage fit one of the two types alone.
  const types =
    `name: x\nstages: {n: {uses: numbers}, s: {uses: scale, inputs: {numbers: n.numbers}}}
matrix: {axes: {kind: {set: stages.s.uses, values: [scale, gather]}}}\n`;
  using files = new ExperimentFiles({ "main.yaml": types });
  assertEquals(files.complaints(), [
    "main.yaml:2:33: title is missing; expected a text (in 1 of 2 cells: kind=gather)",
  ]);
  const both = types.replace("inputs:", "params: {}, inputs:").replace("gather", "pick");
  const catalogue = { ...toyCatalogue, pick: { ...toyCatalogue.scale!, name: "pick" } };
  Deno.writeTextFileSync(`${files.folder}/main.yaml`, both);
  assertEquals(
    files.load("main.yaml", { catalogue }).stages.map((
      { id, definition },
    ) => [id, definition.name]),
    [["n", "numbers"], ["s@kind=scale", "scale"], ["s@kind=pick", "pick"]],
  );
});

Deno.test("an axis of variants lays them over the file; their names mean nothing, and they may be empty", () => {
  const experiment = load(`${STAGES}matrix:\n  axes: {mode: [plain, fast]}\n`);
  assertEquals(experiment.name, "grid");
  assertEquals(ids(experiment).slice(4), ["t@mode=plain", "t@mode=fast"]);
  const found = table(experiment);
  assertEquals(found["t@mode=plain"]!.params.mode, "exact");
  assertEquals(found["t@mode=fast"]!.params.mode, "floor");
});

Deno.test("cases may replace, take away and add stages, and set the seed", () => {
  const experiment = load(`${STAGES}matrix:
  axes:
    c:
      cases:
        none:
        other: {seed: 8, stages: {s: {uses: read_numbers, inputs: {file: {path: main.yaml}}}, t: }}
        more: {stages: {u: {uses: scale, inputs: {numbers: a.numbers}}}}
`);
  assertEquals(experiment.stages.map(({ id, definition }) => `${id} ${definition.name}`), [
    "fixed numbers",
    "alone scale",
    "a@c=none numbers",
    "s@c=none scale",
    "t@c=none scale",
    "a@c=other numbers",
    "s@c=other read_numbers",
    "a@c=more numbers",
    "s@c=more scale",
    "t@c=more scale",
    "u@c=more scale",
  ]);
  const found = table(experiment);
  assertEquals(found["a@c=none"]!.params.seed, 5);
  assertEquals(found["a@c=other"]!.params.seed, 8);
  assert(found["s@c=other"]!.from.file!.endsWith("/main.yaml"));
});

Deno.test("zipped axes go side by side", () => {
  const experiment = load(`${STAGES}matrix:
  axes:
    f: {set: stages.s.params.factor, values: [1, 2]}
    seed: [3, 4]
    r: {set: stages.s.params.optim.rate, values: [0.1, 0.2]}
  zip: [[r, f]]
`);
  assertEquals(ids(experiment).filter((id) => id.startsWith("s@")), [
    "s@f=1,seed=3,r=0.1",
    "s@f=1,seed=4,r=0.1",
    "s@f=2,seed=3,r=0.2",
    "s@f=2,seed=4,r=0.2",
  ]);
});

Deno.test("exclude takes cells away, by label or value; include adds cells, also of new values", () => {
  const experiment = load(`${STAGES}matrix:
  axes:
    seed: [1, 2, 3]
    f: {set: stages.s.params.factor, values: {low: 1, high: 10}}
  exclude:
    - {seed: [2, 3], f: high}
    - {seed: 3, f: 1}
  include:
    - {seed: 4, f: low}
    - {f: 7, seed: [1, 2]}
`);
  assertEquals(ids(experiment).filter((id) => id.startsWith("s@")), [
    "s@seed=1,f=low",
    "s@seed=1,f=high",
    "s@seed=2,f=low",
    "s@seed=4,f=low",
    "s@seed=1,f=7",
    "s@seed=2,f=7",
  ]);
  assertEquals(table(experiment)["s@seed=2,f=7"]!.params.factor, 7);
  assertEquals(experiment.matrix!.axes[1]!.labels, ["low", "high", "7"]);
  assertEquals(experiment.matrix!.cells, 6);
});

Deno.test("an included cell takes all values of the axes it does not name", () => {
  const experiment = load(`${STAGES}matrix:
  axes:
    seed: [1, 2]
    f: {set: stages.s.params.factor, values: [1]}
  include: [{f: 9}]
`);
  assertEquals(ids(experiment).filter((id) => id.startsWith("s@")), [
    "s@seed=1,f=1",
    "s@seed=2,f=1",
    "s@seed=1,f=9",
    "s@seed=2,f=9",
  ]);
});

const GATHER = `  r: {uses: gather, inputs: {"*": {all: t.numbers}}, params: {title: all}}
  m: {uses: gather, inputs: {t: {all: t.numbers, over: [seed]}, one: {all: alone.numbers}}, params: {title: mean}}
matrix:
  axes:
    seed: [1, 2]
    f: {set: stages.s.params.factor, values: [0.5, 2]}
`;
const GATHERED = STAGES.replace("variants:", "XX").split("XX")[0]! + GATHER;

Deno.test("a stage gathers an output of all cells, and is reached by none of them for that", () => {
  const found = table(load(GATHERED));
  assertEquals(found["r"]!.from, {
    "seed=1,f=0.5": "t@seed=1,f=0.5.numbers",
    "seed=1,f=2": "t@seed=1,f=2.numbers",
    "seed=2,f=0.5": "t@seed=2,f=0.5.numbers",
    "seed=2,f=2": "t@seed=2,f=2.numbers",
  });
  assertEquals(Object.keys(found).at(-3), "r", "behind all that it gathers");
});

Deno.test("a stage that gathers over some axes exists once for each value of the others", () => {
  const found = table(load(GATHERED));
  assertEquals(found["m@f=2"]!.from, {
    "t@seed=1": "t@seed=1,f=2.numbers",
    "t@seed=2": "t@seed=2,f=2.numbers",
    one: "alone.numbers",
  });
  assertEquals(Object.keys(found).slice(-3), ["r", "m@f=0.5", "m@f=2"]);
});

Deno.test("--cell chooses cells; the names of stages stay, and what is gathered is what is chosen", () => {
  const found = table(load(GATHERED, { cells: ["f=2", "seed=1"] }));
  assertEquals(Object.keys(found), [
    "fixed",
    "alone",
    "a@seed=1",
    "s@seed=1,f=2",
    "t@seed=1,f=2",
    "r",
    "m@f=2",
  ]);
  assertEquals(found["r"]!.from, { "seed=1,f=2": "t@seed=1,f=2.numbers" });
  assertEquals(load(GATHERED, { cells: ["seed=1", "seed=2"] }).matrix!.cells, 4);
});

Deno.test("expectations hold in every cell; one cell, a case or a variant may have its own", () => {
  const text = `${STAGES.replace("fast: {", "fast: {expect: {t.sum: {min: 7}, t.best: {max: 1}}, ")}
expect:
  t.sum: {min: 1}
  "t@f=0.5,mode=plain.sum": {max: 3}
  alone.sum: {min: 0}
matrix:
  axes:
    f: {set: stages.s.params.factor, values: [0.5, 2]}
    mode: [plain, fast]
`;
  assertEquals(load(text).expect, [
    { stage: "t@f=0.5,mode=plain", metric: "sum", max: 3 },
    { stage: "t@f=0.5,mode=fast", metric: "sum", min: 7 },
    { stage: "t@f=2,mode=plain", metric: "sum", min: 1 },
    { stage: "t@f=2,mode=fast", metric: "sum", min: 7 },
    { stage: "alone", metric: "sum", min: 0 },
    { stage: "t@f=0.5,mode=fast", metric: "best", max: 1 },
    { stage: "t@f=2,mode=fast", metric: "best", max: 1 },
  ]);
  assertEquals(load(text, { cells: ["f=2", "mode=plain"] }).expect.map(({ stage }) => stage), [
    "t@f=2,mode=plain",
    "alone",
  ]);
});

Deno.test("--set and --variant change the matrix; a child takes an axis away", () => {
  const base = `${STAGES}  small: {matrix: {axes: {seed: [1], f: }}}
matrix:
  axes:
    seed: [1, 2]
    f: {set: stages.s.params.factor, values: [0.5, 2]}
`;
  assertEquals(load(base, { variant: "small" }).matrix, {
    axes: [{ name: "seed", labels: ["1"] }],
    cells: 1,
  });
  const set = ["matrix.axes.f.values=[7]", "matrix.axes.seed=[3]"];
  assertEquals(ids(load(base, { set })).at(-1), "t@seed=3,f=7");
  using files = new ExperimentFiles({
    "base.yaml": base,
    "main.yaml": "extends: base.yaml\nname: child\nmatrix: {axes: {seed: , f: {values: [4]}}}\n",
  });
  assertEquals(ids(files.load()).slice(-2), ["s@f=4", "t@f=4"]);
  assertEquals(load(base, { set: ["matrix.axes={}"] }).matrix, undefined);
});

Deno.test("locate() leads to the entry of the matrix that set a value, or else to the stage", () => {
  using files = new ExperimentFiles({
    "main.yaml": `${STAGES}matrix:
  axes:
    f: {set: stages.s.params.factor, values: [0.5, 2]}
    mode: [plain, fast]
    c:
      cases:
        x: {stages: {s: {params: {optim: {rate: 2}}}}}
  include: [{f: 9, mode: plain}]
`,
  });
  const experiment = files.load();
  const at = (...path: string[]) => {
    const { line, column } = experiment.locate(["stages", ...path]);
    return `${line}:${column}`;
  };
  assertEquals(at("s@f=2,c=x", "params", "factor"), "14:52");
  assertEquals(at("s@f=9,c=x", "params", "factor"), "19:17");
  assertEquals(at("s@f=9,c=x", "params", "optim", "rate"), "18:49");
  assertEquals(at("t@f=2,mode=fast,c=x", "params", "mode"), "10:51");
  assertEquals(at("t@f=2,mode=plain,c=x", "params", "mode"), "8:6");
  assertEquals(at("s@f=2,c=x", "uses"), "7:13");
  assertEquals(at("alone", "uses"), "5:17");
});

Deno.test("what a plan finds wrong at one place in several cells is told once", () => {
  const text = `${STAGES}matrix: {axes: {seed: [1, 2, 3]}}\n`;
  using files = new ExperimentFiles({ "main.yaml": text });
  const experiment = files.load();
  const problem = (id: string, message: string) => ({
    path: ["stages", id, "params", "factor"],
    message,
  });
  const error = withPlaces(
    new PlanError([
      problem("s@seed=1", 'factor of stage "s@seed=1": too low'),
      problem("s@seed=2", 'factor of stage "s@seed=2": too low'),
      problem("s@seed=3", 'factor of stage "s@seed=3": too high'),
    ], experiment),
    experiment,
  );
  assertEquals(error.complaints.map(({ message }) => message), [
    'factor of stage "s": too low (in 2 cells)',
    'factor of stage "s@seed=3": too high',
  ]);
});

Deno.test("whatever the axes, no two stages share a name, and every cell finds its inputs", () => {
  const axis = fc.constantFrom(
    "seed: [1, 2]",
    "f: {set: stages.s.params.factor, values: [1, 2, 3]}",
    "mode: [plain, fast]",
    "c: {cases: {x: , y: {stages: {alone: {inputs: {numbers: a.numbers}}}}}}",
    "d: {cases: {x: , y: {stages: {fixed: {params: {count: 2}}}}}}",
    "r: {set: stages.t.params.optim.rate, values: [0.1, 0.2]}",
  );
  fc.assert(
    fc.property(fc.uniqueArray(axis, { minLength: 1 }), fc.nat(20), (axes, cell) => {
      const text = `${STAGES}matrix:\n  axes:\n${axes.map((text) => `    ${text}\n`).join("")}`;
      const experiment = load(text);
      const known = new Set(ids(experiment));
      assertEquals(known.size, experiment.stages.length);
      for (const { id, inputs, base = id, cell = {} } of experiment.stages) {
        const labels = Object.entries(cell).map(([axis, label]) => `${axis}=${label}`).join(",");
        assertEquals(id, labels === "" ? base : `${base}@${labels}`);
        for (const binding of Object.values(inputs)) {
          assert(binding.kind === "output" && known.has(binding.stage), id);
        }
      }
      // Any cell alone is the same part of the whole.
      const { axes: all } = experiment.matrix!;
      const cells = all.map(({ name, labels }) => `${name}=${labels[cell % labels.length]}`);
      const whole = table(experiment);
      for (const [id, stage] of Object.entries(table(load(text, { cells })))) {
        assertEquals(stage, whole[id], id);
      }
    }),
    { numRuns: Deno.env.get("SKELRUN_LONG") ? 2000 : 60, seed: 11 },
  );
});
