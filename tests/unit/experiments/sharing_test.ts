/**
 * What experiments have in common is the same to the last parameter, so that it is computed once: one
 * parse and one normalisation a data set, one pre-training a data set, split and stream.
 */
import { assert, assertEquals } from "@std/assert";
import { plan } from "../../../pipeline/plan.ts";
import { openStore } from "../../../pipeline/store/store.ts";
import type { Experiment } from "../../../pipeline/types.ts";
import { MadeUpData, paperFiles } from "./experiment_files.ts";

/** The files that are runs; those of `paper/`, which they are laid over, know no exceptions of single runs. */
const runs = () => paperFiles().filter(({ folder }) => folder !== "paper");

/** What a stage's key hangs on: type, parameters, and the same of all that it is made from. */
function made(experiment: Experiment, id: string): unknown {
  const stage = experiment.stages.find((stage) => stage.id === id)!;
  const inputs = Object.entries(stage.inputs).sort().map(([name, binding]) =>
    binding.kind === "external"
      ? [name, binding.path]
      : [name, made(experiment, binding.stage), binding.output]
  );
  return [stage.definition.name, stage.params, inputs];
}

function identity(experiment: Experiment, id: string): string {
  return JSON.stringify(made(experiment, id));
}

/** Identities of all stages of a type, by a label that says what they should agree in. */
function collect(
  data: MadeUpData,
  variant: string,
  type: string,
  label: (experiment: Experiment, id: string) => string,
): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, Map<string, string[]>>();
  for (const file of runs()) {
    const experiment = data.load(file, variant);
    for (const { id, definition } of experiment.stages) {
      if (definition.name !== type) continue;
      const what = label(experiment, id);
      const same = found.get(what) ?? new Map<string, string[]>();
      const key = identity(experiment, id);
      same.set(key, [...same.get(key) ?? [], `${file.path} ${id}`]);
      found.set(what, same);
    }
  }
  return found;
}

/** The variable that a stage's recordings come from, the nearest split before it, and its stream. */
function origin(experiment: Experiment, id: string): string {
  const text = identity(experiment, id);
  const variable = /\/((?:NTU60|NTU120|PKU1|PKU2)_DIR)/.exec(text)![1]!;
  const protocol = /"protocol":"([a-z]+)/.exec(text)?.[1] ?? "";
  const stage = experiment.stages.find((stage) => stage.id === id)!;
  return [variable, protocol, stage.params.stream ?? ""].join(" ");
}

for (const variant of ["paper", "release"]) {
  Deno.test(`${variant}: one parse and one normalisation serve all files of a data set`, () => {
    using data = new MadeUpData();
    for (const type of ["parse_ntu", "parse_pku", "normalize", "augment"]) {
      for (const [what, same] of collect(data, variant, type, origin)) {
        assertEquals(same.size, 1, `${type} of ${what}: ${JSON.stringify([...same.values()])}`);
      }
    }
  });

  Deno.test(`${variant}: one pre-training serves every protocol on a data set, split and stream`, () => {
    using data = new MadeUpData();
    const pretrained = collect(data, variant, "pretrain", origin);
    // NTU 60 and PKU-MMD I and II by two splits, NTU 120 by three; three streams each.
    assertEquals(pretrained.size, (2 + 2 + 2 + 3) * 3);
    for (const [what, same] of pretrained) {
      assertEquals(same.size, 1, `pretrain of ${what}: ${JSON.stringify([...same.values()])}`);
      const [files] = same.values();
      assert(files!.length >= 2, `${what} is used by ${files} alone`);
    }
    const [ntu60] = pretrained.get("NTU60_DIR xsub joint")!.values();
    const folders = new Set(ntu60!.map((where) => where.split("/")[1]));
    assertEquals([...folders].sort(), [
      "finetune",
      "ntu60",
      "semi_supervised",
      "three_stream",
      "transfer",
    ]);
  });

  Deno.test(`${variant}: untrained controls and networks from scratch are shared as well`, () => {
    using data = new MadeUpData();
    for (const type of ["untrained", "encode", "linear_eval"]) {
      for (
        const [what, same] of collect(data, variant, type, (e, id) => {
          const base = id.split("@")[0]!;
          const { params } = e.stages.find((stage) => stage.id === id)!;
          return `${base} ${pretrainOf(e, id)} ${JSON.stringify(params)}`;
        })
      ) {
        assertEquals(same.size, 1, `${type} ${what}: ${JSON.stringify([...same.values()])}`);
      }
    }
  });
}

/** Of what a stage is made in the end: origins of all recordings, splits and streams before it. */
function pretrainOf(experiment: Experiment, id: string): string {
  const text = identity(experiment, id);
  const all = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, m]) => m))];
  return [
    all(/\/((?:NTU60|NTU120|PKU1|PKU2)_DIR)/g),
    all(/"protocol":"([a-z]+)/g),
    all(/"stream":"([a-z]+)/g),
  ].map((found) => found.join("+")).join(" ");
}

Deno.test("the keys that a plan works out for recordings agree across files of a data set", async () => {
  using data = new MadeUpData();
  const store = await openStore(`${data.root}/store`);
  const keys = new Map<string, Set<string>>();
  for (const file of paperFiles()) {
    const experiment = data.load(file);
    const { stages } = await plan(experiment, { store, memoryMiB: Infinity });
    for (const { node, resolved } of stages) {
      if (!node.instance.definition.name.startsWith("parse_")) continue;
      const { recordings } = node.instance.inputs;
      assert(recordings?.kind === "external");
      const same = keys.get(recordings.path) ?? new Set<string>();
      keys.set(recordings.path, same.add(resolved!.key));
    }
  }
  assertEquals([...keys.values()].map(({ size }) => size), [1, 1, 1, 1]);
});

Deno.test("docs/protocols.md: the stages that it counts are as many", () => {
  using data = new MadeUpData();
  const page = Deno.readTextFileSync(new URL("../../../docs/protocols.md", import.meta.url))
    .replaceAll(/\s+/g, " ");
  const counted = (files: ReturnType<typeof runs>) => {
    const all = files.flatMap((file) => {
      const experiment = data.load(file);
      return experiment.stages.map(({ id, definition }) =>
        [definition.name, identity(experiment, id)] as const
      );
    });
    return (type?: string) => {
      const found = all.filter(([name]) => type === undefined || name === type);
      return [found.length, new Set(found.map(([, key]) => key)).size].map((n) =>
        n.toLocaleString("en")
      );
    };
  };
  const ntu60 = runs().filter(({ name }) => name.includes("ntu60"));
  const [of60, ofAll] = [counted(ntu60), counted(runs())];
  const says = (text: string) => assert(page.includes(text), `the page does not say: ${text}`);
  const [stages, different] = of60();
  says(
    `The ${ntu60.length} files of NTU 60, transfer from it included, name ${stages} stages: ` +
      `${different} different ones.`,
  );
  says(
    `Of \`parse_ntu\` ${of60("parse_ntu").join(" are ")}, of \`pretrain\` ` +
      `${of60("pretrain").join(" are ")}`,
  );
  const [named, distinct] = ofAll();
  says(
    `All ${runs().length} files name ${named}, ${distinct} different ones; of \`pretrain\` ` +
      `${ofAll("pretrain").join(" are ")}, of \`parse_ntu\` ${ofAll("parse_ntu").join(" are ")}.`,
  );
});
