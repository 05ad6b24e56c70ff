/**
 * What this machine has, gathered without ever failing: what cannot be found out is said so.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Device, DeviceRequest } from "../../pipeline/types.ts";
import type { AdapterReport } from "../tensor/adapter_report.ts";
import { chooseDevice, simdDevice } from "../tensor/device_class.ts";
import { type GraphicsFacts, graphicsFacts } from "./graphics_facts.ts";
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
  readonly graphics: GraphicsFacts;
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
  const [graphics, esbuild, chromium, slurm, torch] = await Promise.all([
    graphicsFacts(),
    askEsbuild(),
    askChromium(),
    askSlurm(),
    askTorch(),
  ]);
  const cpu = /^model name\s*:\s*(.+)$/m.exec(text("/proc/cpuinfo") ?? "")?.[1];
  const free = freeBytes(task.storeFolder);
  const ram = memory();
  return {
    deno: task.deno,
    system: {
      os: `${Deno.build.os} ${attempt(() => Deno.osRelease()) ?? ""} ${Deno.build.arch}`,
      ...(cpu === undefined ? {} : { cpu }),
      cores: navigator.hardwareConcurrency,
      ...(ram === undefined ? {} : { memory: ram }),
      container: graphics.container,
    },
    wasm: wasmFeatures(),
    store: {
      folder: resolve(task.storeFolder),
      ...(free === undefined ? {} : { freeBytes: free }),
    },
    graphics,
    device: chosen(task.request, graphics.adapter),
    tools: { esbuild, chromium, slurm, torch },
  };
}
