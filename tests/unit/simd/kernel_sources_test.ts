import { assertEquals } from "@std/assert";
import { readKernelSources } from "../../../stages/tensor/simd/compile_kernels.ts";
import { fusedMadd } from "../../../stages/tensor/simd/fused_madd.ts";
import { KERNEL_SOURCES } from "../../../stages/tensor/simd/kernel_sources.ts";

Deno.test("the sources that the stage compiles are those of the folder", async () => {
  const folder = await readKernelSources();
  assertEquals(Object.keys(KERNEL_SOURCES).sort(), Object.keys(folder).sort());
  assertEquals(KERNEL_SOURCES, folder);
});

Deno.test("this engine has relaxed SIMD, and says whether it fuses", () => {
  assertEquals(["fma", "nofma"].includes(fusedMadd() ?? "none"), true);
});
