/**
 * Edits of an experiment file and of what stages declare.
 *
 * @module
 */
import type { Edit } from "./edit.ts";

const TOY = "experiments/toy.yaml";

/** Edits of parameters, wiring and declarations. */
export const parameterEdits: readonly Edit[] = [
  {
    what: "a parameter",
    apply: (p) => p.replace(TOY, "frames: 50", "frames: 64"),
    changes: ["normalize"],
    why: ["normalize of toy runs: frames 50 -> 64; 3 stages follow"],
  },
  {
    what: "a parameter inside another",
    apply: (p) => p.replace(TOY, "ratio: 0.5", "ratio: 0.8"),
    changes: ["pretrain"],
    why: ["pretrain of toy runs: crop.ratio 0.5 -> 0.8; 2 stages follow"],
  },
  {
    what: "a parameter on the command line (`--set`)",
    how: { set: ["stages.evaluate.params.k=7"] },
    changes: ["evaluate"],
    why: ["evaluate of toy runs: k 5 -> 7; 1 stage follows"],
  },
  {
    what: "a variant (`--variant long`)",
    how: { variant: "long" },
    changes: ["pretrain"],
    why: [
      "pretrain of toy:long runs: first run; nearest is pretrain of toy: epochs 2 -> 3; 2 stages follow",
    ],
  },
  {
    what: "a value of a matrix",
    apply: (p) => p.replace("experiments/grid.yaml", "[0.1]", "[0.2]"),
    how: { file: "experiments/grid.yaml" },
    changes: ["pretrain"],
    why: [
      "pretrain@tau=0.2 of grid runs: first run; nearest is pretrain of toy: tau 0.1 -> 0.2; 2 stages follow",
    ],
  },
  {
    what: "a value in the file that is extended",
    apply: (p) => p.replace("experiments/base.yaml", "skip: 0", "skip: 1"),
    changes: ["parse"],
    why: ["parse of toy runs: skip 0 -> 1; 4 stages follow"],
  },
  {
    what: "the experiment's seed",
    apply: (p) => p.replace("experiments/base.yaml", "seed: 1", "seed: 2"),
    changes: ["pretrain"],
    why: ["pretrain of toy runs: seed 1 -> 2; 2 stages follow"],
  },
  {
    what: "a default in a stage's definition",
    apply: (p) =>
      p.replace("definitions.ts", "k: z.number().default(5)", "k: z.number().default(10)"),
    changes: ["evaluate"],
    why: ["evaluate of toy runs: k 5 -> 10; 1 stage follows"],
  },
  {
    what: "a parameter added to a definition",
    apply: (p) =>
      p.replace(
        "definitions.ts",
        "k: z.number()",
        "metric: z.string().default('l1'), k: z.number()",
      ),
    changes: ["evaluate"],
    why: ["evaluate of toy runs: metric (none) -> l1; 1 stage follows"],
  },
  {
    what: "a parameter taken out of a definition",
    apply: (p) => p.replace("definitions.ts", "k: z.number().default(5)", ""),
    changes: ["evaluate"],
    why: ["evaluate of toy runs: k 5 -> (none); 1 stage follows"],
  },
  {
    what: "an output renamed",
    apply: (p) => p.replace("definitions.ts", "outputs: { table:", "outputs: { page:"),
    changes: ["report"],
    why: ["report of toy runs: output page added; output table removed"],
  },
  {
    what: "an output of another type",
    apply: (p) => p.replace("definitions.ts", 'table: { type: "table"', 'table: { type: "page"'),
    changes: ["report"],
    why: ["report of toy runs: output table of type table -> page"],
  },
  {
    what: "an input from another stage",
    apply: (p) => p.replace(TOY, "clips: parse.clips, model", "clips: normalize.clips, model"),
    changes: ["evaluate"],
    why: [
      "evaluate of toy runs: input clips changed (parse.clips -> normalize.clips); 1 stage follows",
    ],
  },
  {
    what: "an optional input given",
    apply: (p) =>
      p.replace(
        TOY,
        "metrics: evaluate.metrics",
        "metrics: evaluate.metrics, notes: { path: ../notes.txt }",
      ),
    changes: ["report"],
    why: ["report of toy runs: input notes added (notes.txt)"],
  },
  {
    what: "a stage of another type",
    apply: (p) => p.replace(TOY, "uses: normalize", "uses: center"),
    changes: ["normalize"],
    why: [
      "normalize of toy runs: uses normalize -> center; code added: center.ts; code removed: lib/one.ts, lib/round.ts, lib/three.ts and 2 more; 3 stages follow",
    ],
  },
];
