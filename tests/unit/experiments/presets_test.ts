/** The presets: every experiment of the paper plans with both, and docs/presets.md names what differs. */
import { assert, assertEquals } from "@std/assert";
import { plan } from "../../../pipeline/plan.ts";
import { openStore } from "../../../pipeline/store/store.ts";
import type { Experiment } from "../../../pipeline/types.ts";
import { catalogue } from "../../../stages/mod.ts";
import { experimentFiles, MadeUpData, paperFiles } from "./experiment_files.ts";

const page = Deno.readTextFileSync(new URL("../../../docs/presets.md", import.meta.url));

/** The rows of the table below a heading, without its head; cells by column. */
function rowsBelow(heading: string): readonly string[][] {
  const section = page.split(`## ${heading}\n`)[1]!.split("\n## ")[0]!;
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()));
}

/** The switches that a cell names: `stage.parameter`. */
function switches(cell: string): readonly string[] {
  return [...cell.matchAll(/`([a-z_]+\.[A-Za-z_.]+)`/g)].map(([, name]) => name!);
}

/** Whether a stage type has a parameter, at any depth. */
function exists(name: string): boolean {
  const [stage, ...path] = name.split(".");
  const definition = catalogue[stage!];
  if (definition === undefined) return false;
  let schema = definition.params.toJSONSchema({ io: "input" }) as Schema | undefined;
  for (const step of path) schema = schema?.properties?.[step];
  return schema !== undefined;
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** The parameters, as `stage.parameter`, in which two experiments differ; and inputs that do. */
function differences(one: Experiment, other: Experiment): ReadonlySet<string> {
  const found = new Set<string>();
  const byId = new Map(other.stages.map((stage) => [stage.id, stage]));
  for (const { id, definition, params, inputs } of one.stages) {
    const twin = byId.get(id);
    if (twin === undefined) continue;
    for (const key of new Set([...Object.keys(params), ...Object.keys(twin.params)])) {
      const same = JSON.stringify(params[key]) === JSON.stringify(twin.params[key]);
      if (!same) found.add(`${definition.name}.${key}`);
    }
    for (const key of Object.keys(inputs)) {
      // What gathers cells has fewer where there are fewer cells.
      if (twin.inputs[key] === undefined) continue;
      const same = JSON.stringify(inputs[key]) === JSON.stringify(twin.inputs[key]);
      if (!same) found.add(`${definition.name} input ${key}`);
    }
  }
  if (other.stages.length < one.stages.length) found.add("subset.draw");
  return found;
}

Deno.test("docs/presets.md: every switch exists, and a row without one says none", () => {
  const columns = [
    ...rowsBelow("What the presets set differently").map((row) => row[4]!),
    ...rowsBelow("What both set alike").map((row) => row[3]!),
  ];
  assert(columns.length > 30);
  for (const cell of columns) {
    const named = switches(cell);
    assert(named.length > 0 || cell.startsWith("none"), `neither a switch nor "none": ${cell}`);
    for (const name of named) assert(exists(name), `there is no ${name}`);
  }
  assert(!exists("pretrain.no_such") && !exists("no_such.mu"));
});

Deno.test("docs/presets.md: the variant release sets what the first table says, and nothing else", () => {
  const said = new Set(
    rowsBelow("What the presets set differently").flatMap((row) => switches(row[4]!)),
  );
  using data = new MadeUpData();
  const set = new Set<string>();
  for (const file of paperFiles()) {
    for (const name of differences(data.load(file, "paper"), data.load(file, "release"))) {
      set.add(name);
    }
  }
  // The picture's panel shows the kNN's features; the table says so in words.
  assert(set.delete("tsne input trained"));
  assertEquals([...set].sort(), [...said].sort());
});

Deno.test("the variant paper is the experiment as it stands", () => {
  using data = new MadeUpData();
  for (const file of paperFiles()) {
    const shape = ({ stages }: Experiment) => JSON.stringify(stages);
    assertEquals(shape(data.load(file, "paper")), shape(data.load(file)), file.path);
  }
});

Deno.test("every experiment plans, those of the paper with each preset, several seeds and as a smoke test", async () => {
  using data = new MadeUpData();
  const store = await openStore(`${data.root}/store`);
  const paper = new Set(paperFiles().map(({ path }) => path));
  const gpu = { backend: "webgpu", class: "webgpu:some/gpu/of:a driver" } as const;
  for (const file of experimentFiles()) {
    const seeds = ["ntu60", "ntu120", "pku", "three_stream"].includes(file.folder);
    const variants = paper.has(file.path)
      ? ["paper", "release", "smoke", ...(seeds ? ["seeds"] : [])]
      : [undefined];
    for (const variant of variants) {
      const experiment = data.load(file, variant);
      const { stages } = await plan(experiment, {
        store,
        strict: false,
        backend: gpu.backend,
        device: () => Promise.resolve(gpu),
        memoryMiB: Infinity,
      });
      assertEquals(stages.length >= experiment.stages.length, true, file.path);
    }
  }
});
