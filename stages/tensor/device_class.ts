/**
 * Which device stages compute on, and the name of its class: everything of it that can change bits,
 * so that results of different devices are cached apart.
 *
 * @module
 */
import type { GpuLimits } from "../../pipeline/stage.ts";
import type { Device, DeviceRequest } from "../../pipeline/types.ts";
import { adapterModel, classField } from "./adapter_name.ts";
import { type AdapterReport, adapterReport } from "./adapter_report.ts";
import { fusedMadd } from "./simd/fused_madd.ts";
import { driverLists } from "./driver_version.ts";

/** The machine does not have the device that was asked for; the message says what to do. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";
  /** The message says all there is to say. */
  readonly forUser = true;
}

/** The CPU: nothing about it changes bits, since the `cpu` backend is plain JavaScript. */
const CPU = { backend: "cpu", class: "cpu", software: false } as const;

/**
 * The CPU by the kernels of the `simd` backend.
 *
 * @throws {DeviceError} If the engine cannot run them.
 */
export function simdDevice(why: string): Device {
  const madd = fusedMadd();
  if (madd === undefined) {
    throw new DeviceError(
      `--backend simd: this Deno has no relaxed SIMD; use the Deno that the project is tested with, ` +
        `or --backend cpu`,
    );
  }
  return { backend: "simd", class: `simd:${madd}`, software: false, why };
}

/** The CPU in the fastest way that the engine knows. */
function ownProcessor(why: string): Device {
  return fusedMadd() === undefined ? { ...CPU, why } : simdDevice(why);
}

/**
 * The class of an adapter: `webgpu:VENDOR/ARCHITECTURE/DESCRIPTION:DRIVER`.
 *
 * @param adapter A found adapter.
 */
export function classOf(adapter: Extract<AdapterReport, { readonly found: true }>): string {
  return `webgpu:${adapterModel(adapter)}:${classField(adapter.driver ?? "unknown driver")}`;
}

/**
 * Chooses between the CPU and an adapter.
 *
 * @param request What the user asked for.
 * @param adapter What the machine has.
 * @throws {DeviceError} If WebGPU was asked for and there is no adapter, or only one in software.
 */
export function chooseDevice(request: DeviceRequest, adapter: AdapterReport): Device {
  const { backend, allowSoftware } = request;
  const more = "see what this machine has and lacks with: deno task doctor";
  if (!adapter.found) {
    if (backend === "webgpu") {
      throw new DeviceError(
        `--backend webgpu: there is no WebGPU adapter (${adapter.reason}); ${more}`,
      );
    }
    return ownProcessor(`no WebGPU adapter (${adapter.reason})`);
  }
  if (adapter.software && !allowSoftware) {
    if (backend === "webgpu") {
      throw new DeviceError(
        `--backend webgpu: the only adapter is ${adapter.description}, which computes on the CPU in ` +
          `software; add --allow-software to use it all the same (slow), or ${more}`,
      );
    }
    return ownProcessor(`the only WebGPU adapter, ${adapter.description}, is software`);
  }
  if (adapter.software && backend === "auto") {
    // Allowed is not asked for: the CPU's own kernels are far faster than a GPU in software.
    return ownProcessor(
      `the only WebGPU adapter, ${adapter.description}, is software; ` +
        `use it with --backend webgpu --allow-software`,
    );
  }
  return {
    backend: "webgpu",
    class: classOf(adapter),
    software: adapter.software,
    why: adapter.software
      ? `software adapter ${adapter.description}, as asked`
      : `hardware adapter ${adapter.description}`,
    ...limitsOf(adapter),
  };
}

/** What an adapter can hold; nothing where it does not say. */
function limitsOf(
  { limits, memoryMiB, software }: Extract<AdapterReport, { readonly found: true }>,
): { gpu?: GpuLimits } {
  const bytes = Math.min(
    limits.maxStorageBufferBindingSize ?? NaN,
    limits.maxBufferSize ?? NaN,
  );
  if (Number.isNaN(bytes)) return {};
  const known = memoryMiB === undefined ? {} : { memoryMiB };
  return { gpu: { tensorMiB: Math.floor(bytes / 2 ** 20), software, ...known } };
}

function text(path: string): string {
  try {
    return Deno.readTextFileSync(path).trim();
  } catch {
    return "";
  }
}

/** Changes when the answer might: boot, Deno, drivers, and the variables that choose among them. */
function circumstances(): string {
  const variables = [
    "VK_DRIVER_FILES",
    "VK_ICD_FILENAMES",
    "VK_ADD_DRIVER_FILES",
    "VK_LOADER_DEVICE_SELECT",
    "MESA_VK_DEVICE_SELECT",
    "DRI_PRIME",
    "DENO_WEBGPU_BACKEND",
  ];
  const lists = driverLists().map((path) => {
    try {
      const { size, mtime } = Deno.statSync(path);
      return `${path} ${size} ${mtime?.getTime()}`;
    } catch {
      return path;
    }
  });
  return JSON.stringify([
    text("/proc/sys/kernel/random/boot_id"),
    Deno.hostname(),
    Deno.version.deno,
    text("/sys/module/nvidia/version"),
    variables.map((name) => Deno.env.get(name) ?? null),
    lists,
  ]);
}

async function rememberedReport(folder: string | undefined): Promise<AdapterReport> {
  if (folder === undefined) return await adapterReport();
  const file = `${folder}/adapter.json`;
  const key = circumstances();
  try {
    const saved = JSON.parse(text(file)) as { key: string; adapter: AdapterReport };
    if (saved.key === key) return saved.adapter;
  } catch {
    // Not there or damaged: asked again.
  }
  const adapter = await adapterReport();
  try {
    const temporary = `${file}.${crypto.randomUUID()}`;
    await Deno.writeTextFile(temporary, JSON.stringify({ key, adapter }));
    await Deno.rename(temporary, file);
  } catch {
    // A cache that cannot be written costs half a second next time, and nothing else.
  }
  return adapter;
}

/**
 * Finds the device to compute on. `auto` takes WebGPU where a hardware adapter exists, else the CPU's own
 * kernels.
 * The adapter is asked for once per boot and set of drivers when a cache folder is given.
 *
 * @param request What the user asked for.
 * @throws {DeviceError} If the machine does not have it; the message says what to do.
 */
export async function resolveDevice(request: DeviceRequest): Promise<Device> {
  if (request.backend === "cpu") return { ...CPU, why: "asked for by --backend cpu" };
  if (request.backend === "simd") return simdDevice("asked for by --backend simd");
  return chooseDevice(request, await rememberedReport(request.cacheFolder));
}
