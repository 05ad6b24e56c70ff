/**
 * Edits after which stages run again and make the same bytes: what follows them stays cached.
 *
 * @module
 */
import type { CutoffEdit } from "./edit.ts";

/** Edits that are cut off early. */
export const cutoffEdits: readonly CutoffEdit[] = [
  {
    what: "code that computes the same in another way",
    apply: (p) => p.replace("lib/lines.ts", ".map(Number)", ".map((line) => Number(line))"),
    why: ["parse of toy runs: code changed: lib/lines.ts; 4 stages follow"],
    ran: ["parse"],
  },
  {
    what: "a helper three imports deep, to the same effect",
    apply: (p) => p.replace("lib/three.ts", "value + SHIFT.by", "SHIFT.by + value"),
    why: ["normalize of toy runs: code changed: lib/three.ts; 3 stages follow"],
    ran: ["normalize", "evaluate"],
  },
  {
    what: "a parameter beyond what there is",
    apply: (p) => p.replace("experiments/toy.yaml", "frames: 50", "frames: 64"),
    why: ["normalize of toy runs: frames 50 -> 64; 3 stages follow"],
    ran: ["normalize"],
  },
  {
    what: "the same data in other files",
    apply: (p) => {
      p.rename("data/a.txt", "data/first.txt");
      p.append("data/c.txt", "4\n");
      p.remove("data/day/b.txt");
    },
    why: ["parse of toy runs: input raw changed (data); 4 stages follow"],
    ran: ["parse"],
  },
];
