/** Everything that can be wrong with a matrix, each with its place in the file. */
import { assertEquals } from "@std/assert";
import { ExperimentFiles } from "./experiment_files.ts";

/** Nine lines; a matrix begins in the tenth. */
const STAGES = `name: grid
stages:
  a: {uses: numbers}
  s:
    uses: scale
    inputs: {numbers: a.numbers}
    params: {factor: 3}
  r: {uses: gather, inputs: {"*": {all: s.numbers}}, params: {title: x}}
variants: {fast: {stages: {s: {params: {mode: floor}}}}, "a b": , own: {matrix: {zip: []}}}
`;

interface BadMatrix {
  readonly what: string;
  /** From line 10 on. */
  readonly matrix: string;
  readonly complaints: readonly string[];
  readonly options?: { readonly set?: readonly string[]; readonly cells?: readonly string[] };
}

const SEEDS = "matrix:\n  axes:\n    seed: [1, 2]\n";
const FACTOR = "    factor: {set: stages.s.params.factor, values: [1, 2]}\n";
const GRID = SEEDS + FACTOR;

const BAD: readonly BadMatrix[] = [
  {
    what: "a matrix without axes",
    matrix: "matrix: {zip: []}\n",
    complaints: ["10:1: the matrix has no axes; expected axes: {NAME: ...}"],
  },
  {
    what: "an unknown key",
    matrix: "matrix: {axes: {seed: [1]}, exlude: []}\n",
    complaints: [
      '10:29: unknown name "exlude"; did you mean "exclude"? Known here: axes, zip, ' +
      "exclude, include",
    ],
  },
  {
    what: "an axis of no form",
    matrix: "matrix:\n  axes:\n    seed: 3\n    f: {values: [1]}\n",
    complaints: [
      "12:11: axis seed: expected {set: stages.STAGE.params.NAME, values: [...]}, {cases: {LABEL: " +
      "{stages: ...}}}, a list of variants, or, for the axis seed, a list of seeds, found 3",
      "13:8: axis f: expected {set: stages.STAGE.params.NAME, values: [...]}, {cases: {LABEL: " +
      "{stages: ...}}}, a list of variants, or, for the axis seed, a list of seeds, found a map " +
      "with values",
    ],
  },
  {
    what: "an axis with a name that stages cannot have",
    matrix: "matrix:\n  axes:\n    a=b: [fast]\n",
    complaints: ['12:5: expected the name of an axis of letters, digits, "_" and "-", found "a=b"'],
  },
  {
    what: "a path that is none, of an unknown stage, of an unknown parameter",
    matrix: "matrix:\n  axes:\n    f: {set: s.factor, values: [1]}\n" +
      "    g: {set: stages.t.params.factor, values: [1]}\n" +
      "    h: {set: [seed, stages.s.factor], values: [1]}\n",
    complaints: [
      "12:14: expected stages.STAGE.params.NAME, stages.STAGE.inputs.NAME, stages.STAGE.uses or " +
      'seed, found "s.factor"',
      '13:14: there is no stage "t" in this experiment. The stages here: a, s, r',
      "14:21: expected stages.STAGE.params.NAME, stages.STAGE.inputs.NAME, stages.STAGE.uses or " +
      'seed, found "stages.s.factor"',
    ],
  },
  {
    what: "an unknown parameter",
    matrix: "matrix:\n  axes:\n    f: {set: stages.s.params.fcator, values: [1, 2]}\n",
    complaints: [
      '12:14: unknown parameter "fcator"; did you mean "factor"? Known here: factor, mode, optim, ' +
      "widths",
    ],
  },
  {
    what: "an unknown parameter in depth, and one below a number",
    matrix: "matrix:\n  axes:\n    f: {set: stages.s.params.optim.rete, values: [1, 2]}\n" +
      "    g: {set: stages.s.params.factor.x, values: [1]}\n",
    complaints: [
      '12:14: unknown parameter "rete"; did you mean "rate"? Known here: rate',
      "13:14: factor: expected a number, found a map with x",
    ],
  },
  {
    what: "values that a parameter does not take",
    matrix: "matrix:\n  axes:\n    f: {set: stages.s.params.factor, values: [1, 0, many, 2]}\n" +
      "    m:\n      cases:\n        odd: {stages: {s: {params: {mode: rond}}}}\n        no:\n",
    complaints: [
      "12:50: factor: expected more than 0, found 0",
      '12:53: factor: expected a number, found "many"',
      '15:43: mode: expected one of round, floor, exact, found "rond"; did you mean "round"?',
    ],
  },
  {
    what: "inputs that lead nowhere",
    matrix:
      "matrix:\n  axes:\n    i: {set: stages.s.inputs.numbers, values: [a.numbers, b.numbers, a.nubers]}\n",
    complaints: [
      '12:59: numbers: there is no stage "b" in this experiment. The stages here: a, s, r',
      '12:70: numbers: stage a (numbers) has no output "nubers"; did you mean "numbers"? Its ' +
      "outputs are: numbers (numbers)",
    ],
  },
  {
    what: "types that do not exist",
    matrix: "matrix:\n  axes:\n    u: {set: stages.s.uses, values: [scale, scael]}\n",
    complaints: [
      '12:45: there is no stage type "scael"; did you mean "scale"? The types are: numbers, ' +
      "read_numbers, scale, gather",
    ],
  },
  {
    what: "seeds that are none",
    matrix: "matrix:\n  axes:\n    seed: [1, x, -1]\n",
    complaints: [
      '12:15: expected a seed (a whole number from 0 to 4294967295), found "x"',
      "12:18: expected a seed (a whole number from 0 to 4294967295), found -1",
    ],
  },
  {
    what: "variants that do not exist or cannot be a value",
    matrix: "matrix:\n  axes:\n    mode: [fats, a b, own, 3]\n",
    complaints: [
      '12:12: a plain list names variants of the experiment, and there is no variant "fats"; did ' +
      'you mean "fast"? The variants here: fast, a b, own. For values of a parameter write mode: ' +
      "{set: stages.STAGE.params.NAME, values: [...]}",
      '12:18: the variant "a b" cannot be a label: expected letters, digits, ".", "_", "+" and "-" ' +
      "(64 at most)",
      "12:23: the variant own has a matrix of its own, so it cannot be a value of an axis",
      "12:28: a plain list names variants of the experiment, and there is no variant 3. The " +
      "variants here: fast, a b, own. For values of a parameter write mode: {set: " +
      "stages.STAGE.params.NAME, values: [...]}",
    ],
  },
  {
    what: "labels that collide",
    matrix: 'matrix:\n  axes:\n    f: {set: stages.s.params.factor, values: [0.5, 1, "1", 0.50]}\n',
    complaints: [
      "12:55: axis f has two values with the label 1; take one away, or name them: values: {LABEL: " +
      "VALUE, ...}",
      "12:60: axis f has two values with the label 0.5; take one away, or name them: values: " +
      "{LABEL: VALUE, ...}",
    ],
  },
  {
    what: "values and labels that cannot stand in a name",
    matrix: "matrix:\n  axes:\n    w: {set: stages.s.params.widths, values: [[8], [16]]}\n" +
      "    f: {set: stages.s.params.factor, values: {a/b: 1}}\n",
    complaints: [
      '12:47: a list of 1 cannot be a label (letters, digits, ".", "_", "+" and "-" (64 at most)); ' +
      "name the values: values: {LABEL: VALUE, ...}",
      '12:52: a list of 1 cannot be a label (letters, digits, ".", "_", "+" and "-" (64 at most)); ' +
      "name the values: values: {LABEL: VALUE, ...}",
      '13:47: expected a label of letters, digits, ".", "_", "+" and "-" (64 at most), found "a/b"',
    ],
  },
  {
    what: "axes without values",
    matrix:
      "matrix:\n  axes:\n    f: {set: stages.s.params.factor, values: {}}\n    c: {cases: {}}\n",
    complaints: [
      "12:46: axis f: expected at least one value, found none",
      "13:16: axis c: expected at least one value, found none",
    ],
  },
  {
    what: "two axes that set the same, one of them in depth",
    matrix: GRID +
      "    again: {cases: {x: {stages: {s: {params: {factor: 7}}}}}}\n" +
      "    o: {set: stages.s.params.optim, values: {x: {rate: 3}}}\n" +
      "    p: {set: stages.s.params.optim.rate, values: [1]}\n",
    complaints: [
      "14:5: the axes factor and again both set stages.s.params.factor; let one of them set it",
      "16:5: the axes o and p both set stages.s.params.optim; let one of them set it",
    ],
  },
  {
    what: "an axis that reaches no stage",
    matrix: "matrix:\n  axes:\n    none: {cases: {x: , y: {expect: {}}}}\n",
    complaints: ["12:5: axis none reaches no stage: none of its values changes one"],
  },
  {
    what: "axes that are zipped and differ in length, are unknown, or are zipped twice",
    matrix: GRID +
      "    w: {set: stages.s.params.optim.rate, values: [1, 2, 3]}\n" +
      "  zip:\n    - [factor, w]\n    - [seed, rate]\n    - [factor, seed]\n",
    complaints: [
      "16:7: axes that are zipped need the same number of values; factor has 2, w has 3",
      '17:14: the matrix has no axis "rate". Its axes: seed, factor, w',
      "18:8: axis factor is zipped already; name each axis once",
      "18:16: axis seed is zipped already; name each axis once",
    ],
  },
  {
    what: "exclusions that name what is not there, or exclude nothing",
    matrix: GRID +
      "  zip: [[seed, factor]]\n" +
      "  exclude:\n    - {sede: 1}\n    - {seed: 3}\n    - {seed: 1, factor: 2}\n    - {}\n" +
      "    - {seed: [1, 4]}\n    - {seed: []}\n",
    complaints: [
      '16:8: the matrix has no axis "sede"; did you mean "seed"? Its axes: seed, factor',
      "17:14: axis seed has no value 3. Its values: 1, 2",
      "18:7: this excludes nothing: the matrix has no such cell",
      "19:7: expected an axis and its value, such as {seed: 3}, found none",
      "20:18: axis seed has no value 4. Its values: 1, 2",
      "21:14: seed: expected a value, found an empty list",
    ],
  },
  {
    what: "inclusions of what is there already, of cases that are not, and of a part of a zip",
    matrix: GRID +
      "    c: {cases: {x: {stages: {s: {params: {mode: floor}}}}, y: }}\n" +
      "  zip: [[seed, factor]]\n" +
      "  include:\n    - {seed: 1, factor: 1}\n    - {c: z}\n    - {seed: 3}\n    - {seed: no, factor: 3}\n",
    complaints: [
      "17:7: this includes nothing: the matrix has these cells already",
      '18:11: axis c has no value "z". Its values: x, y',
      "19:7: seed, factor are zipped; give each of them here, with as many values as the others",
      '20:14: expected a seed (a whole number from 0 to 4294967295), found "no"',
    ],
  },
  {
    what: "exclusions that leave nothing",
    matrix: GRID + "  exclude: [{seed: [1, 2]}]\n",
    complaints: [
      "14:3: the matrix excludes all of its 4 cells; expected at least one that is left",
    ],
  },
  {
    what: "a grid that is too large",
    matrix: SEEDS +
      [..."fghi"].map((axis) =>
        `    ${axis}: {set: stages.s.params.x${axis}, values: [${
          Array.from({ length: 20 }, (_, i) => i).join(", ")
        }]}\n`
      ).join(""),
    complaints: [
      "11:3: the matrix has 2 (seed) x 20 (f) x 20 (g) x 20 (h) x 20 (i) = 320,000 cells; expected " +
      "at most 100,000: name fewer values, or zip axes",
    ],
  },
  {
    what: "expectations of a case about stages that it does not reach",
    matrix: SEEDS +
      "    c: {cases: {x: {stages: {s: {params: {mode: floor}}}, expect: {a.sum: {min: 1}, b.x: {}}}, y: }}\n",
    complaints: [
      "13:68: axis c does not reach a, so it is the same in all cells; expect it at the top of the file",
      '13:85: there is no stage "b" in this experiment. The stages here: a, s, r',
    ],
  },
  {
    what: "--set on what an axis sets, and --cell of what is not there",
    matrix: GRID,
    options: { set: ["stages.s.params.factor=3"], cells: [] },
    complaints: [
      "--set stages.s.params.factor=3: the axis factor of the matrix sets this in each cell; choose " +
      "cells with --cell factor=LABEL, or give the axis other values with --set " +
      "matrix.axes.factor...",
    ],
  },
  {
    what: "--cell of what is not there",
    matrix: GRID,
    options: { cells: ["sede=1", "seed=3", "seed"] },
    complaints: [
      '--cell sede=1: the matrix has no axis "sede"; did you mean "seed"? Its axes: seed, factor',
      "--cell seed: expected AXIS=LABEL, such as seed=1",
      '--cell seed=3: axis seed has no value "3". Its values: 1, 2',
    ],
  },
  {
    what: "--cell of a combination that is not there",
    matrix: GRID + "  zip: [[seed, factor]]\n",
    options: { cells: ["seed=1", "factor=2"] },
    complaints: ["--cell seed=1 --cell factor=2: the matrix has no such cell"],
  },
  {
    what: "--cell without a matrix",
    matrix: "",
    options: { cells: ["seed=1"] },
    complaints: ["--cell seed=1: this experiment has no matrix, so it has no cells"],
  },
  {
    what: "a stage that is not there in the cells that take its output",
    matrix: "matrix:\n  axes:\n    c: {cases: {x: , y: {stages: {a: }}}}\n",
    complaints: ["6:23: numbers: there is no stage a in this cell (in 1 of 2 cells: c=y)"],
  },
];

