import { assertEquals } from "@std/assert";
import type { ClosureListing } from "../../pipeline/code_closure.ts";
import type { ActionManifest } from "../../pipeline/manifest.ts";
import { differences, inOneLine } from "../../pipeline/explain/manifest_diff.ts";

const MANIFEST: ActionManifest = {
  format: "action/1",
  stage: "normalize",
  params: { frames: 50, crop: { ratio: 0.5, on: true }, parts: [1, 2] },
  inputs: { clips: "tree:aa" },
  outputs: { clips: "clips" },
  code: "c1",
  deno: "2.9.5",
  device: "cpu",
  salt: "1",
};

const listing = (
  modules: Record<string, string>,
  packages: Record<string, string>,
): ClosureListing => ({
  format: "closure/1",
  printer: "p",
  roots: [],
  modules: Object.fromEntries(
    Object.entries(modules).map(([name, digest]) => [name, { digest, edges: {} }]),
  ),
  packages,
});

const CLOSURES: Record<string, ClosureListing> = {
  c1: listing({ "a.ts": "1", "b.ts": "1", "old.ts": "1" }, { "zod@4.0.0": "x" }),
  c2: listing({ "a.ts": "1", "b.ts": "2", "new.ts": "1" }, { "zod@4.1.0": "y" }),
};

function line(change: Partial<ActionManifest>): string {
  return inOneLine(differences(MANIFEST, { ...MANIFEST, ...change }, {
    closure: (digest) => CLOSURES[digest],
    source: (input) => `normalize.${input}`,
  }));
}

Deno.test("equal manifests have no difference", () => assertEquals(line({}), ""));

Deno.test("a changed parameter is named with both values, also deep inside", () => {
  const { params } = MANIFEST;
  assertEquals(line({ params: { ...params, frames: 64 } }), "frames 50 -> 64");
  assertEquals(
    line({ params: { ...params, crop: { ratio: 0.8, on: true } } }),
    "crop.ratio 0.5 -> 0.8",
  );
  assertEquals(line({ params: { ...params, parts: [2, 1] } }), "parts [1,2] -> [2,1]");
  assertEquals(
    line({ params: { frames: 50, parts: [1, 2] } }),
    'crop {"ratio":0.5,"on":true} -> (none)',
  );
});

Deno.test("inputs, code files, packages, device and Deno are each named", () => {
  assertEquals(line({ inputs: { clips: "tree:bb" } }), "input clips changed (normalize.clips)");
  assertEquals(line({ inputs: {} }), "input clips removed");
  assertEquals(
    line({ code: "c2" }),
    "code changed: b.ts; code added: new.ts; code removed: old.ts; " +
      "package zod 4.0.0 -> 4.1.0",
  );
  assertEquals(line({ code: "c3" }), "code changed");
  assertEquals(line({ device: "webgpu:x" }), "device cpu -> webgpu:x");
  assertEquals(line({ deno: "2.9.6" }), "Deno 2.9.5 -> 2.9.6");
});

Deno.test("many differences are cut to three and counted", () => {
  assertEquals(
    line({ params: { frames: 1, crop: {}, parts: [] } }),
    "crop.on true -> (none); crop.ratio 0.5 -> (none); frames 50 -> 1; and 1 more",
  );
});
