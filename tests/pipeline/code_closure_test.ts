import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { CODE_PRINTER } from "../../pipeline/code/code_text.ts";
import { PROJECT } from "../../pipeline/planning.ts";
import { CONFIG, withProject } from "./toy_project.ts";

Deno.test("JSON counts by its value, also where its keys stand; text byte by byte", () =>
  withProject({
    "entry.ts": 'import j from "./a.json" with { type: "json" };\n' +
      'import t from "./b.json" with { type: "text" };\nconsole.log(j, t);\n',
    "a.json": '{"a": 1, "b": [1.0]}',
    "b.json": '{"a": 1}',
  }, async (p) => {
    assertEquals(await p.changes({ "a.json": '{\n  "a": 1,\n  "b": [1]\n}\n' }), false);
    assertEquals(await p.changes({ "a.json": '{"b": [1], "a": 1}' }), true);
    assertEquals(await p.changes({ "a.json": '{"b": [2], "a": 1}' }), true);
    assertEquals(await p.changes({ "b.json": '{ "a": 1}' }), true);
  }));

Deno.test("code imported as text counts byte by byte, and its imports do not unless it runs too", () =>
  withProject({
    "entry.ts": 'import text from "./helper.ts" with { type: "text" };\nconsole.log(text);\n',
    "both.ts": 'import "./entry.ts";\nimport { a } from "./helper.ts";\nconsole.log(a);\n',
    "same.ts": 'import { a } from "./helper.ts";\nimport text from "./helper.ts" with ' +
      '{ type: "text" };\nconsole.log(a, text);\n',
    "helper.ts": 'export { a } from "./deep.ts";\n',
    "deep.ts": "export const a = 1;\n",
  }, async (p) => {
    assertEquals(Object.keys((await p.closure()).listing.modules), ["entry.ts", "helper.ts"]);
    for (const entry of ["both.ts", "same.ts"]) {
      assert("deep.ts" in (await p.closure(entry)).listing.modules, entry);
    }
    assertEquals(await p.changes({ "deep.ts": "export const a = 2;\n" }), false);
    assertEquals(await p.changes({ "deep.ts": "export const a = 3;\n" }, "both.ts"), true);
    const text = Deno.readTextFileSync(`${p.root}/helper.ts`);
    for (const [i, entry] of ["entry.ts", "both.ts", "same.ts"].entries()) {
      assertEquals(await p.changes({ "helper.ts": `// ${i}\n${text}` }, entry), true, entry);
    }
  }));

Deno.test("imports that only types need are no part of a closure, but its code may read them", () =>
  withProject({
    "entry.ts": 'import { type A } from "./a.ts";\nimport { B } from "./b.ts";\n' +
      'import type { C } from "./c.ts";\nimport "./effect.ts";\nexport const x = 1 as A | B | C;\n',
    "a.ts": "export type A = number;\nconsole.log(1);\n",
    "b.ts": "export interface B { b: 1 }\nconsole.log(1);\n",
    "c.ts": "export type C = number;\nconsole.log(1);\n",
    "effect.ts": "console.log(1);\n",
  }, async (p) => {
    const { listing, files } = await p.closure();
    assertEquals(Object.keys(listing.modules).sort(), ["effect.ts", "entry.ts"]);
    assertEquals(files.map((path) => path.slice(p.root.length + 1)), [
      "a.ts",
      "b.ts",
      "effect.ts",
      "entry.ts",
    ]);
    for (const name of ["a.ts", "b.ts", "c.ts"]) {
      assertEquals(await p.changes({ [name]: "export const other = 2;\n" }), false, name);
    }
    assertEquals(await p.changes({ "effect.ts": "console.log(2);\n" }), true);
    // What the setting says, Deno does: every import is kept then.
    const compilerOptions = { verbatimModuleSyntax: true };
    p.write({ "deno.json": JSON.stringify({ ...CONFIG, compilerOptions }) });
    const kept = Object.keys((await p.closure()).listing.modules).sort();
    assertEquals(kept, ["a.ts", "b.ts", "effect.ts", "entry.ts"]);
  }));

Deno.test("Deno runs no code of imports that only types need", () =>
  withProject({
    "entry.ts": 'import { type A } from "./a.ts";\nimport { B } from "./b.ts";\n' +
      "export const x = 1 as A | B;\n",
    "a.ts": "export type A = number;\nconsole.log('a ran');\n",
    "b.ts": "export interface B { b: 1 }\nconsole.log('b ran');\n",
  }, async (p) => {
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", `--config=${p.root}/deno.json`, `${p.root}/entry.ts`],
    }).output();
    assert(success);
    assertEquals(new TextDecoder().decode(stdout), "");
  }));

Deno.test("JSX: elements, pragmas and the settings count; settings only where there is JSX", () =>
  withProject({
    "entry.tsx": "const h = (...a: unknown[]) => a;\nexport const e = <a b={1}>c</a>;\n",
    "entry.ts": "export const e = 1;\n",
  }, async (p) => {
    assertEquals(
      await p.changes({
        "entry.tsx": "const h = (...a: unknown[]) => a;\nexport const e = <a b={1}>d</a>;\n",
      }, "entry.tsx"),
      true,
    );
    const text = Deno.readTextFileSync(`${p.root}/entry.tsx`);
    assertEquals(await p.changes({ "entry.tsx": `/** @jsx h */\n${text}` }, "entry.tsx"), true);
    const config = JSON.stringify({ ...CONFIG, compilerOptions: { jsxFactory: "h" } });
    const plain = (await p.closure()).digest;
    assertEquals(await p.changes({ "deno.json": config }, "entry.tsx"), true);
    assertEquals((await p.closure()).digest, plain);
  }));

