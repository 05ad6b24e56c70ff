import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { startBackend } from "../../../stages/tensor/backend.ts";
import { gpuBackend } from "../../../stages/tensor/webgpu/gpu_backend.ts";
import { type Kernel, moduleText } from "../../../stages/tensor/webgpu/kernel_code.ts";
import { digestOf, distance } from "../../../stages/tensor/webgpu/self_test/digest.ts";
import {
  selfTest,
  SelfTestError,
  testCases,
} from "../../../stages/tensor/webgpu/self_test/self_test.ts";
import type { SelfTestCase } from "../../../stages/tensor/webgpu/self_test/self_test_case.ts";
import {
  casesOf,
  PARTS,
  STORED_SIZES,
  storedSizes,
} from "../../../stages/tensor/webgpu/self_test/self_test_cases.ts";
import { SELF_TEST_VALUES } from "../../../stages/tensor/webgpu/self_test/self_test_values.ts";
import { valuesText } from "../../../stages/tensor/webgpu/self_test/write_values.ts";
import { gpuTest } from "./gpu_run.ts";

const LONG = Deno.env.has("SKELRUN_LONG");
const SMALL = STORED_SIZES[0]!;

/** The kernel's text with something wrong at its end: the first number that it writes is another. */
function broken({ code }: Kernel): string {
  const { name, type = "f32" } = code.bindings.find(({ write }) => write)!;
  const wrong = `if (gid.x + gid.y + gid.z == 0u) { ${name}[0] = ${type}(7); }`;
  return moduleText({ ...code, main: `${code.main}\n${wrong}` });
}

/** Runs some cases on a new backend, with a kernel broken. */
async function testBroken(cases: readonly SelfTestCase[], key: string): Promise<string> {
  await startBackend("webgpu", { allowSoftware: true });
  gpuBackend().rewrite = (kernel) => kernel.key === key ? broken(kernel) : undefined;
  const error = await assertRejects(() => testCases(cases, "Mesa 0.0.0"), SelfTestError);
  return error.message;
}

Deno.test("a digest tells one wrong number among many, and passes rounding", () => {
  const values = Float32Array.from({ length: 100_000 }, (_, i) => Math.sin(i * i));
  const digest = digestOf(values);
  assertEquals(distance(values, digest), 0);
  const rounded = values.map((value, i) => value * (1 + 1e-6 * Math.sin(i)));
  assert(distance(rounded, digest) < 1, `${distance(rounded, digest)}`);
  for (const at of [0, 31_234, 99_999]) {
    const wrong = values.with(at, values[at]! + 0.5);
    assert(distance(wrong, digest) > 5, `${at}: ${distance(wrong, digest)}`);
  }
  const swapped = values.with(10, values[11]!).with(11, values[10]!);
  assert(distance(swapped, digest) > 1);
  assertEquals(distance(values.with(5, NaN), digest), Infinity);
  assertEquals(distance(values.subarray(1, 5), digest), Infinity);
});

Deno.test("every case has values, and a model takes those of its width or the next narrower", () => {
  for (const sizes of STORED_SIZES) {
    for (const { name } of casesOf(PARTS, sizes)) assert(SELF_TEST_VALUES[name], name);
  }
  assertEquals(storedSizes({ width: 16 }).width, 16);
  assertEquals(storedSizes({ width: 48 }).width, 16);
  assertEquals(storedSizes({ width: 2 }).width, 4);
  assertEquals(storedSizes({}).width, 64);
});

Deno.test("the stored values are what the definitions give", async () => {
  const sizes = LONG ? STORED_SIZES : [SMALL];
  const text = await valuesText(sizes);
  for (const [test, tensors] of Object.entries(SELF_TEST_VALUES)) {
    if (!text.includes(`  ${JSON.stringify(test)}: {`)) continue;
    for (const [name, value] of Object.entries(tensors)) {
      assertStringIncludes(text, `${JSON.stringify(name)}: "${value}"`, `${test}: ${name}`);
    }
  }
});

gpuTest(
  "the kernels of this adapter pass: one submission, one readback, nothing left",
  async () => {
    await startBackend("webgpu", { allowSoftware: true });
    const tensors = tf.memory().numTensors;
    const parts = LONG ? PARTS : ["eval", "contrast"] as const;
    for (const sizes of LONG ? STORED_SIZES : [SMALL]) {
      const report = await selfTest({ parts, sizes });
      assertEquals([report.submissions, report.readbacks], [1, 1]);
      assertEquals(tf.memory().numTensors, tensors);
      assert(report.kernels.size > 30 && report.tensors > 50, JSON.stringify(report));
    }
  },
);

gpuTest("a broken kernel is named, with where and what to do", async () => {
  const cases = casesOf(["contrast"], SMALL).filter(({ name }) => name.startsWith("attention"));
  const message = await testBroken(cases, "scaled sigmoid 4");
  assertStringIncludes(message, "the self-test of the GPU's kernels failed on llvmpipe");
  assertStringIncludes(message, "(driver Mesa 0.0.0)");
  assertStringIncludes(message, "attention mask 16, 2 heads: scaledSigmoid is off by ");
  assertStringIncludes(message, "(kernel scaled sigmoid 4)");
  assertStringIncludes(message, "use another driver, or --backend simd");
});

gpuTest("a broken product within a block is named among the kernels of its operation", async () => {
  const cases = casesOf(["eval"], SMALL).filter(({ name }) => name.startsWith("block 4 > 4"));
  await startBackend("webgpu", { allowSoftware: true });
  const { kernels } = await testCases(cases);
  const key = [...kernels].find((name) => name.startsWith("temporal conv"))!;
  const message = await testBroken(cases, key);
  assertStringIncludes(message, "block 4 > 4, eval: batchNormRelu, temporalConv is off by");
  assertStringIncludes(message, key);
});

Deno.test({
  name: "each kernel, broken, is caught, and by its name",
  ignore: !LONG,
  async fn() {
    const missed: string[] = [];
    const seen = new Set<string>();
    for (const test of casesOf(PARTS, SMALL)) {
      await startBackend("webgpu", { allowSoftware: true });
      const { kernels } = await testCases([test]);
      for (const key of kernels) {
        if (seen.has(key)) continue;
        seen.add(key);
        await startBackend("webgpu", { allowSoftware: true });
        gpuBackend().rewrite = (kernel) => kernel.key === key ? broken(kernel) : undefined;
        const said = await testCases([test]).then(
          () => "nothing",
          (error) => String(error.message),
        );
        if (!said.includes("self-test of the GPU's kernels failed")) {
          missed.push(`${test.name}: ${key}: ${said}`);
        }
      }
    }
    assertEquals(missed, []);
  },
});
