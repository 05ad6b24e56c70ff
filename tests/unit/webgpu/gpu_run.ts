/**
 * Running an operation on the `webgpu` backend, forward and backward, beside its definition on `cpu`.
 *
 * @module
 */
import { assert } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { adapterReport } from "../../../stages/tensor/adapter_report.ts";
import { startBackend } from "../../../stages/tensor/backend.ts";
import { type GpuBackend, gpuBackend } from "../../../stages/tensor/webgpu/gpu_backend.ts";
import { NO_TAPE, Tape } from "../../../stages/tensor/tape.ts";
import { assertClose, drawInputs, type OpRun, runOp, type TensorOp } from "../simd/op_run.ts";

const adapter = await adapterReport();

/** A test that needs an adapter, if only one in software; skipped where there is none. */
export function gpuTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `${name} [needs mesa-vulkan-drivers]`, ignore: !adapter.found, fn });
}

/** The backend, started once in a file, and in use from here on. */
export async function startGpu(): Promise<GpuBackend> {
  if (tf.findBackend("cpu") === null) await startBackend("cpu");
  if (tf.findBackend("webgpu") === null) await startBackend("webgpu", { allowSoftware: true });
  await tf.setBackend("webgpu");
  return gpuBackend();
}

/** Runs an operation on the backend. `dy` is the gradient of the output. */
export async function runGpuOp(
  { shapes, run, constant = [] }: TensorOp,
  values: readonly Float32Array[],
  dy: Float32Array,
): Promise<OpRun> {
  await startGpu();
  const before = tf.memory().numTensors;
  const kept = tf.tidy(() => {
    const inputs = values.map((v, i) => tf.tensor(v, shapes[i] as number[]));
    const parameters = inputs.filter((_, i) => !constant.includes(i));
    const tape = new Tape(parameters);
    const y = run(tape, ...inputs as never[]);
    const flowed = tape.gradients([[y, tf.tensor(dy, y.shape)]], parameters);
    return [y, run(NO_TAPE, ...inputs as never[]), ...flowed].map((t) => tf.keep(t));
  });
  const numbersOf = async (tensor: Tensor) => (await tensor.data<"float32">()).slice();
  const [output, plain, ...flowed] = await Promise.all(kept.map(numbersOf));
  tf.dispose(kept);
  assert(
    output!.every((value, i) => Object.is(value, plain![i])),
    "with and without a tape differ",
  );
  assert(tf.memory().numTensors === before, "webgpu: tensors are left behind");
  let next = 0;
  const gradients = shapes.map((_, i) =>
    constant.includes(i) ? new Float32Array() : flowed[next++]!
  ) as Float32Array<ArrayBuffer>[];
  return { output: output!, gradients };
}

/** How far two runs may be apart, as shares of the largest number. */
export interface Tolerance {
  readonly output?: number;
  readonly gradient?: number;
}

/**
 * Fails unless an operation gives on `webgpu` what its definition gives on `cpu`, forward and backward,
 * on random inputs.
 *
 * @param outputs Numbers in the output.
 * @param change Alters the inputs before they are used.
 */
export async function assertLikeDefinition(
  op: TensorOp,
  outputs: number,
  seed: number,
  { output = 1e-5, gradient = 2e-5 }: Tolerance = {},
  change: (values: readonly Float32Array[]) => void = () => {},
): Promise<void> {
  await startGpu();
  const { values, dy } = drawInputs(op, outputs, seed);
  change(values);
  const expected = await runOp("cpu", op, values, dy);
  const found = await runGpuOp(op, values, dy);
  assertClose(found.output, expected.output, output, "output");
  found.gradients.forEach((numbers, i) =>
    assertClose(numbers, expected.gradients[i]!, gradient, `gradient of input ${i}`)
  );
}
