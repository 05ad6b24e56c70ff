/**
 * The `webgpu` backend: stock tfjs on an adapter and device that are asked for here, since the
 * library's own start fails where an adapter offers features that Deno does not know.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-webgpu";
import type { BackendOptions, StartedBackend } from "./backend.ts";
import { setFused } from "./fused.ts";
import { CALLS_IN_SUBMISSION, GpuBackend } from "./webgpu/gpu_backend.ts";
import { requestGpu } from "./webgpu/gpu_device.ts";
import { startTiles } from "./webgpu/tiles.ts";
import { WEBGPU_OPS } from "./webgpu/webgpu_ops.ts";

export { AdapterError } from "./webgpu/gpu_device.ts";

/** Inner size from which the stock kernel splits a product into atomic sums. */
const SPLIT_INNER = 2000;

/** The stock kernel's name for its program without atomic sums (`MatMulSmallOutputSizeProgram`). */
const SMALL_OUTPUT_PROGRAM = 2;

/**
 * Makes a WebGPU adapter compute whatever follows.
 *
 * @throws {AdapterError} If there is none, only one in software and that is not allowed, another than was
 * planned for, or one that gives no device.
 */
export async function startWebgpu(options: BackendOptions = {}): Promise<StartedBackend> {
  tf.enableProdMode();
  quietRuntimeFolder();
  const { device: gpu, info, name: device, software, reduced } = await requestGpu(
    navigator.gpu,
    options,
  );
  if (tf.findBackendFactory("webgpu") !== null) tf.removeBackend("webgpu");
  tf.registerBackend("webgpu", () => new GpuBackend(gpu, info));
  tf.env().set("WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE", CALLS_IN_SUBMISSION);
  setFused("webgpu", options.stock === true ? {} : WEBGPU_OPS);
  startTiles(software);
  avoidAtomicSums();
  await tf.setBackend("webgpu");
  await tf.ready();
  return { name: "webgpu", device, software, ...(reduced === undefined ? {} : { reduced }) };
}

/**
 * Vulkan's loader complains on standard error where this variable is missing. A stage may not look at its
 * environment, and is started with the variable.
 */
function quietRuntimeFolder(): void {
  const variable = "XDG_RUNTIME_DIR";
  if (Deno.permissions.querySync({ name: "env", variable }).state !== "granted") return;
  if (Deno.env.get(variable) === undefined) Deno.env.set(variable, "/tmp");
}

let avoided = false;

/**
 * Keeps long products deterministic: the stock kernel would split them into parts that are summed by
 * atomic operations, in an order that changes from run to run.
 */
function avoidAtomicSums(): void {
  if (avoided) return;
  avoided = true;
  const stock = tf.getKernel("BatchMatMul", "webgpu");
  const flag = "WEBGPU_MATMUL_PROGRAM_TYPE";
  tf.unregisterKernel("BatchMatMul", "webgpu");
  tf.registerKernel({
    ...stock,
    kernelFunc: (params) => {
      const { a } = params.inputs as { a: tf.TensorInfo };
      const inner = a.shape.at(params.attrs?.transposeA ? -2 : -1)!;
      if (inner < SPLIT_INNER) return stock.kernelFunc(params);
      tf.env().set(flag, SMALL_OUTPUT_PROGRAM);
      try {
        return stock.kernelFunc(params);
      } finally {
        tf.env().set(flag, -1);
      }
    },
  });
}
