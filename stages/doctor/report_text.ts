/**
 * A machine's report as text.
 *
 * @module
 */
import type { Advice } from "./advice.ts";
import type { MachineReport } from "./machine_report.ts";
import type { Tool } from "./tools.ts";

const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
const mib = (bytes: number | undefined) =>
  bytes === undefined ? "?" : `${Math.floor(bytes / 2 ** 20).toLocaleString("en-US")} MiB`;
const tool = ({ found, detail }: Tool) => found ? detail : `no (${detail})`;

function adapterLines(report: MachineReport): readonly (readonly [string, string])[] {
  const { adapter, loader } = report.graphics;
  if (!adapter.found) {
    const library = loader === false ? "; the Vulkan library is not installed" : "";
    return [["WebGPU", `none: ${adapter.reason}${library}`]];
  }
  const { limits } = adapter;
  const wanted = ["shader-f16", "subgroups", "timestamp-query"];
  return [
    ["WebGPU", `${adapter.description} (${adapter.software ? "software" : "hardware"})`],
    ["driver", adapter.driver ?? "version unknown"],
    ...(adapter.memoryMiB === undefined
      ? []
      : [["its memory", `${adapter.memoryMiB.toLocaleString("en-US")} MiB`]] as const),
    [
      "limits",
      `buffer ${mib(limits.maxBufferSize)}, binding ${mib(limits.maxStorageBufferBindingSize)}, ` +
      `workgroup ${limits.maxComputeInvocationsPerWorkgroup ?? "?"} invocations and ` +
      `${(limits.maxComputeWorkgroupStorageSize ?? 0) / 1024} KiB, ` +
      `${limits.maxStorageBuffersPerShaderStage ?? "?"} storage buffers`,
    ],
    [
      "features",
      wanted.map((name) => `${name} ${adapter.features.includes(name) ? "yes" : "no"}`).join(", "),
    ],
  ];
}

function wrapped(message: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of message.split(" ")) {
    if (line !== "" && indent.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${indent}`);
}

/**
 * The report for people.
 *
 * @param report What the machine has.
 * @param advice What to do about it.
 * @param columns Width of the terminal.
 */
export function reportText(
  report: MachineReport,
  advice: readonly Advice[],
  columns: number,
): string {
  const { deno, device, store, system, tools, wasm } = report;
  const yes = (flag: boolean) => flag ? "yes" : "no";
  const rows: readonly (readonly [string, string])[] = [
    ["Deno", `${deno.running} (tested with ${deno.pinned})`],
    ["system", `${system.os}${system.container ? ", in a container" : ""}`],
    ["processor", `${system.cpu ?? "unknown"}, ${system.cores} cores`],
    [
      "WebAssembly",
      `SIMD ${yes(wasm.simd)}, relaxed SIMD ${yes(wasm.relaxedSimd)}, ` +
      `shared memory ${yes(wasm.sharedMemory)}`,
    ],
    [
      "memory",
      system.memory === undefined
        ? "unknown"
        : `${gib(system.memory.total)}, ${gib(system.memory.available)} available`,
    ],
    [
      "disk",
      `${
        store.freeBytes === undefined ? "unknown" : gib(store.freeBytes)
      } free for ${store.folder}`,
    ],
    ...adapterLines(report),
    ["esbuild", tool(tools.esbuild)],
    ["PyTorch", tool(tools.torch)],
    ["Slurm", tool(tools.slurm)],
    ["Chromium", tool(tools.chromium)],
  ];
  const left = Math.max(...rows.map(([name]) => name.length));
  const facts = rows.map(([name, value]) =>
    `  ${name.padEnd(left)}  ${wrapped(value, columns, " ".repeat(left + 4))}`
  );
  const use = "chosen" in device
    ? `${device.chosen.backend} (class ${device.chosen.class}), because: ${device.chosen.why}`
    : `nothing: ${device.refused}`;
  const todo = advice.map(({ weight, message }) =>
    `  ${weight.padEnd(8)}  ${wrapped(message, columns, " ".repeat(12))}`
  );
  return [
    `This machine has\n${facts.join("\n")}`,
    `Stages that compute on a device will use\n  ${wrapped(use, columns, "  ")}`,
    todo.length === 0 ? "Nothing to improve." : `To do better\n${todo.join("\n")}`,
  ].join("\n\n") + "\n";
}
