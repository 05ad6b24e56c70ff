import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { plan, PlanError } from "../../pipeline/plan.ts";
import type { StageDefinition } from "../../pipeline/stage.ts";
import { openStore } from "../../pipeline/store/store.ts";
import { runToy, toyExperiment, type ToyStage, toyStages, withFolder } from "./toy_stages.ts";

const TOY = new URL("./toy", import.meta.url).pathname;

/** Copies the toy stages into a project of their own. */
async function project(folder: string): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  for await (const { name } of Deno.readDir(TOY)) {
    await Deno.copyFile(`${TOY}/${name}`, `${folder}/${name}`);
  }
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ lock: false, imports: {} }));
  return folder;
}

async function edit(path: string, from: string, to: string): Promise<void> {
  const text = await Deno.readTextFile(path);
  assert(text.includes(from), `${path} has no ${from}`);
  await Deno.writeTextFile(path, text.replace(from, to));
}

/** A toy project with data, and the keys that its experiment has now. */
async function bench(folder: string) {
  const code = await project(`${folder}/project`);
  const data = `${folder}/data`;
  await Deno.mkdir(data);
  await Deno.writeTextFile(`${data}/a.txt`, "1\n2\n");
  const store = await openStore(`${folder}/store`);
  const stages = (value = 3): Record<string, ToyStage> => ({
    number: { uses: "number", params: { value } },
    lines: { uses: "lines", inputs: { files: data } },
  });
  const keys = async (
    experiment = stages(),
    at = code,
    change: (catalogue: ReturnType<typeof toyStages>) => Record<string, StageDefinition> = (c) => c,
  ) => {
    const { stages } = await plan(toyExperiment(experiment, change(toyStages(at))), {
      store,
      project: at,
    });
    return Object.fromEntries(stages.map(({ node, resolved }) => [node.id, resolved!.key]));
  };
  return { code, data, store, stages, keys, before: await keys() };
}

Deno.test("keys do not hang on times, the place of a checkout, the order in the file, or comments", () =>
  withFolder(async (folder) => {
    const { code, data, keys, before, stages } = await bench(folder);
    for (const path of [`${code}/number.ts`, `${data}/a.txt`]) {
      await Deno.utime(path, new Date(), new Date());
    }
    assertEquals(await keys(), before, "touch");
    const { number, lines } = stages();
    assertEquals(await keys({ lines: lines!, number: number! }), before, "order");
    assertEquals(await keys(stages(), await project(`${folder}/moved/far`)), before, "moved");
    await edit(`${code}/helper_three.ts`, "// The innermost", "// Another comment.\n\n//");
    await edit(`${code}/helper_three.ts`, "return value + 0", "return  value\n + 0");
    assertEquals(await keys(), before, "comment and white space");
    await edit(`${code}/number.ts`, "import type", "// types only\nimport type");
    assertEquals(await keys(), before, "type import");
  }));

