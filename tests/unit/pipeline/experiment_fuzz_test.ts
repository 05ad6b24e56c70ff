import { assert } from "@std/assert";
import fc from "fast-check";
import { ExperimentError } from "../../../pipeline/experiment/experiment_error.ts";
import { ExperimentFiles } from "./experiment_files.ts";

const GOOD = `name: base
seed: 7
x-more: &more {count: 10}
stages:
  a:
    uses: numbers
    params: *more
  s:
    uses: scale
    inputs: {numbers: a.numbers}
    params:
      <<: {mode: floor}
      optim: {rate: 0.5}
      widths: [8, 16]
  r: {uses: gather, inputs: {one: a.numbers, two: s.numbers}, params: {title: x}}
  g: {uses: gather, inputs: {"*": {all: s.numbers}, k: {all: a.numbers, over: [seed]}}, params: {title: y}}
expect:
  "s.sum": {min: 1}
matrix:
  axes:
    seed: [1, 2]
    factor: {set: stages.s.params.factor, values: [1, 2]}
    w: {set: stages.s.params.widths, values: {small: [8], large: [16]}}
    v: [smoke, none]
    c: {cases: {x: , y: {stages: {r: {params: {title: z}}}, expect: {"r.n": {max: 2}}}}}
  zip: [[factor, w]]
  exclude: [{seed: 2, factor: [2]}]
  include:
    - {seed: 3, v: none}
variants:
  none:
  smoke:
    stages:
      a: {params: {count: 2}}
      r:
`;

/** Pieces that a hand might put in the wrong place. */
const PIECES = [
  ":",
  "- ",
  "{",
  "}",
  "[",
  "]",
  "\t",
  "\n",
  "  ",
  "&a ",
  "*more",
  "*none",
  "<<: ",
  "!!binary ",
  "!x ",
  "? ",
  "| ",
  "> ",
  '"',
  "'",
  "#",
  "---\n",
  "null",
  "~",
  "3",
  "a.numbers",
  "${X}",
  "path",
  "__proto__",
  "constructor",
  "seed",
  "factor",
  "set",
  "values",
  "cases",
  "all",
  "over",
  "x",
  "uses",
  "params",
  "\u0000",
  "\ud83d\ude00",
  "é",
];

const edit = fc.record({
  at: fc.nat(GOOD.length),
  drop: fc.nat(12),
  put: fc.constantFrom(...PIECES, ""),
});

const runs = Deno.env.get("SKELRUN_LONG") ? 10_000 : 300;

Deno.test("whatever is done to a file, it loads or every complaint has a place in it", () => {
  using files = new ExperimentFiles({ "main.yaml": GOOD });
  const path = `${files.folder}/main.yaml`;
  files.load();
  fc.assert(
    fc.property(
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(undefined, "smoke"),
      fc.constantFrom([], ["stages.a.params.count=3"], ["stages.s.params.widths.1=x"]),
      fc.constantFrom([], ["seed=1"], ["c=y", "v=none"]),
      (edits, variant, set, cells) => {
        let text = GOOD;
        for (const { at, drop, put } of edits) {
          text = text.slice(0, at) + put + text.slice(at + drop);
        }
        Deno.writeTextFileSync(path, text);
        const lines = text.split("\n");
        try {
          files.load("main.yaml", { variant, set, cells });
        } catch (error) {
          // Anything else would reach the user as a stack trace.
          if (!(error instanceof ExperimentError)) throw error;
          assert(error.complaints.length > 0);
          for (const { position, message } of error.complaints) {
            assert(message.length > 0 && !message.includes("undefined"), message);
            if (position.file !== path) continue;
            const line = lines[position.line - 1];
            assert(line !== undefined, `${message}: line ${position.line} of ${lines.length}`);
            assert(
              position.column >= 1 && position.column <= line.length + 1,
              `${position.line}:${position.column} ${message} in ${JSON.stringify(text)}`,
            );
          }
        }
      },
    ),
    { numRuns: runs, seed: 7 },
  );
});
