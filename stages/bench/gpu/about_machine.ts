/**
 * What the figures of a report were measured on.
 *
 * @module
 */
import type { AdapterReport } from "../../tensor/adapter_report.ts";
import type { StartedBackend } from "../../tensor/backend.ts";
import type { MarkdownReport } from "./markdown.ts";

const MIB = 2 ** 20;

/** Writes the section. */
export function aboutMachine(
  report: MarkdownReport,
  adapter: AdapterReport,
  { device, software, reduced }: StartedBackend,
): void {
  const rows: [string, string][] = [
    ["adapter", `${device}${software ? " (in software)" : ""}`],
  ];
  if (adapter.found) {
    const { vendor, architecture, driver, limits, features } = adapter;
    const mib = (name: string) => `${Math.floor((limits[name] ?? 0) / MIB)} MiB`;
    rows.push(
      ["vendor / architecture", `${vendor || "-"} / ${architecture || "-"}`],
      ["driver", driver ?? "version unknown"],
      ["largest binding", mib("maxStorageBufferBindingSize")],
      ["largest buffer", mib("maxBufferSize")],
      ["workgroup memory", `${limits.maxComputeWorkgroupStorageSize} bytes`],
      ["threads of a workgroup", String(limits.maxComputeInvocationsPerWorkgroup)],
      ["storage bindings", String(limits.maxStorageBuffersPerShaderStage)],
      ["clock of its own", features.includes("timestamp-query") ? "yes" : "no"],
    );
  }
  const { deno, v8 } = Deno.version;
  rows.push(
    ["Deno", `${deno} (V8 ${v8})`],
    ["system", `${Deno.build.os} ${Deno.osRelease()}, ${Deno.build.arch}`],
    ["cores", String(navigator.hardwareConcurrency)],
  );
  report.table([["what", "found"], ...rows]);
  if (reduced !== undefined) report.say(`${reduced}.`);
}
