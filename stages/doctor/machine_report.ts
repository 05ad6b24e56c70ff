/**
 * What this machine has, gathered without ever failing: what cannot be found out is said so.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Device, DeviceRequest } from "../../pipeline/types.ts";
import { type AdapterReport, adapterReport } from "../tensor/adapter_report.ts";
import { chooseDevice, simdDevice } from "../tensor/device_class.ts";
import { driverLists } from "../tensor/driver_version.ts";
import { askChromium, askEsbuild, askSlurm, askTorch, type Tool } from "./tools.ts";
import { type WasmFeatures, wasmFeatures } from "./wasm_features.ts";

/** What is known of the machine. */
export interface MachineReport {
  readonly deno: { readonly running: string; readonly pinned: string };
  readonly system: {
    readonly os: string;
    readonly cpu?: string;
    readonly cores: number;
    /** Bytes; what a container's limit leaves, where there is one. */
    readonly memory?: { readonly total: number; readonly available: number };
    readonly container: boolean;
  };
  readonly wasm: WasmFeatures;
  readonly store: { readonly folder: string; readonly freeBytes?: number };
  readonly graphics: {
    readonly adapter: AdapterReport;
    /** The Vulkan loader is installed; unknown off Linux. */
    readonly vulkanLoader?: boolean;
    readonly driverLists: readonly string[];
    /** Signs of an NVIDIA card: its kernel module or device file. */
    readonly nvidia: boolean;
    /** A card's device file, and whether this user may open it. */
    readonly renderNode?: { readonly path: string; readonly writable: boolean };
  };
  /** What stages will compute on, or why the request cannot be met. */
  readonly device: { readonly chosen: Device } | { readonly refused: string };
  readonly tools: {
    readonly esbuild: Tool;
    readonly chromium: Tool;
    readonly slurm: Tool;
    readonly torch: Tool;
  };
}

/** What the report is asked for. */
export interface ReportTask {
  readonly deno: { readonly running: string; readonly pinned: string };
  readonly storeFolder: string;
  readonly request: DeviceRequest;
}

function attempt<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch {
    return undefined;
  }
}

function text(path: string): string | undefined {
  return attempt(() => Deno.readTextFileSync(path));
}

function exists(path: string): boolean {
  return attempt(() => Deno.statSync(path)) !== undefined;
}

/** Free bytes where a folder is or will be. */
function freeBytes(folder: string): number | undefined {
  let here = resolve(folder);
  while (!exists(here) && dirname(here) !== here) here = dirname(here);
  const stats = attempt(() => statfsSync(here));
  return stats === undefined ? undefined : Number(stats.bavail) * Number(stats.bsize);
}

function memory(): { total: number; available: number } | undefined {
  const info = attempt(() => Deno.systemMemoryInfo());
  if (info === undefined) return undefined;
  const limit = Number(text("/sys/fs/cgroup/memory.max"));
  const total = limit > 0 ? Math.min(limit, info.total) : info.total;
  return { total, available: Math.min(info.available, total) };
}

const LOADERS = [
  "/usr/lib/x86_64-linux-gnu/libvulkan.so.1",
  "/usr/lib/aarch64-linux-gnu/libvulkan.so.1",
  "/usr/lib64/libvulkan.so.1",
  "/usr/lib/libvulkan.so.1",
  "/usr/local/lib/libvulkan.so.1",
];

function renderNode(): { path: string; writable: boolean } | undefined {
  const names = attempt(() => [...Deno.readDirSync("/dev/dri")].map(({ name }) => name)) ?? [];
  const name = names.filter((name) => name.startsWith("renderD")).sort()[0];
  if (name === undefined) return undefined;
  const path = `/dev/dri/${name}`;
  const opened = attempt(() => Deno.openSync(path, { read: true, write: true }));
  opened?.close();
  return { path, writable: opened !== undefined };
}

function chosen(request: DeviceRequest, adapter: AdapterReport): MachineReport["device"] {
  if (request.backend === "cpu") {
    return {
      chosen: { backend: "cpu", class: "cpu", software: false, why: "asked for by --backend cpu" },
    };
  }
  try {
    if (request.backend === "simd") return { chosen: simdDevice("asked for by --backend simd") };
    return { chosen: chooseDevice(request, adapter) };
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Looks at the machine. All that takes time happens side by side.
 *
 * @param task What to report on.
 */
export async function machineReport(task: ReportTask): Promise<MachineReport> {
  const [adapter, esbuild, chromium, slurm, torch] = await Promise.all([
    adapterReport(),
    askEsbuild(),
    askChromium(),
    askSlurm(),
    askTorch(),
  ]);
  const cpu = /^model name\s*:\s*(.+)$/m.exec(text("/proc/cpuinfo") ?? "")?.[1];
  const free = freeBytes(task.storeFolder);
  const ram = memory();
  const node = renderNode();
  return {
    deno: task.deno,
    system: {
      os: `${Deno.build.os} ${attempt(() => Deno.osRelease()) ?? ""} ${Deno.build.arch}`,
      ...(cpu === undefined ? {} : { cpu }),
      cores: navigator.hardwareConcurrency,
      ...(ram === undefined ? {} : { memory: ram }),
      container: exists("/.dockerenv") || exists("/run/.containerenv"),
    },
    wasm: wasmFeatures(),
    store: {
      folder: resolve(task.storeFolder),
      ...(free === undefined ? {} : { freeBytes: free }),
    },
    graphics: {
      adapter,
      ...(Deno.build.os === "linux" ? { vulkanLoader: LOADERS.some(exists) } : {}),
      driverLists: driverLists(),
      nvidia: exists("/proc/driver/nvidia/version") || exists("/dev/nvidia0"),
      ...(node === undefined ? {} : { renderNode: node }),
    },
    device: chosen(task.request, adapter),
    tools: { esbuild, chromium, slurm, torch },
  };
}
