import { assertEquals } from "@std/assert";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { experimentJsonSchema } from "../../../pipeline/experiment/experiment_json_schema.ts";
import { ExperimentFiles } from "./experiment_files.ts";
import { toyCatalogue } from "./toy_catalogue.ts";

const accepts = new Ajv({ strict: false }).compile(experimentJsonSchema(toyCatalogue));

/** Files that an editor and the loader must judge alike. */
const CASES: readonly (readonly [string, boolean, string])[] = [
  ["the least experiment", true, "name: x\nstages: {a: {uses: numbers}}\n"],
  [
    "parameters and inputs",
    true,
    "name: x\nseed: 3\nstages:\n  a: {uses: numbers, params: {count: 3}}\n" +
    "  s: {uses: scale, inputs: {numbers: a.numbers}, params: {optim: {rate: 2}}}\n" +
    "  g: {uses: gather, inputs: {one: a.numbers, two: s.numbers}, params: {title: t}}\n",
  ],
  ["empty sections", true, "name: x\nstages: {a: {uses: numbers, params: , inputs: }}\n"],
  [
    "a place for anchors",
    true,
    "name: x\nx-y: &y {count: 3}\nstages: {a: {uses: numbers, params: *y}}\n",
  ],
  [
    "a variant",
    true,
    "name: x\nstages: {a: {uses: numbers}, b: {uses: numbers}}\nexpect: {a.sum: {min: 1}}\n" +
    "variants: {v: {seed: 2, stages: {a: {params: {count: 1}}, b: }, expect: {a.sum: }}}\n",
  ],
  [
    "a matrix with all that one may have",
    true,
    "name: x\nstages: {a: {uses: numbers}, s: {uses: scale, inputs: {numbers: a.numbers}}, " +
    "g: {uses: gather, inputs: {s: {all: s.numbers, over: [f]}}, params: {title: t}}}\n" +
    "matrix:\n  axes:\n    seed: [1, 2]\n    v: [one, two]\n" +
    "    f: {set: [stages.s.params.factor], values: [1, 2]}\n" +
    "    w: {set: stages.s.params.widths, values: {small: [8], large: [16]}}\n" +
    "    c: {cases: {x: , y: {stages: {a: {params: {count: 3}}}, expect: {a.sum: {min: 1}}}}}\n" +
    "  zip: [[f, w]]\n  exclude: [{v: one, c: [x]}]\n  include: [{f: 3, w: small}]\n" +
    "variants: {one: , two: {stages: {s: {params: {mode: floor}}}}, " +
    "less: {matrix: {axes: {v: , f: {values: [1]}}}}}\n",
  ],
  [
    "an empty matrix",
    true,
    "name: x\nstages: {a: {uses: numbers}}\nmatrix:\n",
  ],
  [
    "an axis of no form",
    false,
    "name: x\nstages: {a: {uses: numbers}}\nmatrix: {axes: {seed: 3}}\n",
  ],
  [
    "an unknown key of a matrix",
    false,
    "name: x\nstages: {a: {uses: numbers}}\nmatrix: {axes: {seed: [1]}, exlude: []}\n",
  ],
  [
    "a case with an unknown parameter",
    false,
    "name: x\nstages: {a: {uses: numbers}}\n" +
    "matrix: {axes: {c: {cases: {x: {stages: {a: {uses: numbers, params: {cuont: 1}}}}}}}}\n",
  ],
  [
    "a gathering input without a dot",
    false,
    "name: x\nstages: {a: {uses: numbers}, g: {uses: gather, inputs: {s: {all: a}}, params: {title: t}}}\n",
  ],
  ["an unknown key", false, "name: x\nsead: 3\nstages: {a: {uses: numbers}}\n"],
  ["an unknown key of a stage", false, "name: x\nstages: {a: {uses: numbers, parms: {}}}\n"],
  ["an unknown stage type", false, "name: x\nstages: {a: {uses: numbesr}}\n"],
  ["a stage without a type", false, "name: x\nstages: {a: {params: {count: 3}}}\n"],
  ["an unknown parameter", false, "name: x\nstages: {a: {uses: numbers, params: {cuont: 3}}}\n"],
  [
    "a parameter of the wrong kind",
    false,
    "name: x\nstages: {a: {uses: numbers, params: {count: 1.5}}}\n",
  ],
  [
    "a parameter out of range",
    false,
    "name: x\nstages: {a: {uses: numbers, params: {count: 0}}}\n",
  ],
  ["an unknown input", false, "name: x\nstages: {a: {uses: numbers, inputs: {x: a.numbers}}}\n"],
  [
    "an input without a dot",
    false,
    "name: x\nstages: {a: {uses: numbers}, s: {uses: scale, inputs: {numbers: a}}}\n",
  ],
  ["no name", false, "stages: {a: {uses: numbers}}\n"],
  ["a stage name with a dot", false, "name: x\nstages: {a.b: {uses: numbers}}\n"],
  [
    "a variant that extends",
    false,
    "name: x\nstages: {a: {uses: numbers}}\nvariants: {v: {extends: y.yaml}}\n",
  ],
];

for (const [what, good, text] of CASES) {
  Deno.test(`the JSON Schema and the loader both ${good ? "accept" : "refuse"} ${what}`, () => {
    assertEquals(accepts(parse(text)), good, `the JSON Schema on ${what}`);
    using files = new ExperimentFiles({ "main.yaml": text });
    if (good) files.load();
    else files.error();
  });
}

Deno.test("the JSON Schema asks nothing of a file that extends another but to be sound", () => {
  assertEquals(accepts({ extends: "base.yaml", stages: { a: { params: { x: 1 } } } }), true);
  assertEquals(accepts({ extends: "base.yaml", sead: 1 }), false);
});