Deno.test("each edit that can change a result changes the keys it reaches, and no others", () =>
  withFolder(async (folder) => {
    const { code, data, keys, before, stages } = await bench(folder);
    let last = before;
    const changes = async (what: string, expected: string[], now: Record<string, string>) => {
      const changed = Object.keys(now).filter((id) => now[id] !== last[id]);
      assertEquals(changed, expected, what);
      last = now;
      await Promise.resolve();
    };
    await changes("parameter", ["number"], await keys(stages(4)));
    await changes("parameter back", ["number"], await keys());
    assertEquals(last, before);
    await edit(`${code}/helper_three.ts`, "value + 0", "value + 1");
    await changes("helper three imports deep", ["number"], await keys());
    await Deno.writeTextFile(`${code}/note.txt`, "Another note.\n");
    await changes("text import", ["number"], await keys());
    await Deno.writeTextFile(`${data}/a.txt`, "1\n3\n");
    await changes("data byte", ["lines"], await keys());
    await Deno.rename(`${data}/a.txt`, `${data}/b.txt`);
    await changes("data name", ["lines"], await keys());
    await edit(`${code}/helper_two.ts`, "./helper_three.ts", "deep");
    const map = (file: string) =>
      Deno.writeTextFile(
        `${code}/deno.json`,
        JSON.stringify({ lock: false, imports: { deep: file } }),
      );
    await map("./helper_three.ts");
    await changes("specifier", ["number"], await keys());
    await Deno.copyFile(`${code}/helper_three.ts`, `${code}/helper_four.ts`);
    await map("./helper_four.ts");
    await changes("import map", ["number"], await keys());
    await Deno.writeTextFile(`${folder}/project/table.bin`, "1");
    const listed = (c: ReturnType<typeof toyStages>) => ({
      ...c,
      lines: { ...c.lines, roots: [`file://${code}/table.bin`] },
    });
    await changes("a root that is data", ["lines"], await keys(stages(), code, listed));
    await Deno.writeTextFile(`${folder}/project/table.bin`, "2");
    await changes("its bytes", ["lines"], await keys(stages(), code, listed));
  }));

Deno.test("the device class is in the keys of stages that compute on one, and of no others", () =>
  withFolder(async (folder) => {
    const store = await openStore(`${folder}/store`);
    const experiment = toyExperiment({ n: { uses: "number" }, g: { uses: "gpu" } });
    const keys = async (name: string) => {
      const device = () => Promise.resolve({ backend: "webgpu" as const, class: name });
      const { stages } = await plan(experiment, { store, device });
      return stages.map(({ resolved }) => resolved!.key);
    };
    const [a, b] = [await keys("webgpu:a"), await keys("webgpu:b")];
    assertEquals(a[0], b[0]);
    assertNotEquals(a[1], b[1]);
    const unasked = () => Promise.reject(new Error("asked for a device"));
    await plan(toyExperiment({ n: { uses: "number" } }), { store, device: unasked });
  }));

Deno.test("a computed import, a missing module and code that does not parse are plan errors by name", () =>
  withFolder(async (folder) => {
    const { code, keys } = await bench(folder);
    const original = await Deno.readTextFile(`${code}/helper_two.ts`);
    const fault = async (text: string) => {
      await Deno.writeTextFile(`${code}/helper_two.ts`, original + text);
      return (await assertRejects(() => keys(), PlanError)).message;
    };
    const computed = await fault("\nexport const f = (p: string) => import(p);\n");
    assert(
      computed.includes("helper_two.ts:7: import() of something that is no literal"),
      computed,
    );
    const missing = await fault('\nimport "./nowhere.ts";\n');
    assert(missing.includes("nowhere.ts"), missing);
    const broken = await fault("\nexport const = 3;\n");
    assert(broken.includes("helper_two.ts"), broken);
  }));

Deno.test("the reason of a miss names what changed: parameter, file, input, first run", () =>
  withFolder(async (folder) => {
    const { code, data, store } = await bench(folder);
    const run = async (value: number) => {
      const experiment = toyExperiment({
        number: { uses: "number", params: { value } },
        lines: { uses: "lines", inputs: { files: data } },
        sum: { uses: "total", inputs: { n: "number.number", l: "lines.number" } },
      }, toyStages(code));
      return (await runToy(experiment, { store, project: code })).reasons;
    };
    assertEquals(await run(3), { number: "first run", lines: "first run", sum: "first run" });
    assertEquals(await run(3), {});
    assertEquals(await run(4), {
      number: "value 3 -> 4",
      sum: "input n changed (number.number)",
    });
    await edit(`${code}/helper_three.ts`, "value + 0", "value + 10");
    await Deno.writeTextFile(`${data}/a.txt`, "1\n2\n3\n");
    assertEquals(await run(4), {
      number: "code changed: helper_three.ts",
      lines: `input files changed (${data})`,
      sum: "input l changed (lines.number); input n changed (number.number)",
    });
  }));
