/** Which parts of the project may import which, read off the module graph. */
import { assert, assertEquals } from "@std/assert";

interface Edge {
  readonly code?: { readonly specifier?: string };
  readonly isDynamic?: boolean;
}
interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly Edge[];
}

const root = new URL("../../../", import.meta.url);

/** The modules that a module brings along, with the edges that carry code. */
async function graphOf(file: string): Promise<ReadonlyMap<string, Module>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", file],
    cwd: root.pathname,
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: Module[] };
  return new Map(modules.map((module) => [module.specifier, module]));
}

/** What is loaded when a file is imported: code edges that are not behind an `import()`. */
function loadedBy(file: string, graph: ReadonlyMap<string, Module>): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [new URL(file, root).href];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const edge of graph.get(next)?.dependencies ?? []) {
      if (edge.isDynamic !== true && edge.code?.specifier !== undefined) {
        open.push(edge.code.specifier);
      }
    }
  }
  return seen;
}

/** The TypeScript files below a folder. */
function* sourcesIn(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(folder, root))) {
    if (entry.isDirectory) yield* sourcesIn(`${folder}${entry.name}/`);
    else if (entry.name.endsWith(".ts")) yield `${folder}${entry.name}`;
  }
}

function short(specifier: string): string {
  return specifier.replace(root.href, "");
}

Deno.test("planning and help load no tensor library and no stage's implementation", async () => {
  const graph = await graphOf("main.ts");
  for (const start of ["main.ts", "pipeline/verbs/session.ts", "pipeline/plan.ts"]) {
    const loaded = [...loadedBy(start, graph)].map(short);
    assert(loaded.length > 5, `${start} was read`);
    assertEquals(loaded.filter((name) => /tensorflow|entry(_\w+)?\.ts$/.test(name)), []);
  }
});

Deno.test("the catalogue loads definitions and what they are made of, and nothing of the runner", async () => {
  const loaded = [...loadedBy("stages/mod.ts", await graphOf("stages/mod.ts"))].map(short);
  assert(loaded.includes("stages/pretrain/definition.ts"));
  assertEquals(loaded.filter((name) => name.startsWith("pipeline/")), []);
});

Deno.test("the runner imports nothing of the stages, not even a type", async () => {
  for (const file of sourcesIn("pipeline/")) {
    const text = await Deno.readTextFile(new URL(file, root));
    const imports = [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(([, path]) => path!);
    assertEquals(imports.filter((path) => /(^|\/)stages\//.test(path)), [], file);
  }
});

Deno.test("stages import of the runner only types", async () => {
  for (const file of sourcesIn("stages/")) {
    const text = await Deno.readTextFile(new URL(file, root));
    for (const [statement] of text.matchAll(/^import [^;]*?"[^"]*\/pipeline\/[^"]*";/gm)) {
      assert(statement.startsWith("import type "), `${file}: ${statement}`);
    }
  }
});
