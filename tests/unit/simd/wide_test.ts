import { assert, assertEquals } from "@std/assert";
import { engineFlags, MARK } from "../../../pipeline/executors/engine_flags.ts";
import * as simd from "../../../stages/tensor/simd/wide_vectors.ts";
import { stateAfterSteps } from "./wide_steps.ts";

Deno.test("steps on wide tiles leave the same bytes of state as on narrow ones", async () => {
  assertEquals(await stateAfterSteps(true), await stateAfterSteps(false));
});

const flags = engineFlags("simd");

Deno.test({
  name: "steps with V8 joining vectors leave the same bytes of state as without [absent: that V8]",
  ignore: flags.length === 0,
  async fn() {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-check", "--quiet", `--v8-flags=${flags.join(",")}`],
        new URL("./wide_steps.ts", import.meta.url).pathname,
      ],
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert(text !== "", new TextDecoder().decode(stderr));
    assertEquals(JSON.parse(text), { wide: true, state: await stateAfterSteps(false) });
  },
});

Deno.test("V8 joins vectors in children on simd alone, and only where its flags are known", () => {
  const known = { arch: "x86_64", v8: "15.0.245.2-rusty" };
  assertEquals(engineFlags("simd", known).at(-1), `--expose-gc-as=${MARK}`);
  assertEquals(engineFlags("cpu", known), []);
  assertEquals(engineFlags("webgpu", known), []);
  assertEquals(engineFlags(undefined, known), []);
  assertEquals(engineFlags("simd", { ...known, arch: "aarch64" }), []);
  assertEquals(engineFlags("simd", { ...known, v8: "16.1.0" }), []);
  assertEquals(engineFlags("simd", { ...known, choice: "plain" }), []);
  assertEquals(simd.MARK, MARK);
});
