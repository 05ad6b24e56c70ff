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
import { WEBGPU_OPS } from "./webgpu/webgpu_ops.ts";

/** There is no adapter to compute on; the message says what to do. */
export class AdapterError extends Error {
  override readonly name = "AdapterError";
  /** The message says all there is to say. */
  readonly forUser = true;
}

/** Limits that matter to the kernels: the adapter's own are asked for. */
const LIMITS = [
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBuffersPerShaderStage",
] as const;

/** Feature names to ask for where the adapter has them. */
const FEATURES: readonly GPUFeatureName[] = ["timestamp-query", "shader-f16"];

/** Inner size from which the stock kernel splits a product into atomic sums. */
const SPLIT_INNER = 2000;

/** The stock kernel's name for its program without atomic sums (`MatMulSmallOutputSizeProgram`). */
const SMALL_OUTPUT_PROGRAM = 2;

/** Names by which software adapters are known, where they do not say so themselves. */
const SOFTWARE = /llvmpipe|lavapipe|swiftshader|softpipe|basic render/i;

/**
 * Makes a WebGPU adapter compute whatever follows.
 *
 * @throws {AdapterError} If there is none, or only one in software and that is not allowed.
 */
export async function startWebgpu(options: BackendOptions = {}): Promise<StartedBackend> {
  tf.enableProdMode();
  quietRuntimeFolder();
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null || adapter === undefined) {
    throw new AdapterError(
      "there is no WebGPU adapter: use the cpu backend, or install a Vulkan driver " +
        "(in software: apt-get install mesa-vulkan-drivers)",
    );
  }
  const { info } = adapter;
  const device = info.description || info.device || info.vendor || "unnamed adapter";
  const software = info.isFallbackAdapter || SOFTWARE.test(device);
  if (software && options.allowSoftware !== true) {
    throw new AdapterError(
      `the only WebGPU adapter, ${device}, computes in software and is slower than the cpu ` +
        "backend: use that, or allow it with --allow-software",
    );
  }
  const gpu = await adapter.requestDevice({
    requiredFeatures: FEATURES.filter((name) => adapter.features.has(name)),
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  });
  if (tf.findBackendFactory("webgpu") !== null) tf.removeBackend("webgpu");
  tf.registerBackend("webgpu", () => new GpuBackend(gpu, info));
  tf.env().set("WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE", CALLS_IN_SUBMISSION);
  setFused("webgpu", options.stock === true ? {} : WEBGPU_OPS);
  avoidAtomicSums();
  await tf.setBackend("webgpu");
  await tf.ready();
  return { name: "webgpu", device, software };
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
