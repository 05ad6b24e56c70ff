/**
 * Asks for a WebGPU adapter and prints what came, as one line of JSON. A program of its own, because
 * a broken driver may take the process that asks down with it.
 *
 * @module
 */
import { isSoftwareName } from "./adapter_name.ts";

/** What the probe prints. */
export type ProbeResult =
  | { readonly found: false; readonly reason: string }
  | {
    readonly found: true;
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
    readonly software: boolean;
    readonly features: readonly string[];
    readonly limits: Readonly<Record<string, number>>;
  };

async function probe(): Promise<ProbeResult> {
  if (navigator.gpu === undefined) return { found: false, reason: "this Deno has no WebGPU" };
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) return { found: false, reason: "no driver offers an adapter" };
  const { info } = adapter;
  const limits: Record<string, number> = {};
  for (const name in adapter.limits) {
    const value: unknown = Reflect.get(adapter.limits, name);
    if (typeof value === "number") limits[name] = value;
  }
  return {
    found: true,
    vendor: info.vendor,
    architecture: info.architecture,
    device: info.device,
    description: info.description,
    software: info.isFallbackAdapter || isSoftwareName(info.description),
    features: [...adapter.features].sort(),
    limits,
  };
}

if (import.meta.main) {
  let result: ProbeResult;
  try {
    result = await probe();
  } catch (error) {
    result = { found: false, reason: error instanceof Error ? error.message : String(error) };
  }
  console.log(JSON.stringify(result));
}
