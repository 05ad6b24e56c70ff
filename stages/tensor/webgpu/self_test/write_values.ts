/**
 * Writes the values that the self-test compares with, computed by the operations' definitions on the
 * `cpu` backend: `deno run -A stages/tensor/webgpu/self_test/write_values.ts`.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { startCpu } from "../../cpu_backend.ts";
import { digestOf } from "./digest.ts";
import { runCase } from "./self_test_case.ts";
import { casesOf, PARTS, STORED_SIZES } from "./self_test_cases.ts";

/** The module's text. */
export async function valuesText(sizes = STORED_SIZES): Promise<string> {
  await startCpu();
  const lines = new Map<string, string>();
  for (const test of sizes.flatMap((model) => casesOf(PARTS, model))) {
    if (lines.has(test.name)) continue;
    const out: [string, Tensor][] = [];
    runCase(test, (name, tensor) => out.push([name, tensor]));
    const entries: string[] = [];
    for (const [name, tensor] of out) {
      const digest = digestOf(await tensor.data<"float32">());
      entries.push(`    ${JSON.stringify(name)}: "${new Uint8Array(digest.buffer).toBase64()}",`);
      tensor.dispose();
    }
    lines.set(test.name, `  ${JSON.stringify(test.name)}: {\n${entries.join("\n")}\n  },`);
  }
  return [
    "/**",
    " * Digests of what the cases of the self-test must give, by case and tensor: float32, little-endian,",
    " * base64. Written by `write_values.ts`.",
    " *",
    " * @module",
    " */",
    "// deno-fmt-ignore-file",
    "/** Digests by case, then by tensor. */",
    "export const SELF_TEST_VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {",
    ...lines.values(),
    "};",
    "",
  ].join("\n");
}

if (import.meta.main) {
  const file = new URL("./self_test_values.ts", import.meta.url);
  await Deno.writeTextFile(file, await valuesText());
}
