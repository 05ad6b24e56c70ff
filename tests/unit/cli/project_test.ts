import { assert, assertEquals } from "@std/assert";
import { loadExperiment } from "../../../pipeline/experiment.ts";
import { experimentJsonSchema } from "../../../pipeline/experiment/experiment_json_schema.ts";
import { STAGE_ID } from "../../../pipeline/experiment/experiment_schema.ts";
import { PINNED_DENO } from "../../../pipeline/pinned_deno.ts";
import type { Verb } from "../../../pipeline/verb.ts";
import { pipelineVerbs } from "../../../pipeline/verbs/mod.ts";
import { SCHEMA_FILE } from "../../../pipeline/verbs/schema.ts";
import { catalogue } from "../../../stages/mod.ts";
import { stageVerbs } from "../../../stages/verbs/mod.ts";

const root = new URL("../../../", import.meta.url);
const verbs: readonly Verb[] = [...pipelineVerbs, ...stageVerbs];

function text(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(new URL(path, root));
  } catch {
    return undefined;
  }
}

Deno.test("the catalogue calls every stage by its own name", () => {
  for (const [name, definition] of Object.entries(catalogue)) {
    assertEquals(definition.name, name);
    assert(STAGE_ID.test(name));
  }
});

Deno.test("every entry, root and module that a definition names exists", () => {
  for (const { name, entry, roots } of Object.values(catalogue)) {
    const urls = [
      ...(typeof entry === "string" ? [entry] : Object.values(entry)),
      ...(roots ?? []),
    ];
    for (const url of urls) assert(Deno.statSync(new URL(url)).isFile, `${name}: ${url}`);
  }
});

Deno.test("every stage's parameters refuse unknown names", () => {
  for (const [name, { params }] of Object.entries(catalogue)) {
    const { error } = params.safeParse({ no_such_parameter: 1 });
    const codes = error?.issues.map(({ code }) => code) ?? [];
    assert(codes.includes("unrecognized_keys"), `${name} takes any name`);
  }
});

Deno.test("docs/schema/experiment.schema.json is what `deno task schema` writes now", () => {
  const fresh = `${JSON.stringify(experimentJsonSchema(catalogue), undefined, 2)}\n`;
  assert(
    Deno.readTextFileSync(SCHEMA_FILE) === fresh,
    "docs/schema/experiment.schema.json is stale; write it anew with: deno task schema",
  );
});

Deno.test("every verb has a task, and every task of a verb is that verb", () => {
  const { tasks } = JSON.parse(text("deno.json")!) as { tasks: Record<string, string> };
  for (const { name } of verbs) {
    assert(tasks[name]?.endsWith(`main.ts ${name}`), `deno.json has no task ${name}`);
  }
});

Deno.test("every verb's example names the verb and only options it has", () => {
  for (const { name, example, options } of verbs) {
    assert(example.startsWith(`deno task ${name}`), `${name}: ${example}`);
    for (const [, option] of example.matchAll(/\s--([a-z-]+)/g)) {
      assert(Object.hasOwn(options, option!), `${name} has no --${option}`);
    }
  }
});

Deno.test("no two verbs and no two options of a verb share a name or a letter", () => {
  assertEquals(new Set(verbs.map(({ name }) => name)).size, verbs.length);
  for (const { name, options } of verbs) {
    const letters = ["h", ...Object.values(options).flatMap(({ alias }) => alias ?? [])];
    assertEquals(new Set(letters).size, letters.length, `${name} uses a letter twice`);
  }
});

Deno.test("the pinned Deno is the same wherever it is named", () => {
  for (const path of ["README.md", "package.json", ".ci/run", "CONTRIBUTING.md"]) {
    for (const [, version] of (text(path) ?? "").matchAll(/\bdeno@(\d+\.\d+\.\d+)/g)) {
      assertEquals(version, PINNED_DENO, `${path} names deno@${version}`);
    }
  }
});

function experimentFiles(folder: URL): readonly URL[] {
  return [...Deno.readDirSync(folder)].flatMap((entry) =>
    entry.isDirectory
      ? experimentFiles(new URL(`${entry.name}/`, folder))
      : entry.name.endsWith(".yaml")
      ? [new URL(entry.name, folder)]
      : []
  );
}

Deno.test("every experiment of the project loads, with each of its variants", () => {
  const anywhere = Deno.makeTempDirSync();
  try {
    for (const file of experimentFiles(new URL("experiments/", root))) {
      const load = (variant?: string) =>
        loadExperiment(file.pathname, { catalogue, variant, env: () => anywhere });
      load();
      const variants = /^variants:\n((?:[ #].*\n|\n)*)/m.exec(Deno.readTextFileSync(file))?.[1] ??
        "";
      for (const [, name] of variants.matchAll(/^ {2}([a-z0-9_]+):/gm)) load(name);
    }
  } finally {
    Deno.removeSync(anywhere);
  }
});
