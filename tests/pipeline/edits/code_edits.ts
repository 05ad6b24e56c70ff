/**
 * Edits of the code that stages load, and of what decides where their imports lead.
 *
 * @module
 */
import type { Edit } from "./edit.ts";
import { GPU } from "./workbench.ts";

/** Integrities in the lockfile of packages that a table needs and that nothing runs. */
export const INTEGRITY = { reached: "sha512-MSjY", unreached: "sha512-g8W2" };

/** Edits of code, kernels, Workers, imports, packages and compiler settings. */
export const codeEdits: readonly Edit[] = [
  {
    what: "a stage's own code",
    apply: (p) => p.replace("train.ts", "first + seed", "first - seed"),
    changes: ["pretrain"],
    why: ["pretrain of toy runs: code changed: train.ts; 2 stages follow"],
  },
  {
    what: "a helper three imports deep",
    apply: (p) => p.replace("lib/three.ts", "value + SHIFT.by", "value - SHIFT.by"),
    changes: ["normalize", "evaluate"],
    why: ["normalize of toy runs: code changed: lib/three.ts; 3 stages follow"],
  },
  {
    what: "a helper that one stage reaches",
    apply: (p) => p.replace("lib/lines.ts", 'line !== ""', "line.length > 0"),
    changes: ["parse"],
    why: ["parse of toy runs: code changed: lib/lines.ts; 4 stages follow"],
  },
  {
    what: "a helper that imports what imports it",
    apply: (p) => p.replace("lib/round.ts", "* 1000", "* 100"),
    changes: ["normalize", "evaluate"],
    why: ["normalize of toy runs: code changed: lib/round.ts; 3 stages follow"],
  },
  {
    what: "an import more",
    apply: (p) => {
      p.replace("lib/three.ts", "import type", 'import { EXTRA } from "./extra.ts";\nimport type');
      p.replace("lib/three.ts", "SHIFT.by;", "SHIFT.by + EXTRA;");
    },
    changes: ["normalize", "evaluate"],
    why: [
      "normalize of toy runs: code changed: lib/three.ts; code added: lib/extra.ts; 3 stages follow",
    ],
  },
  {
    what: "an import less",
    apply: (p) => {
      p.replace("evaluate.ts", 'import { two } from "./lib/two.ts";\n', "");
      p.replace("evaluate.ts", "two(value)", "value");
    },
    changes: ["evaluate"],
    why: [
      "evaluate of toy runs: code changed: evaluate.ts; code removed: lib/round.ts, lib/three.ts, lib/two.ts; 1 stage follows",
    ],
  },
  {
    what: "an import for its effect alone",
    apply: (p) =>
      p.replace("evaluate.ts", "import { two }", 'import "./lib/extra.ts";\nimport { two }'),
    changes: ["evaluate"],
    why: [
      "evaluate of toy runs: code changed: evaluate.ts; code added: lib/extra.ts; 1 stage follows",
    ],
  },
  {
    what: "a helper in another file",
    apply: (p) => {
      p.rename("lib/lines.ts", "lib/text_lines.ts");
      p.replace("parse.ts", "./lib/lines.ts", "./lib/text_lines.ts");
    },
    changes: ["parse"],
    why: [
      "parse of toy runs: code changed: parse.ts; code added: lib/text_lines.ts; code removed: lib/lines.ts; 4 stages follow",
    ],
  },
  {
    what: "text in a string",
    apply: (p) => p.replace("report.ts", '"near"', '"near "'),
    changes: ["report"],
    why: ["report of toy runs: code changed: report.ts"],
  },
  {
    what: "white space in a template",
    apply: (p) => p.replace("report.ts", "title}\n\n$", "title}\n$"),
    changes: ["report"],
    why: ["report of toy runs: code changed: report.ts"],
  },
  {
    what: "a value in an imported JSON file",
    apply: (p) => p.replace("words.json", "clips", "actions"),
    changes: ["report"],
    why: ["report of toy runs: code changed: words.json"],
  },
  {
    what: "a space in an imported text",
    apply: (p) => p.replace("note.txt", "not weighed", "not  weighed"),
    changes: ["report"],
    why: ["report of toy runs: code changed: note.txt"],
  },
  {
    what: "a kernel's source (planned for the device)",
    apply: (p) => p.replace("lib/kernel.wgsl", "64", "32"),
    how: { device: GPU },
    changes: ["pretrain"],
    why: ["pretrain of toy runs: code changed: lib/kernel.wgsl; 2 stages follow"],
  },
  {
    what: "a Worker's code, a root in the definition",
    apply: (p) => p.replace("worker.ts", "sum(data)", "sum(data) + 0"),
    changes: ["pretrain"],
    why: ["pretrain of toy runs: code changed: worker.ts; 2 stages follow"],
  },
  {
    what: "what only the Worker imports",
    apply: (p) => p.replace("lib/sum.ts", "total + value", "value + total"),
    changes: ["pretrain"],
    why: ["pretrain of toy runs: code changed: lib/sum.ts; 2 stages follow"],
  },
  {
    what: "a file read by its URL, a root in the definition",
    apply: (p) => p.append("rates.txt", "\n"),
    changes: ["pretrain"],
    why: ["pretrain of toy runs: code changed: rates.txt; 2 stages follow"],
  },
  {
    what: "a root less in the definition",
    apply: (p) => p.replace("definitions.ts", ', here("./rates.txt")', ""),
    changes: ["pretrain"],
    why: ["pretrain of toy runs: code removed: rates.txt; 2 stages follow"],
  },
  {
    what: "an entry in another file",
    apply: (p) => {
      p.rename("evaluate.ts", "judge.ts");
      p.replace("definitions.ts", "./evaluate.ts", "./judge.ts");
    },
    changes: ["evaluate"],
    why: ["evaluate of toy runs: code added: judge.ts; code removed: evaluate.ts; 1 stage follows"],
  },
  {
    what: "the import map leads to another file, of the same content",
    apply: (p) => p.replace("deno.json", "./lib/scale.ts", "./lib/scale_copy.ts"),
    changes: ["evaluate"],
    why: [
      'evaluate of toy runs: code added: lib/scale_copy.ts; code removed: lib/scale.ts; imports lead elsewhere: evaluate.ts: "scale" lib/scale.ts -> lib/scale_copy.ts; 1 stage follows',
    ],
  },
  {
    what: "the lockfile's integrity of a package that a reached one needs",
    apply: (p) => p.replace("deno.lock", INTEGRITY.reached, "sha512-AAAA"),
    changes: ["report"],
    why: ["report of toy runs: package emoji-regex 8.0.0 with other content"],
  },
  {
    what: "a compiler setting by which code runs otherwise",
    apply: (p) =>
      p.replace(
        "deno.json",
        '"nodeModulesDir"',
        '"compilerOptions": { "experimentalDecorators": true }, "nodeModulesDir"',
      ),
    changes: ["parse", "normalize", "pretrain", "evaluate", "report"],
    why: [
      "parse of toy runs: compiler settings: experimentalDecorators (none) -> true; 4 stages follow",
    ],
  },
];
