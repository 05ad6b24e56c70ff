/**
 * The `kernels` stage: compiles the kernels of the `simd` backend. The runner adds it by itself where a
 * stage computes on that backend.
 *
 * @module
 */
import { z } from "zod";
import type { StageDefinition } from "../../pipeline/stage.ts";

/** Parameters of `kernels`. */
export const kernelsParams = z.strictObject({
  relaxed: z.boolean().default(true).describe(
    "Use relaxed SIMD: products and sums in one rounding where the processor has that.",
  ),
});

/** Parameters of `kernels` after defaults. */
export type KernelsParams = z.output<typeof kernelsParams>;

/** Compiles AssemblyScript to WebAssembly. */
export const kernels: StageDefinition<typeof kernelsParams> = {
  name: "kernels",
  summary: "Compiles the kernels of the simd backend",
  params: kernelsParams,
  inputs: {},
  outputs: { kernels: { type: "kernels", summary: "kernels.wasm" } },
  entry: new URL("./entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 1024 },
};
