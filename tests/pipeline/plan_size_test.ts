/** What planning costs, counted in operations rather than seconds. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { buildGraph } from "../../pipeline/graph.ts";
import { plan } from "../../pipeline/plan.ts";
import { SETTLED_MS } from "../../pipeline/file_stamp.ts";
import { openStore } from "../../pipeline/store/store.ts";
import { runToy, toyExperiment, type ToyStage, withFolder, withStore } from "./toy_stages.ts";

const { inline } = await import("../../pipeline/executors/inline.ts");

/** A number, and stages that each add to the one before. */
function chain(length: number, first = 1): Record<string, ToyStage> {
  const stages: Record<string, ToyStage> = { s0: { uses: "number", params: { value: first } } };
  for (let i = 1; i < length; i++) {
    stages[`s${i}`] = { uses: "total", inputs: { before: `s${i - 1}.number` } };
  }
  return stages;
}

Deno.test("a chain of 50,000 stages is planned, and its stages share what they wait for", () =>
  withStore(async (store) => {
    const { stages } = await plan(toyExperiment(chain(50_000)), { store });
    assertEquals(stages.map(({ state }) => state).slice(0, 3), ["runs", "waits", "waits"]);
    assertEquals(stages[2]!.causes, ["s0"]);
    assertStrictEquals(stages[2]!.causes, stages[49_999]!.causes);
  }));

Deno.test("a stage that gathers thousands is planned once, and waits for each of them", () =>
  withStore(async (store) => {
    const count = 5000;
    const inputs: Record<string, string> = {};
    const stages: Record<string, ToyStage> = {};
    for (let i = 0; i < count; i++) {
      stages[`n${i}`] = { uses: "number", params: { value: i } };
      inputs[`i${i}`] = `n${i}.number`;
    }
    stages["sum"] = { uses: "total", inputs };
    stages["after"] = { uses: "total", inputs: { sum: "sum.number" } };
    const planned = (await plan(toyExperiment(stages), { store })).stages;
    assertEquals(planned.at(-1)!.causes.length, count);
    assertStrictEquals(planned.at(-1)!.causes, planned.at(-2)!.causes);
  }));

Deno.test("the graph looks at every stage once, however the file orders them", () => {
  const length = 20_000;
  const written = Object.entries(chain(length)).reverse();
  const experiment = toyExperiment(Object.fromEntries(written));
  let looked = 0;
  for (const stage of experiment.stages) {
    const { definition } = stage;
    Object.defineProperty(stage, "definition", {
      get() {
        looked++;
        return definition;
      },
    });
  }
  const { nodes } = buildGraph(experiment);
  assertEquals([nodes[0]!.id, nodes.at(-1)!.id], ["s0", `s${length - 1}`]);
  assertEquals(looked < 20 * length, true, `${looked} looks at ${length} definitions`);
});

Deno.test("where all is cached a run starts no process, opens no record, log or blob, and stats each file once", () =>
  withFolder(async (folder) => {
    const count = Deno.env.get("SKELRUN_LONG") ? 500 : 40;
    const stages = chain(count);
    for (let i = 0; i < count; i++) {
      Deno.writeTextFileSync(`${folder}/f${i}`, `${i}\n`);
      stages[`l${i}`] = { uses: "lines", inputs: { files: `${folder}/f${i}` } };
    }
    const experiment = toyExperiment(stages);
    const store = await openStore(`${folder}/store`);
    await runToy(experiment, { store, executor: inline });
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS + 1000));
    // The first run after a while reads what it then remembers.
    await runToy(experiment, { store });
    const counted = count * 2;
    const { opened, stats, started } = await counting(async () => {
      const { summary } = await runToy(experiment, { store: await openStore(`${folder}/store`) });
      assertEquals(summary.stages.filter(({ status }) => status === "cached").length, counted);
    });
    const inside = (paths: readonly string[], part: string) =>
      paths.filter((path) => path.includes(part));
    assertEquals(started, []);
    for (const part of ["/actions/", "/logs/", "/blobs/", "/trees/", "/closures/", `${folder}/f`]) {
      assertEquals(inside(opened, part), []);
    }
    assertEquals(inside(stats, "/actions/").length, counted);
    assertEquals(inside(stats, `${folder}/f`).length, count);
    assertEquals(inside(stats, "/blobs/").length, 0);
  }));

/** Files opened, files looked at and programs started while something goes on. */
async function counting(work: () => Promise<void>) {
  const found = { opened: [] as string[], stats: [] as string[], started: [] as string[] };
  const target = Deno as unknown as Record<string, unknown>;
  const before = new Map<string, unknown>();
  const watch = (names: readonly string[], into: string[]) => {
    for (const name of names) {
      const real = target[name] as (path: unknown, ...rest: unknown[]) => unknown;
      before.set(name, real);
      target[name] = (path: unknown, ...rest: unknown[]) => {
        into.push(String(path));
        return real(path, ...rest);
      };
    }
  };
  watch(["open", "openSync", "readFile", "readFileSync"], found.opened);
  watch(["readTextFile", "readTextFileSync"], found.opened);
  watch(["stat", "statSync", "lstat", "lstatSync"], found.stats);
  const command = Deno.Command;
  Deno.Command = class extends command {
    constructor(program: string | URL, options?: Deno.CommandOptions) {
      super(program, options);
      found.started.push(String(program));
    }
  };
  try {
    await work();
  } finally {
    for (const [name, real] of before) target[name] = real;
    Deno.Command = command;
  }
  return found;
}
