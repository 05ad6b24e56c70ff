/**
 * The way back through whatever normalises with the batch's own statistics: a pass that sums over the
 * rows, a small kernel that combines the slices, and a pass that writes the gradients of the inputs. A
 * residual that is normalised too goes the same way in the same passes.
 *
 * Bytes moved, by number: the sums read 8 (x and dy), 12 with a normalised residual; the gradients read as
 * many, and write 4 for each input. One bit, or two with dropout, is read in each pass after a block's
 * end; after a ReLU alone nothing, since x says itself where that was open.
 *
 * @module
 */
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { combinedSums, frozenSums, type GradientSums } from "./combined_sums.ts";
import { gpuBackend } from "./gpu_backend.ts";
import { gradientKernel, type NormFlow, sumsKernel } from "./norm_gradient_kernels.ts";
import { rowGroups, rowWalk, sliceCount } from "./row_slices.ts";

/** The gradients of gamma and beta, of x and then of the residual, if that was normalised. */
export function gradientSums(flow: NormFlow): GradientSums[] {
  const { x, coefficients, beside } = flow;
  const walk = rowWalk(coefficients.shape[1]);
  const rows = x.size / walk.columns;
  const sums = beside === undefined ? 2 : 4;
  const parts = gpuBackend().empty<Tensor3D>([
    sliceCount(walk, rows, walk.steps),
    sums,
    walk.columns,
  ]);
  gpuBackend().run(sumsKernel(walk, flow), {
    tensors: [...inputsOf(flow), parts],
    groups: rowGroups(walk, rows, walk.steps),
    numbers: [rows, flow.factor ?? 0],
  });
  const found = [combinedSums(parts, 0, coefficients, rows)];
  if (beside !== undefined) found.push(combinedSums(parts, 2, beside.coefficients, rows));
  parts.dispose();
  return found;
}

/**
 * The gradients of the inputs.
 *
 * @param slopes As {@link gradientSums} gave them.
 * @param through Whether the gradient of a residual that was not normalised is asked for too.
 * @returns That of x, and then that of the residual.
 */
export function inputGradients(
  flow: NormFlow,
  slopes: readonly Tensor2D[],
  through = false,
): Tensor[] {
  const { x, beside } = flow;
  const walk = rowWalk(flow.coefficients.shape[1]);
  const rows = x.size / walk.columns;
  const found = [gpuBackend().empty(x.shape)];
  if (through || beside !== undefined) found.push(gpuBackend().empty(x.shape));
  const inputs = inputsOf({
    ...flow,
    coefficients: slopes[0]!,
    beside: beside === undefined ? undefined : { x: beside.x, coefficients: slopes[1]! },
  });
  gpuBackend().run(gradientKernel(walk, flow, through), {
    tensors: [...inputs, ...found],
    groups: rowGroups(walk, rows, 1),
    numbers: [rows, flow.factor ?? 0],
  });
  return found;
}

/**
 * The way back where nothing is moved, since the statistics were constants: sums and gradients in one
 * pass, 8 bytes read and 4 written by number.
 *
 * @param flow Without a normalised residual.
 * @param through Whether the gradient of the residual is asked for too.
 * @param before Whether that of the bias before is.
 * @returns The gradients of gamma, beta and, if asked for, the bias before; of x; and of the residual.
 */
export function frozenGradients(
  flow: NormFlow,
  through: boolean,
  before: boolean,
): { weights: Tensor1D[]; inputs: Tensor[] } {
  const backend = gpuBackend();
  const { x, coefficients } = flow;
  const walk = rowWalk(coefficients.shape[1]);
  const { columns, steps } = walk;
  const rows = x.size / columns;
  const parts = backend.empty<Tensor3D>([sliceCount(walk, rows, steps), 2, columns]);
  const inputs = [backend.empty(x.shape)];
  if (through) inputs.push(backend.empty(x.shape));
  backend.run(sumsKernel(walk, flow, { through }), {
    tensors: [...inputsOf(flow), parts, ...inputs],
    groups: rowGroups(walk, rows, steps),
    numbers: [rows, flow.factor ?? 0],
  });
  const weights = frozenSums(parts, coefficients, before);
  parts.dispose();
  return { weights, inputs };
}

function inputsOf({ x, coefficients, dy, gate, bits, beside }: NormFlow): Tensor[] {
  const inputs: Tensor[] = [x, dy, coefficients];
  if (gate === "bits") inputs.push(bits!);
  if (beside !== undefined) inputs.push(beside.x, beside.coefficients);
  return inputs;
}
