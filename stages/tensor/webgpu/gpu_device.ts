/**
 * An adapter and a device of it, asked for in the way that works on most machines: with the adapter's
 * own limits, with less where those are refused, and from an adapter of its own each time, since a
 * request uses its adapter up whether it succeeds or not.
 *
 * @module
 */
import { adapterModel, adapterOfClass, isSoftwareName } from "../adapter_name.ts";

/** There is no adapter to compute on; the message says what to do. */
export class AdapterError extends Error {
  override readonly name = "AdapterError";
  /** The message says all there is to say. */
  readonly forUser = true;
}

/** The limits that kernels and tensors meet. */
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

/** Those without which large batches do not fit; kernels do with the default of all others. */
const SIZES = ["maxStorageBufferBindingSize", "maxBufferSize"] as const;

/** Features to ask for where the adapter has them, by names that Deno knows. */
const FEATURES: readonly GPUFeatureName[] = ["timestamp-query", "shader-f16"];

/** What is asked for, the most first. */
const REQUESTS: readonly {
  readonly limits: readonly (typeof LIMITS)[number][];
  readonly features: readonly GPUFeatureName[];
  readonly less: string | undefined;
}[] = [
  { limits: LIMITS, features: FEATURES, less: undefined },
  { limits: LIMITS, features: [], less: "no optional features" },
  {
    limits: SIZES,
    features: [],
    less: "its own sizes of buffers, the default of all other limits",
  },
  { limits: [], features: [], less: "the default limits: a tensor ends at 128 MiB" },
];

/** A device, ready to compute. */
export interface GpuDevice {
  readonly device: GPUDevice;
  readonly info: GPUAdapterInfo;
  /** The adapter's name. */
  readonly name: string;
  /** Whether it computes on the CPU. */
  readonly software: boolean;
  /** What the adapter refused, and what it gave instead; `undefined` where it gave all. */
  readonly reduced: string | undefined;
}

/** What is asked of a device. */
export interface GpuRequest {
  /** Whether an adapter in software will do. */
  readonly allowSoftware?: boolean | undefined;
  /** The class of the device that the work was planned for. */
  readonly planned?: string | undefined;
}

/**
 * Asks for an adapter and a device.
 *
 * @param gpu Where to ask; another in tests.
 * @throws {AdapterError} If there is no adapter, only one in software and that is not allowed, another
 * than was planned for, or one that gives no device.
 */
export async function requestGpu(
  gpu: Pick<GPU, "requestAdapter"> | undefined,
  { allowSoftware = false, planned }: GpuRequest = {},
): Promise<GpuDevice> {
  const refusals: string[] = [];
  for (const { limits, features, less } of REQUESTS) {
    const adapter = await requestAdapter(gpu);
    const { info } = adapter;
    const name = info.description || info.device || info.vendor || "unnamed adapter";
    const software = info.isFallbackAdapter || isSoftwareName(name);
    if (software && !allowSoftware) {
      throw new AdapterError(
        `the only WebGPU adapter, ${name}, computes in software and is slower than the cpu ` +
          "backend: use that, or allow it with --allow-software",
      );
    }
    checkPlanned(info, planned);
    try {
      const device = await adapter.requestDevice({
        requiredFeatures: features.filter((feature) => adapter.features.has(feature)),
        requiredLimits: Object.fromEntries(limits.map((limit) => [limit, adapter.limits[limit]])),
      });
      const reduced = less && `${name} refused what it offers (${refusals[0]}) and gave ${less}`;
      return { device, info, name, software, reduced };
    } catch (error) {
      refusals.push(lineOf(error));
    }
  }
  throw new AdapterError(
    `the WebGPU adapter gives no device, even with the default limits (${refusals.at(-1)}): ` +
      "another program may hold it, or its driver is broken; see what this machine has with: " +
      "deno task doctor",
  );
}

async function requestAdapter(gpu: Pick<GPU, "requestAdapter"> | undefined): Promise<GPUAdapter> {
  let adapter: GPUAdapter | null | undefined;
  let failed = "";
  try {
    adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" });
  } catch (error) {
    failed = ` (${lineOf(error)})`;
  }
  if (adapter !== null && adapter !== undefined) return adapter;
  throw new AdapterError(
    `there is no WebGPU adapter${failed}: use the cpu backend, or install a Vulkan driver ` +
      "(in software: apt-get install mesa-vulkan-drivers); deno task doctor says what is missing",
  );
}

/** Results are kept by the class that was planned for: no other adapter may compute them. */
function checkPlanned(info: GPUAdapterInfo, planned: string | undefined): void {
  const model = planned === undefined ? undefined : adapterOfClass(planned)?.model;
  if (model === undefined || model === adapterModel(info)) return;
  throw new AdapterError(
    `expected the adapter ${model}, found ${
      adapterModel(info)
    }: the machine gives one adapter when ` +
      "asked by the runner and another to the stage; choose one with VK_DRIVER_FILES or " +
      "MESA_VK_DEVICE_SELECT, and run again",
  );
}

function lineOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().split("\n")[0] || "no reason given";
}
