import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { SafeTensor } from "../../../stages/formats/safetensors.ts";
import { disposeStep } from "../../../stages/model/model_types.ts";
import { SkeAttnCLR } from "../../../stages/model/skeattnclr.ts";
import { adapterReport } from "../../../stages/tensor/adapter_report.ts";
import { startBackend } from "../../../stages/tensor/backend.ts";
import { AdapterError, startWebgpu } from "../../../stages/tensor/webgpu_backend.ts";
import { bytesOf, quietStep, TINY, TINY_DATA, tinyStep } from "../model/tiny_model.ts";

const adapter = await adapterReport();
/** Skipped where the machine has no adapter at all. */
const gpuTest = (name: string, fn: () => Promise<void>, ignore = !adapter.found) =>
  Deno.test({ name: `${name} [needs mesa-vulkan-drivers]`, ignore, fn });
const software = adapter.found && adapter.software;

gpuTest("a software adapter is refused unless it is allowed", async () => {
  const error = await assertRejects(() => startWebgpu(), AdapterError);
  assert(error.message.includes("--allow-software"), error.message);
}, !software);

Deno.test("without leave to see the environment, as in a stage, the backend does not look at it", async () => {
  const root = new URL("../../../", import.meta.url).pathname;
  const code = `
    const { get } = Deno.env;
    const asked = [];
    Deno.env.get = (name) => (asked.push([name, new Error().stack]), get.call(Deno.env, name));
    const { startWebgpu } = await import("file://${root}stages/tensor/webgpu_backend.ts");
    const outcome = await startWebgpu({ allowSoftware: true }).catch(({ name }) => ({ name }));
    const own = asked.filter(([, stack]) => stack.includes("/stages/"));
    console.log(JSON.stringify([outcome.name, own.map(([name]) => name)]));
  `;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", "--ignore-env", `--allow-read`, "-"],
    cwd: root,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(code));
  await input.close();
  const { stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const expected = [adapter.found ? "webgpu" : "AdapterError", []];
  assertEquals(text(stdout).trim(), JSON.stringify(expected), text(stderr));
});

gpuTest("a step on webgpu is that of the cpu to float32's rounding", async () => {
  const run = async (name: "cpu" | "webgpu") => {
    const started = await startBackend(name, { allowSoftware: true });
    assertEquals(started.name, name);
    assertEquals(tf.getBackend(), name);
    const model = SkeAttnCLR.create(TINY, TINY_DATA, 1);
    const out = tinyStep(model, 0);
    const values = [out.L_z, out.L_s, out.L_ns, out.positive.s, out.negative.ns, out.k_ns];
    const found = (await Promise.all(values.map((value) => value.data()))).map((x) =>
      Array.from(x)
    );
    disposeStep(out);
    const state = await model.state();
    model.dispose();
    return { found, state };
  };
  const cpu = await run("cpu");
  const gpu = await run("webgpu");
  cpu.found.flat().forEach((value, i) => {
    const other = gpu.found.flat()[i]!;
    assert(Math.abs(value - other) < 1e-5 * Math.max(1, Math.abs(value)), `${value}, ${other}`);
  });
  for (const [name, tensor] of cpu.state) {
    if (tensor.dtype !== "F32") continue;
    const other = gpu.state.get(name) as Extract<SafeTensor, { dtype: "F32" }>;
    const scale = tensor.data.reduce((worst, x) => Math.max(worst, Math.abs(x)), 1e-6);
    const gap = tensor.data.reduce((w, x, i) => Math.max(w, Math.abs(x - other.data[i]!)), 0);
    assert(gap < 2e-3 * scale, `${name} differs by ${gap} of ${scale}`);
  }
});

gpuTest(
  "on webgpu the same step, ten times from the same state, gives the same bytes",
  async () => {
    await startBackend("webgpu", { allowSoftware: true });
    const model = SkeAttnCLR.create(TINY, TINY_DATA, 1);
    const start = await model.state();
    const seen = new Set<string>();
    for (let i = 0; i < 10; i++) {
      model.restore(start);
      quietStep(model, 0);
      seen.add(await bytesOf(model));
    }
    assertEquals(seen.size, 1);
    model.dispose();
  },
);

gpuTest("long products, which the stock kernel sums atomically, give the same bytes", async () => {
  await startBackend("webgpu", { allowSoftware: true });
  const a = tf.randomNormal([64, 20000], 0, 1, "float32", 1) as tf.Tensor2D;
  const b = tf.randomNormal([20000, 64], 0, 1, "float32", 2) as tf.Tensor2D;
  const seen = new Set<string>();
  for (let i = 0; i < 4; i++) {
    const product = tf.matMul(a, b);
    seen.add((await product.data()).join());
    product.dispose();
  }
  assertEquals(seen.size, 1);
  tf.dispose([a, b]);
});
