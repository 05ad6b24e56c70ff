/**
 * Changes that must invalidate nothing.
 *
 * @module
 */
import { INTEGRITY } from "./code_edits.ts";
import type { HarmlessChange } from "./edit.ts";
import { surroundingChanges } from "./surrounding_changes.ts";

const TOY = "experiments/toy.yaml";

/** Changes of experiment files. */
const OF_EXPERIMENTS: readonly HarmlessChange[] = [
  { what: "a comment in an experiment file", apply: (p) => p.append(TOY, "# Done.\n") },
  {
    what: "stages, parameters and inputs in another order",
    apply: (p) => {
      const text = p.read(TOY);
      const [head, stages, variants] = text.split(/^(?:stages|variants):\n/m);
      const blocks = stages!.split(/^(?= {2}\w)/m).reverse().join("");
      p.write(TOY, `variants:\n${variants}${head}stages:\n${blocks}`);
      p.replace(TOY, "tau: 0.1, crop: { ratio: 0.5 }", "crop: { ratio: 0.5 }, tau: 0.1");
      p.replace(
        TOY,
        "clips: parse.clips, model: pretrain.model",
        "model: pretrain.model, clips: parse.clips",
      );
    },
  },
  {
    what: "an anchor instead of a repeated text",
    apply: (p) => {
      p.replace(TOY, "clips: parse.clips }", "clips: &from parse.clips }");
      p.replace(TOY, "clips: parse.clips, model", "clips: *from, model");
    },
  },
  {
    what: "numbers and texts written otherwise",
    apply: (p) => {
      p.replace(TOY, "tau: 0.1", "tau: 1.0e-1");
      p.replace(TOY, "title: Results", 'title: "Results"');
    },
  },
  {
    what: "a default written out",
    apply: (p) => p.replace(TOY, "tau: 0.1,", "tau: 0.1, epochs: 2,"),
  },
  {
    what: "a parameter left out that has its default",
    apply: (p) => p.replace(TOY, "tau: 0.1,", ""),
  },
  {
    what: "`extends` written out in one file",
    apply: (p) => {
      const base = p.read("experiments/base.yaml");
      p.replace(TOY, "extends: base.yaml\nstages:\n", base);
    },
  },
  {
    what: "another name of the experiment and of its file",
    apply: (p) => {
      p.replace(TOY, "name: toy", "name: plaything");
      p.write("experiments/plaything.yaml", p.read(TOY));
    },
    how: { file: "experiments/plaything.yaml" },
  },
  {
    what: "a matrix that leads to the same values",
    how: { file: "experiments/grid.yaml" },
  },
  {
    what: "a stage renamed",
    apply: (p) => {
      p.write(
        TOY,
        p.read(TOY).replaceAll("pretrain:\n", "teach:\n").replaceAll("pretrain.", "teach."),
      );
      p.replace(TOY, "{ pretrain: { params: { epochs", "{ teach: { params: { epochs");
    },
  },
  {
    what: "another variant, and what the experiment expects",
    apply: (p) => {
      p.append(TOY, "  short:\n    stages: { pretrain: { params: { epochs: 1 } } }\n");
      p.append(TOY, "expect:\n  evaluate.near: { min: 0 }\n");
    },
  },
  {
    what: "an experiment file with Windows line ends",
    apply: (p) => p.write(TOY, p.read(TOY).replaceAll("\n", "\r\n")),
  },
];

/** Changes of code, of what surrounds it, and of packages. */
const OF_CODE: readonly HarmlessChange[] = [
  {
    what: "comments in code",
    apply: (p) => {
      p.append("lib/three.ts", "\n// The end. /* Really. */\n");
      p.replace("train.ts", "/** Trains", "/** It trains");
    },
  },
  {
    what: "another format of code",
    apply: (p) => {
      p.replace(
        "evaluate.ts",
        "(value) => Math.abs(two(value) - model) <",
        "value=>\n(Math.abs(two(value)-model))<",
      );
      p.replace("lib/lines.ts", 'split("\\n")', "split('\\n',)");
    },
  },
  {
    what: "code with Windows line ends",
    apply: (p) => {
      for (const file of p.files().filter((name) => name.endsWith(".ts"))) {
        p.write(file, p.read(file).replaceAll("\n", "\r\n"));
      }
    },
  },
  {
    what: "types: an interface, an annotation, a cast",
    apply: (p) => {
      p.append("lib/two.ts", "\nexport interface Two {\n  readonly two: 2;\n}\n");
      p.replace(
        "lib/two.ts",
        "return round(three(value));",
        "return round(three(value) as number) satisfies number;",
      );
    },
  },
  {
    what: "an import of types alone, and what it leads to",
    apply: (p) => {
      p.replace(
        "evaluate.ts",
        "import { two }",
        'import type { Params } from "./train.ts";\nimport { two }',
      );
      p.replace("evaluate.ts", "const near", "const near: readonly number[]");
      p.append("lib/shift.ts", "\nexport type Shifts = readonly Shift[];\n");
    },
  },
  {
    what: "an import that only types need, and code behind it",
    apply: (p) => {
      p.replace(
        "evaluate.ts",
        "import { two }",
        'import { type EXTRA } from "./lib/extra.ts";\nimport { two }',
      );
      p.replace("lib/extra.ts", "EXTRA = 0", "EXTRA = 1");
    },
  },
  {
    what: "an imported JSON file in another format",
    apply: (p) => p.write("words.json", JSON.stringify(JSON.parse(p.read("words.json")), null, 4)),
  },
  { what: "a module that nothing imports", apply: (p) => p.replace("lib/extra.ts", "0", "1") },
  {
    what: "a kernel's source, where results are the CPU's",
    apply: (p) => p.replace("lib/kernel.wgsl", "64", "32"),
  },
  { what: "tests", apply: (p) => p.replace("tests/lines_test.ts", "nothing", "something") },
  { what: "docs", apply: (p) => p.append("docs/page.md", "\nMore of it.\n") },
  {
    what: "what a definition says for people, its needs and rules",
    apply: (p) => {
      p.replace("definitions.ts", "Normalizes clips", "Brings clips into one form");
      p.replace("definitions.ts", "memoryMiB: 100", "memoryMiB: 200");
      p.replace(
        "definitions.ts",
        'entry: here("./parse.ts"),',
        'entry: here("./parse.ts"),\n    check: () => [],',
      );
    },
  },
  {
    what: "the lockfile's integrity of a package that no stage reaches",
    apply: (p) => p.replace("deno.lock", INTEGRITY.unreached, "sha512-AAAA"),
  },
  {
    what: "`deno.json` in another order, and a name in the import map that nothing uses",
    apply: (p) => {
      const { imports, ...rest } = JSON.parse(p.read("deno.json"));
      p.write(
        "deno.json",
        JSON.stringify({ tasks: {}, imports: { more: "./lib/extra.ts", ...imports }, ...rest }),
      );
    },
  },
];

/** All changes that must invalidate nothing. */
export const harmlessChanges: readonly HarmlessChange[] = [
  ...OF_EXPERIMENTS,
  ...OF_CODE,
  ...surroundingChanges,
];
