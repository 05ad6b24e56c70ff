import { assertEquals } from "@std/assert";
import { ExperimentFiles } from "./experiment_files.ts";

/** A bad file and everything that must be said about it. */
interface BadFile {
  readonly what: string;
  readonly text: string;
  readonly complaints: readonly string[];
}

const TYPES = "The types are: numbers, read_numbers, scale, gather";

const BAD_FILES: readonly BadFile[] = [
  {
    what: "an empty file",
    text: "",
    complaints: ["main.yaml:1:1: expected a map with name and stages, found an empty file"],
  },
  {
    what: "a file of comments",
    text: "# nothing\n",
    complaints: ["main.yaml:1:1: expected a map with name and stages, found an empty file"],
  },
  {
    what: "a list",
    text: "- a\n- b\n",
    complaints: ["main.yaml:1:1: expected a map with name and stages, found a list of 2"],
  },
  {
    what: "a key given twice",
    text: "name: x\nstages:\n  a: {uses: numbers}\nname: y\n",
    complaints: ['main.yaml:4:1: the key "name" is given twice in this map; keep one of the two'],
  },
  {
    what: "a tab for indentation",
    text: "name: x\nstages:\n\ta: 3\n",
    complaints: [
      "main.yaml:3:1: a tab was found where YAML wants spaces; indent with spaces",
    ],
  },
  {
    what: "an alias without an anchor",
    text: "name: x\nstages:\n  a: {uses: numbers, params: *nowhere}\n",
    complaints: ["main.yaml:3:30: no anchor &nowhere stands before this alias *nowhere"],
  },
  {
    what: "two documents",
    text: "name: x\n---\nname: y\n",
    complaints: [
      "main.yaml:2:1: a second document begins here (---); an experiment file holds one",
    ],
  },
  {
    what: "a list that is not closed",
    text: "name: x\nstages: {a: [1, 2\nseed: 3\n",
    complaints: [
      "main.yaml:3:1: a list [ ] or map { } that was opened before is not closed before this line",
    ],
  },
  {
    what: "a quoted text that is not closed",
    text: 'name: "x\nseed: 3\n',
    complaints: ["main.yaml:3:1: a quoted text is not closed before this place"],
  },
  {
    what: "a colon in a text without quotes",
    text: "name: x: y\n",
    complaints: [
      'main.yaml:1:7: a second "key: value" begins inside a value; put text that holds ": " in ' +
      "quotes, and an inner map on lines of its own, indented more",
    ],
  },
  {
    what: "a colon without a space after it",
    text: "name:x\nseed: 3\n",
    complaints: [
      'main.yaml:1:1: expected "key: value" on this line; is the space after ":" missing?',
    ],
  },
  {
    what: "a line at the wrong column",
    text: " name: x\nseed: 3\n",
    complaints: ['main.yaml:2:1: expected "key: value" or "- item", found "s"'],
  },
  {
    what: "a reserved character, an unknown tag and two anchors",
    text: "name: @x\nseed: !foo 3\nexpect: &a &b {}\n",
    complaints: [
      'main.yaml:1:7: a text without quotes cannot begin with "@"; put it in quotes',
      "main.yaml:2:7: a tag (!name) is not known here; leave it out, or put the text in quotes",
      "main.yaml:3:12: a value can have one anchor (&name) only",
    ],
  },
  {
    what: "a list as a key",
    text: "[a, b]: 3\n",
    complaints: ["main.yaml:1:1: a key must be a plain text, not a list or a map"],
  },
  {
    what: "no name and no stages",
    text: "seed: 3\n",
    complaints: [
      "main.yaml:1:1: name is missing; expected a text",
      "main.yaml:1:1: stages is missing; expected a map (key: value)",
    ],
  },
  {
    what: "stages without a stage",
    text: "name: x\nstages: {}\n",
    complaints: ["main.yaml:2:9: stages: expected at least one stage, found none"],
  },
  {
    what: "an unknown key at the top",
    text: "name: x\nsead: 3\nstages:\n  a: {uses: numbers}\n",
    complaints: [
      'main.yaml:2:1: unknown name "sead"; did you mean "seed"? Known here: name, extends, seed, ' +
      "stages, matrix, expect, variants",
    ],
  },
  {
    what: "a seed that is no number, and one that is no whole number",
    text: "name: x\nseed: many\nstages:\n  a: {uses: numbers}\nvariants: {v: {seed: 1.5}}\n",
    complaints: [
      'main.yaml:2:7: seed: expected a number, found "many"',
      "main.yaml:5:22: seed: expected a whole number, found 1.5",
    ],
  },
  {
    what: "an unknown stage type",
    text: "name: x\nstages:\n  a:\n    uses: numbesr\n",
    complaints: [
      `main.yaml:4:11: there is no stage type "numbesr"; did you mean "numbers"? ${TYPES}`,
    ],
  },
  {
    what: "a stage type like nothing known",
    text: "name: x\nstages:\n  a:\n    uses: banana\n",
    complaints: [`main.yaml:4:11: there is no stage type "banana". ${TYPES}`],
  },
  {
    what: "a stage type with the name of a property of every object",
    text: "name: x\nstages:\n  a:\n    uses: constructor\n",
    complaints: [`main.yaml:4:11: there is no stage type "constructor". ${TYPES}`],
  },
  {
    what: "a stage without its type",
    text: "name: x\nstages:\n  a:\n    params: {count: 3}\n",
    complaints: ['main.yaml:4:5: stage "a" does not say its type; add uses: TYPE'],
  },
  {
    what: "a stage that is no map",
    text: "name: x\nstages:\n  a: numbers\n",
    complaints: ['main.yaml:3:6: a: expected a map (key: value), found "numbers"'],
  },
  {
    what: "a stage name with a dot",
    text: "name: x\nstages:\n  a.b: {uses: numbers}\n",
    complaints: [
      'main.yaml:3:3: expected a stage name of letters, digits, "_" and "-", found "a.b"',
    ],
  },
  {
    what: "an unknown key of a stage",
    text: "name: x\nstages:\n  a:\n    uses: numbers\n    parms: {count: 3}\n",
    complaints: [
      'main.yaml:5:5: unknown name "parms"; did you mean "params"? Known here: uses, inputs, params',
    ],
  },
  {
    what: "an unknown parameter, and a value out of range beside it",
    text:
      "name: x\nstages:\n  a:\n    uses: numbers\n    params:\n      cuont: 3\n      count: 0\n",
    complaints: [
      'main.yaml:6:7: unknown parameter "cuont"; did you mean "count"? Known here: count, seed',
      "main.yaml:7:14: count: expected at least 1, found 0",
    ],
  },
  {
    what: "a parameter that is missing",
    text: "name: x\nstages:\n  a: {uses: numbers}\n  g:\n    uses: gather\n" +
      "    inputs: {a: a.numbers}\n    params: {}\n",
    complaints: ["main.yaml:7:13: title is missing; expected a text"],
  },
  {
    what: "parameters of every wrong kind",
    text: "name: x\nstages:\n  a: {uses: numbers}\n  s:\n    uses: scale\n" +
      "    inputs: {numbers: a.numbers}\n    params:\n      factor: -1\n      mode: flor\n" +
      "      optim: {rat: 1, rate: fast}\n      widths: [8, 9, x]\n",
    complaints: [
      "main.yaml:8:15: factor: expected more than 0, found -1",
      'main.yaml:9:13: mode: expected one of round, floor, exact, found "flor"; did you mean "floor"?',
      'main.yaml:10:15: unknown parameter "rat"; did you mean "rate"? Known here: rate',
      'main.yaml:10:29: rate: expected a number, found "fast"',
      "main.yaml:11:19: item 2: expected a multiple of 8, found 9",
      'main.yaml:11:22: item 3: expected a number, found "x"',
    ],
  },
  {
    what: "too short a list",
    text:
      "name: x\nstages:\n  a: {uses: numbers}\n  s: {uses: scale, inputs: {numbers: a.numbers}, " +
      "params: {widths: []}}\n",
    complaints: ["main.yaml:4:67: widths: expected at least 1 value, found a list of 0"],
  },
  {
    what: "an unknown input, and the one that is then missing",
    text: "name: x\nstages:\n  a: {uses: numbers}\n  s:\n    uses: scale\n" +
      "    inputs:\n      number: a.numbers\n",
    complaints: [
      "main.yaml:6:5: stage s lacks the input numbers (numbers: what is multiplied); add under " +
      "inputs, for example, numbers: a.numbers",
      'main.yaml:7:7: stage type scale has no input "number"; did you mean "numbers"? Its inputs ' +
      "are: numbers (numbers), weights (weights)",
    ],
  },
  {
    what: "an input of a stage that does not exist",
    text: "name: x\nstages:\n  first: {uses: numbers}\n  s:\n    uses: scale\n" +
      "    inputs: {numbers: frist.numbers}\n",
    complaints: [
      'main.yaml:6:23: numbers: there is no stage "frist" in this experiment; did you mean ' +
      '"first"? The stages here: first, s',
    ],
  },
  {
    what: "an output that does not exist",
    text:
      "name: x\nstages:\n  a: {uses: numbers}\n  s: {uses: scale, inputs: {numbers: a.number}}\n",
    complaints: [
      'main.yaml:4:38: numbers: stage a (numbers) has no output "number"; did you mean "numbers"? ' +
      "Its outputs are: numbers (numbers)",
    ],
  },
  {
    what: "an output of another type",
    text: "name: x\nstages:\n  a: {uses: numbers}\n" +
      "  g: {uses: gather, inputs: {x: a.numbers}, params: {title: t}}\n" +
      "  s: {uses: scale, inputs: {numbers: g.table}}\n",
    complaints: [
      "main.yaml:5:38: numbers: expected an artifact of type numbers, but g.table is of type " +
      "table; numbers here: a.numbers",
    ],
  },
  {
    what: "a stage where stage.output is meant",
    text: "name: x\nstages:\n  a: {uses: numbers}\n  s: {uses: scale, inputs: {numbers: a}}\n",
    complaints: [
      'main.yaml:4:38: numbers: expected stage.output or {path: ...}, found "a"; did you mean ' +
      '"a.numbers"?',
    ],
  },
  {
    what: "a number where an input is meant",
    text: "name: x\nstages:\n  s: {uses: scale, inputs: {numbers: 3}}\n",
    complaints: [
      'main.yaml:3:38: numbers: expected stage.output such as "normalize.clips", {path: ...} or {all: stage.output}, ' +
      "found 3",
    ],
  },
  {
    what: "an unknown key beside path",
    text: "name: x\nstages:\n  r: {uses: read_numbers, inputs: {file: {paht: x}}}\n",
    complaints: [
      'main.yaml:3:42: file: expected stage.output such as "normalize.clips", {path: ...} or {all: stage.output}, ' +
      "found a map with paht",
    ],
  },
  {
    what: "a path where a stage's output is needed",
    text:
      "name: x\nstages:\n  a: {uses: numbers}\n  s: {uses: scale, inputs: {numbers: {path: x}}}\n",
    complaints: [
      "main.yaml:4:38: numbers: expected another stage's output (numbers), found a path; numbers " +
      "here: a.numbers",
    ],
  },
  {
    what: "a path that is no text",
    text: "name: x\nstages:\n  r: {uses: read_numbers, inputs: {file: {path: 3}}}\n",
    complaints: ["main.yaml:3:49: file: path: expected a text, found 3"],
  },
  {
    what: "a path that leads nowhere",
    text: "name: x\nstages:\n  r: {uses: read_numbers, inputs: {file: {path: raw/none.txt}}}\n",
    complaints: ["main.yaml:3:49: file: there is no file or folder raw/none.txt"],
  },
  {
    what: "a variable that is not set",
    text: 'name: x\nstages:\n  r: {uses: read_numbers, inputs: {file: {path: "${NO_SUCH}/x"}}}\n',
    complaints: [
      "main.yaml:3:49: file: the environment variable NO_SUCH is not set; set it to the file or " +
      "folder meant here, such as: export NO_SUCH=/path/to/it",
    ],
  },
  {
    what: "a variable without a name",
    text: 'name: x\nstages:\n  r: {uses: read_numbers, inputs: {file: {path: "${}/x"}}}\n',
    complaints: [
      "main.yaml:3:49: file: expected the name of an environment variable between ${ and }, " +
      'found ""',
    ],
  },
  {
    what: "an expectation without a metric, of no stage, without and with impossible bounds",
    text: "name: x\nstages:\n  a: {uses: numbers}\nexpect:\n  a: {min: 1}\n  b.sum: {min: 1}\n" +
      "  a.sum: {}\n  a.mean: {min: 3, max: 2}\n  a.top: {mn: 3}\n",
    complaints: [
      'main.yaml:5:3: expected stage.metric such as "linear.top1", found "a"',
      'main.yaml:6:3: there is no stage "b" in this experiment. The stages here: a',
      "main.yaml:7:3: a.sum: expected min, max or both, found neither",
      "main.yaml:8:17: min: expected at most max (2), found 3",
      'main.yaml:9:11: unknown name "mn"; did you mean "min"? Known here: min, max',
    ],
  },
  {
    what: "a variant with a key it may not have",
    text: "name: x\nstages:\n  a: {uses: numbers}\nvariants:\n  v:\n    extends: y.yaml\n",
    complaints: [
      'main.yaml:6:5: unknown name "extends". Known here: name, seed, stages, expect, matrix',
    ],
  },
];

