/**
 * Edits of input files, of the store, and of what stages run on.
 *
 * @module
 */
import { RUNNER } from "../../../pipeline/manifest.ts";
import type { Edit, StageId } from "./edit.ts";
import { GPU } from "./workbench.ts";

const EVERY: readonly StageId[] = ["parse", "normalize", "pretrain", "evaluate", "report"];

/** Edits of data, records, versions and devices. */
export const dataEdits: readonly Edit[] = [
  {
    what: "one byte of one input file",
    apply: (p) => p.replace("data/day/b.txt", "4", "5"),
    changes: ["parse"],
    why: ["parse of toy runs: input raw changed (data); 4 stages follow"],
  },
  {
    what: "a file more in an input folder",
    apply: (p) => p.write("data/d.txt", "7\n"),
    changes: ["parse"],
    why: ["parse of toy runs: input raw changed (data); 4 stages follow"],
  },
  {
    what: "an empty file more in an input folder",
    apply: (p) => p.write("data/d.txt", ""),
    changes: ["parse"],
    why: ["parse of toy runs: input raw changed (data); 4 stages follow"],
  },
  {
    what: "a file less in an input folder",
    apply: (p) => p.remove("data/a.txt"),
    changes: ["parse"],
    why: ["parse of toy runs: input raw changed (data); 4 stages follow"],
  },
  {
    what: "a file of an input folder renamed",
    apply: (p) => p.rename("data/a.txt", "data/b.txt"),
    changes: ["parse"],
    why: ["parse of toy runs: input raw changed (data); 4 stages follow"],
  },
  {
    what: "a file of an input folder moved into another folder",
    apply: (p) => p.rename("data/a.txt", "data/day/a.txt"),
    changes: ["parse"],
    why: ["parse of toy runs: input raw changed (data); 4 stages follow"],
  },
  {
    what: "two files of an input folder with each other's content",
    apply: (p) => {
      const [a, c] = [p.read("data/a.txt"), p.read("data/c.txt")];
      p.write("data/a.txt", c);
      p.write("data/c.txt", a);
    },
    changes: ["parse"],
    why: ["parse of toy runs: input raw changed (data); 4 stages follow"],
  },
  {
    what: "another folder as input",
    apply: (p) => p.replace("experiments/base.yaml", "../data", "../data/day"),
    changes: ["parse"],
    why: ["parse of toy runs: input raw changed (data -> data/day); 4 stages follow"],
  },
  {
    what: "a record taken out of the store",
    apply: async (p) => {
      const path = (await p.store()).actionPath(p.key("normalize"));
      const text = Deno.readTextFileSync(path);
      Deno.removeSync(path);
      p.afterwards(() => Deno.writeTextFileSync(path, text));
    },
    changes: [],
    runs: ["normalize"],
    why: ["normalize of toy runs: its record is gone; 3 stages follow"],
  },
  {
    what: "an empty store",
    apply: (p) => p.afterwards(() => Deno.removeSync(`${p.folder}/empty`, { recursive: true })),
    how: { store: "empty" },
    changes: [],
    runs: ["parse"],
    why: ["parse of toy runs: first run; 4 stages follow"],
  },
  {
    what: "another Deno",
    how: { runner: { deno: "9.9.9" } },
    changes: EVERY,
    why: [`parse of toy runs: Deno ${RUNNER.deno} -> 9.9.9; 4 stages follow`],
  },
  {
    what: "a runner that means something else by an action",
    how: { runner: { salt: "skelrun 2" } },
    changes: EVERY,
    why: ["parse of toy runs: runner skelrun 1 -> skelrun 2; 4 stages follow"],
  },
  {
    what: "the device instead of the CPU (`--device`)",
    how: { device: "webgpu:toy/two/Toy Two:1.0" },
    changes: ["pretrain"],
    why: [
      "pretrain of toy runs: device webgpu:toy/one/Toy One:1.0 -> webgpu:toy/two/Toy Two:1.0; 2 stages follow",
    ],
  },
  {
    what: "another driver",
    how: { device: GPU.replace(":1.0", ":1.1") },
    changes: ["pretrain"],
    why: [
      "pretrain of toy runs: device webgpu:toy/one/Toy One:1.0 -> webgpu:toy/one/Toy One:1.1; 2 stages follow",
    ],
  },
];