Deno.test("decorators count; those that are told types make types count", () =>
  withProject({
    "entry.ts": "const d = (..._: unknown[]) => {};\n@d class A { f(x: number) { return x; } }\n" +
      "console.log(A);\n",
  }, async (p) => {
    const text = Deno.readTextFileSync(`${p.root}/entry.ts`);
    const typed = text.replace("x: number", "x: string");
    assertEquals(await p.changes({ "entry.ts": typed }), false);
    assertEquals(await p.changes({ "entry.ts": text.replace("@d ", "") }), true);
    const compilerOptions = { experimentalDecorators: true, emitDecoratorMetadata: true };
    p.write({ "deno.json": JSON.stringify({ ...CONFIG, compilerOptions }), "entry.ts": text });
    assertEquals(await p.changes({ "entry.ts": typed }), true);
  }));

Deno.test("npm packages: those reached, with peers and optional ones, by the lockfile's integrities", () =>
  withProject({
    "entry.ts": 'import "@tensorflow/tfjs-backend-webgpu";\nimport "esbuild";\n',
    "other.ts": 'import { z } from "zod/mini";\nconsole.log(z);\n',
  }, async (p) => {
    const { packages } = (await p.closure("entry.ts", [], PROJECT)).listing;
    const ids = Object.keys(packages);
    const has = (name: string) => ids.some((id) => id.startsWith(name));
    for (
      const name of [
        "@tensorflow/tfjs-backend-webgpu@",
        "@tensorflow/tfjs-backend-cpu@",
        "@tensorflow/tfjs-core@",
        "seedrandom@",
        "@esbuild/linux-x64@",
        "@esbuild/win32-arm64@",
      ]
    ) {
      assert(has(name), name);
    }
    assert(!has("zod@") && !has("yaml@"), ids.join());
    assert(Object.values(packages).every((text) => text.startsWith("sha512-")));
    const other = (await p.closure("other.ts", [], PROJECT)).listing;
    assertEquals(Object.keys(other.packages).map((id) => id.split("@")[0]), ["zod"]);
  }));

Deno.test("a lockfile and an import map in other places are followed", () =>
  withProject({
    "deno.json": JSON.stringify({ lock: "locks/mine.lock", importMap: "./maps/map.json" }),
    "maps/map.json": JSON.stringify({ imports: { a: "../a.ts" } }),
    "entry.ts": 'import "a";\n',
    "a.ts": "console.log(1);\n",
    "b.ts": "console.log(1);\n",
  }, async (p) => {
    const map = JSON.stringify({ imports: { a: "../b.ts" } });
    assertEquals(await p.changes({ "maps/map.json": map }), true);
    assertEquals((await p.closure()).listing.modules["entry.ts"]!.edges, { a: "b.ts" });
  }));

Deno.test("packages that stand in for others (links) count as code of the project", () =>
  withProject({
    "deno.json": JSON.stringify({
      lock: false,
      links: ["./std/x"],
      imports: { x: "jsr:@std/x@^1.0.0" },
    }),
    "std/x/deno.json": '{"name": "@std/x", "version": "1.0.9", "exports": "./mod.ts"}',
    "std/x/mod.ts": "console.log(1);\n",
    "std/x/other.ts": "console.log(1);\n",
    "entry.ts": 'import "x";\n',
  }, async (p) => {
    assertEquals((await p.closure()).listing.modules["entry.ts"]!.edges, { x: "std/x/mod.ts" });
    assertEquals(await p.changes({ "std/x/mod.ts": "console.log(2);\n" }), true);
    assertEquals(await p.changes({ "std/x/mod.ts": "console.log(2); // two\n" }), false);
    const text = '{"name": "@std/x", "version": "1.0.9", "exports": "./other.ts"}';
    assertEquals(await p.changes({ "std/x/deno.json": text }), true);
  }));

Deno.test("a project in a folder with spaces and other letters; circles; roots that are data", () =>
  withProject({
    "entry.ts": 'import { b } from "./b é.ts";\nexport const a = 1;\nconsole.log(b);\n',
    "b é.ts": 'import { a } from "./entry.ts";\nexport const b = () => a;\n',
    "table 1.bin": "1",
    "worker.ts": 'import "./of worker.ts";\n',
    "of worker.ts": "console.log(1);\n",
  }, async (p) => {
    const { listing } = await p.closure("entry.ts", ["table 1.bin", "worker.ts"]);
    assertEquals(Object.keys(listing.modules).sort(), [
      "b é.ts",
      "entry.ts",
      "of worker.ts",
      "table 1.bin",
      "worker.ts",
    ]);
    assertEquals(listing.roots, ["entry.ts", "table 1.bin", "worker.ts"]);
  }, "a project é"));

Deno.test("the listing says its printer, and is written anew where it went", () =>
  withProject({ "entry.ts": "console.log(1);\n" }, async (p) => {
    const { digest, store, listing } = await p.closure();
    assertEquals(listing.printer, CODE_PRINTER);
    const { version } = await import("esbuild");
    assertEquals(CODE_PRINTER, `esbuild ${version}`);
    Deno.removeSync(`${store.root}/closures/${digest}.json`);
    assertEquals((await p.closure()).listing, listing);
    const { fingerprint } = await import("../../pipeline/fingerprint.ts");
    assertEquals(fingerprint(listing), digest);
    assertNotEquals(fingerprint({ ...listing, printer: "esbuild 9.9.9" }), digest);
  }));
