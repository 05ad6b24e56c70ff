import { assert, assertEquals } from "@std/assert";
import { withProject } from "./toy_project.ts";

Deno.test("planning writes no lockfile, and a stale one is told in a sentence", () =>
  withProject({
    "deno.json": JSON.stringify({ imports: { zod: "npm:zod@4.6.7" } }),
    "entry.ts": 'import { z } from "zod";\nconsole.log(z);\n',
  }, async (p) => {
    await p.closure();
    const names = [...Deno.readDirSync(p.root)].map(({ name }) => name).sort();
    assertEquals(names, ["deno.json", "entry.ts"]);
    p.write({ "deno.lock": JSON.stringify({ version: "5" }) });
    const said = await p.complaint();
    assert(said.startsWith(`${p.root}/deno.lock does not hold what `), said);
    assert(!said.includes("\n"), said);
    assertEquals(Deno.readTextFileSync(`${p.root}/deno.lock`), JSON.stringify({ version: "5" }));
  }));

Deno.test("complaints about code name file and line", () =>
  withProject({ "entry.ts": "\n\nimport './lib/a.ts';\n", "lib/a.ts": "" }, async (p) => {
    const cases: [string, string][] = [
      ["\nexport const = 3;\n", "lib/a.ts:2: "],
      ['\n\nimport "./none.ts";\n', "lib/a.ts:3: it imports lib/none.ts: Module not found"],
      ['import "nothing";\n', 'lib/a.ts:1: Import "nothing" not a dependency'],
      ["\nclass A { constructor(@A() a: 1) {} }\n", "lib/a.ts:2: Parameter decorators only work"],
      ['import "./b.bin" with { type: "csv" };\n', "lib/a.ts:1: it imports lib/b.bin: "],
      ["\nawait import(Deno.args[0]);\n", "lib/a.ts:2: import() of something that is no literal"],
      [
        "\nawait import(`./parts/${1}.ts`);\n",
        "lib/a.ts:2: import() of something that is no literal",
      ],
    ];
    cases.push(['\nawait import("./" + "parts/1.ts");\n', cases.at(-1)![1]]);
    p.write({ "lib/parts/1.ts": 'import "./gone.ts";\n' });
    for (const [text, expected] of cases) {
      p.write({ "lib/a.ts": text });
      const said = await p.complaint();
      assert(said.startsWith(expected), said);
      assert(!/file:|\n/.test(said), said);
    }
    p.write({ "lib/a.ts": "await import(`./parts/2.ts`);\n", "lib/parts/2.ts": "" });
    assert("lib/parts/2.ts" in (await p.closure()).listing.modules);
    Deno.removeSync(`${p.root}/entry.ts`);
    assert((await p.complaint()).startsWith("entry.ts: Module not found"));
  }));
