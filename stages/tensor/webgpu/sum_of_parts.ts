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

/** Parts that a workgroup adds; of more, the sums are added in turn. */
const ADDED = 256;

/**
 * Sums of the leading axis.
 *
 * @param parts (parts, ...).
 * @param shape Of the sums.
 */
export function sumOfParts<T extends Tensor>(parts: Tensor, shape: readonly number[]): T {
  const backend = gpuBackend();
  const size = shape.reduce((product, n) => product * n, 1);
  const count = parts.size / size;
  const slices = Math.ceil(count / ADDED);
  const sums = backend.empty<T>(slices === 1 ? shape : [slices, ...shape]);
  const wide = size % 4 === 0;
  const [x, y] = flatGroups(wide ? size / 4 : size, ACROSS);
  backend.run(sumKernel(wide), {
    tensors: [parts, sums],
    groups: [x, y, slices],
    numbers: [wide ? size / 4 : size, count],
  });
  if (slices === 1) return sums;
  const all = sumOfParts<T>(sums, shape);
  sums.dispose();
  return all;
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
let last = min(numbers.parts, (wid.z + 1u) * ${ADDED}u);
for (var part = wid.z * ${ADDED}u + lid.y; part < last; part += ${DEEP * UNROLLED}u) {
${
      each.map((i) =>
        `{ let at = part + ${i * DEEP}u; if (at < last) ` +
        `{ sum${i} += parts[at * numbers.size + column]; } }`
      ).join("\n")
    }
}
shares[lix] = (sum0 + sum1) + (sum2 + sum3);
workgroupBarrier();
if (lid.y == 0u && index < numbers.size) {
  sums[wid.z * numbers.size + index] = ${pairs(0, DEEP)};
}`,
  }));
}

/** The sum of the shares of some depths, by halves. */
function pairs(from: number, count: number): string {
  if (count === 1) return `shares[lid.x + ${from * ACROSS}u]`;
  return `(${pairs(from, count / 2)} + ${pairs(from + count / 2, count / 2)})`;
}