for (const { what, text, complaints } of BAD_FILES) {
  Deno.test(`loadExperiment() refuses ${what}, with the place`, () => {
    using files = new ExperimentFiles({ "main.yaml": text });
    assertEquals(files.complaints(), complaints);
  });
}

Deno.test("an ExperimentError shows the line with a caret under the spot, for every complaint", () => {
  using files = new ExperimentFiles({
    "main.yaml": "name: x\nsead: 3\nstages:\n  a:\n    uses: numbers\n    params: {count: few}\n",
  });
  assertEquals(
    files.error().message.replaceAll(`${files.folder}/`, ""),
    'main.yaml:2:1: unknown name "sead"; did you mean "seed"? Known here: name, extends, seed, ' +
      "stages, matrix, expect, variants\n" +
      "    2 | sead: 3\n" +
      "      | ^\n" +
      "\n" +
      'main.yaml:6:21: count: expected a number, found "few"\n' +
      "    6 |     params: {count: few}\n" +
      "      |                     ^",
  );
});

Deno.test("an ExperimentError shows the part of a very long line around the spot", () => {
  const padding = "z".repeat(300);
  using files = new ExperimentFiles({
    "main.yaml": `name: x\nstages:\n  a: {uses: numbers, params: {count: 1, ${padding}: 2}}\n`,
  });
  const [, line, caret] = files.error().message.split("\n");
  assertEquals(line!.length <= 110, true);
  assertEquals(line![caret!.indexOf("^")], "z");
});

Deno.test("loadExperiment() refuses a file that does not exist and a folder", () => {
  using files = new ExperimentFiles({ "folder/x.yaml": "" });
  assertEquals(files.complaints("nothing.yaml"), ["nothing.yaml: there is no such file"]);
  assertEquals(files.complaints("folder"), [
    "folder: expected an experiment file, found a folder",
  ]);
});

Deno.test("loadExperiment() refuses an alias bomb", () => {
  const lines = ["x-0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 10; i++) {
    lines.push(`x-${i}: &a${i} [${Array(10).fill(`*a${i - 1}`).join(", ")}]`);
  }
  using files = new ExperimentFiles({ "main.yaml": lines.join("\n") });
  assertEquals(files.complaints().length, 1);
});
