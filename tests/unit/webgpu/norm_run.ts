/**
 * Normalisations on the `webgpu` backend beside their float64 reference.
 *
 * @module
 */
import { assertClose, drawInputs, largestOf, type TensorOp } from "../simd/op_run.ts";
import { steepest } from "../simd/reference/batch_norm.ts";
import type { ReferenceOp } from "../simd/reference/reference_op.ts";
import { runGpuOp } from "./gpu_run.ts";

/**
 * Fails unless a normalisation (x, gamma, beta and those of a residual, in this order) gives what its
 * reference gives, forward and backward.
 *
 * @param change Alters the inputs before they are used.
 */
export async function assertLikeNormReference(
  op: TensorOp,
  exact: ReferenceOp,
  seed: number,
  change: (values: readonly Float32Array[]) => void = () => {},
): Promise<void> {
  const { values, dy } = drawInputs(op, exact.sizes[0]!, seed);
  change(values);
  const expected = exact.gradient(values, dy);
  const found = await runGpuOp(op, values, dy);
  assertClose(found.output, exact.forward(values), 1e-5, "output");
  // A gradient of few rows is the little that is left when it has been made orthogonal to two others.
  const flow = 2 * largestOf(dy);
  const [h, gamma, , r, otherGamma] = values;
  const least = exact.sizes.map((_, i) => {
    if (i === 0) return flow * steepest(h!, gamma!);
    return i === 3 && otherGamma !== undefined ? flow * steepest(r!, otherGamma) : 0;
  });
  found.gradients.forEach((gradient, i) =>
    assertClose(gradient, expected[i]!, 2e-5, `gradient of input ${i}`, least[i])
  );
}
