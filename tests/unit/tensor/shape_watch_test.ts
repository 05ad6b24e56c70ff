import { assert, assertEquals } from "@std/assert";

Deno.test("shapes stay whole numbers to V8 in every kernel of a step: floats would halve the speed", async () => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      "--quiet",
      "--v8-flags=--allow-natives-syntax",
      new URL("./shape_watch.ts", import.meta.url).pathname,
    ],
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert(text !== "", new TextDecoder().decode(stderr));
  const { kernels, floats } = JSON.parse(text) as { kernels: number; floats: string[] };
  assert(kernels > 1000, `only ${kernels} kernels ran`);
  assertEquals(floats, []);
});
