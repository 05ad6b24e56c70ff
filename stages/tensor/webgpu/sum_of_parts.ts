/**
 * Sums of parts: what a long product was split into is added in a fixed order.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { gpuBackend } from "./gpu_backend.ts";
import { flatGroups, type Kernel, kernelOf } from "./kernel_code.ts";

/** Threads of a workgroup: neighbours in memory by parts. */
const [ACROSS, DEEP] = [32, 8];

/** Parts that a thread has in flight. */
const UNROLLED = 4;

/**
 * Sums of the leading axis.
 *
 * @param parts (parts, ...).
 * @param shape Of the sums.
 */
export function sumOfParts<T extends Tensor>(parts: Tensor, shape: readonly number[]): T {
  const backend = gpuBackend();
  const sums = backend.empty<T>(shape);
  const wide = sums.size % 4 === 0;
  const size = wide ? sums.size / 4 : sums.size;
  backend.run(sumKernel(wide), {
    tensors: [parts, sums],
    groups: flatGroups(size, ACROSS),
    numbers: [size, parts.size / sums.size],
  });
  return sums;
}

function sumKernel(wide: boolean): Kernel {
  const type = wide ? "vec4<f32>" : "f32";
  const each = Array.from({ length: UNROLLED }, (_, i) => i);
  return kernelOf(`sum of parts ${wide ? 4 : 1}`, () => ({
    bindings: [{ name: "parts", type }, { name: "sums", type, write: true }],
    numbers: ["size: u32", "parts: u32"],
    workgroup: [ACROSS, DEEP],
    declarations: `var<workgroup> shares: array<${type}, ${ACROSS * DEEP}>;`,
    main: `
let index = (wid.y * groups.x + wid.x) * ${ACROSS}u + lid.x;
let column = min(index, numbers.size - 1u);
${each.map((i) => `var sum${i} = ${type}();`).join("\n")}
for (var part = lid.y; part < numbers.parts; part += ${DEEP * UNROLLED}u) {
${
      each.map((i) =>
        `{ let at = part + ${i * DEEP}u; if (at < numbers.parts) ` +
        `{ sum${i} += parts[at * numbers.size + column]; } }`
      ).join("\n")
    }
}
shares[lix] = (sum0 + sum1) + (sum2 + sum3);
workgroupBarrier();
if (lid.y == 0u && index < numbers.size) {
  sums[index] = ${pairs(0, DEEP)};
}`,
  }));
}

/** The sum of the shares of some depths, by halves. */
function pairs(from: number, count: number): string {
  if (count === 1) return `shares[lid.x + ${from * ACROSS}u]`;
  return `(${pairs(from, count / 2)} + ${pairs(from + count / 2, count / 2)})`;
}