for (const { what, matrix, complaints, options } of BAD) {
  Deno.test(`a matrix with ${what} is refused, with the place`, () => {
    using files = new ExperimentFiles({ "main.yaml": STAGES + matrix });
    assertEquals(
      files.complaints("main.yaml", options).map((text) => text.replace("main.yaml:", "")),
      complaints,
    );
  });
}

Deno.test("what is wrong with a stage in every cell is told once, at the stage", () => {
  using files = new ExperimentFiles({
    "main.yaml": STAGES.replace("factor: 3", "factor: 0") + SEEDS,
  });
  assertEquals(files.complaints(), ["main.yaml:7:22: factor: expected more than 0, found 0"]);
});

Deno.test("a gathering input needs a port for any number, a known stage and its axes", () => {
  const gather = (inputs: string) =>
    `name: grid
stages:
  a: {uses: numbers}
  s: {uses: scale, inputs: {numbers: a.numbers}}
  r: {uses: gather, inputs: {${inputs}}, params: {title: x}}
${SEEDS}`;
  const cases: readonly (readonly [string, string])[] = [
    [
      "x: {all: b.numbers}",
      '5:39: x: there is no stage "b" in this experiment. The stages here: a, s, r',
    ],
    [
      "x: {all: a}",
      '5:39: x: expected stage.output or {path: ...}, found "a"; did you mean "a.numbers"?',
    ],
    [
      "x: {all: r.table}",
      "5:39: x: expected an artifact of type numbers, but r.table is of type table; numbers here: " +
      "a.numbers, s.numbers",
    ],
    [
      "x: {all: a.numbers, over: [sead]}",
      '5:57: x: a does not differ along an axis "sead"; did you mean "seed"? The axes that reach ' +
      "it: seed",
    ],
    ["x: {all: 3}", "5:39: x: all: expected a text, found 3"],
    [
      "x: {all: a.numbers, ovr: 3}",
      '5:50: unknown name "ovr"; did you mean "over"? Known here: path, all, over',
    ],
  ];
  for (const [inputs, complaint] of cases) {
    using files = new ExperimentFiles({ "main.yaml": gather(inputs) });
    assertEquals(files.complaints(), [`main.yaml:${complaint}`]);
  }
  using files = new ExperimentFiles({
    "main.yaml": gather("x: s.numbers").replace("numbers: a.numbers", "numbers: {all: a.numbers}"),
  });
  assertEquals(files.complaints(), [
    "main.yaml:4:38: numbers: {all: ...} gives an input for each cell, and numbers is a single one " +
    "of scale",
  ]);
});
