import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { PINNED_DENO } from "../../../pipeline/pinned_deno.ts";
import { adviceFor } from "../../../stages/doctor/advice.ts";
import type { MachineReport } from "../../../stages/doctor/machine_report.ts";
import { reportText } from "../../../stages/doctor/report_text.ts";
import { ask, askEsbuild } from "../../../stages/doctor/tools.ts";
import { wasmFeatures } from "../../../stages/doctor/wasm_features.ts";
import { runCommandLine } from "../../../pipeline/command_line.ts";
import { doctor } from "../../../stages/verbs/doctor.ts";
import { CapturedTerminal } from "../cli/captured_terminal.ts";

const GIB = 2 ** 30;
const tool = (detail: string) => ({ found: true, detail });

/** A machine that has everything. */
const GOOD: MachineReport = {
  deno: { running: "2.9.6", pinned: "2.9.6" },
  system: {
    os: "linux 6.1 x86_64",
    cpu: "A CPU",
    cores: 16,
    memory: { total: 128 * GIB, available: 100 * GIB },
    container: false,
  },
  wasm: { simd: true, relaxedSimd: true, sharedMemory: true },
  store: { folder: "/data/.skelrun", freeBytes: 500 * GIB },
  graphics: {
    adapter: {
      found: true,
      vendor: "4318",
      architecture: "",
      device: "1",
      description: "NVIDIA H200",
      software: false,
      features: ["shader-f16"],
      limits: {
        maxBufferSize: 4 * GIB,
        maxStorageBufferBindingSize: 2 * GIB,
        maxComputeInvocationsPerWorkgroup: 1024,
        maxComputeWorkgroupStorageSize: 49152,
        maxStorageBuffersPerShaderStage: 32,
      },
      driver: "NVIDIA 580.82.07",
      memoryMiB: 143_771,
    },
    os: "linux",
    container: false,
    ssh: false,
    loader: true,
    driverLists: [],
    variables: {},
    cards: [],
    renderNodes: [],
    nvidia: { devices: [], cuda: true, missing: [] },
  },
  device: { chosen: { backend: "webgpu", class: "webgpu:x", software: false, why: "hardware" } },
  tools: {
    esbuild: tool("0.28.2"),
    chromium: tool("Chromium 156"),
    slurm: tool("slurm 22.05"),
    torch: tool("PyTorch 1.13"),
  },
};

function advice(change: Partial<MachineReport>): string {
  return adviceFor({ ...GOOD, ...change }).map(({ weight, message }) => `${weight}: ${message}`)
    .join("\n");
}

Deno.test("a machine that has everything gets no advice", () => {
  assertEquals(adviceFor(GOOD), []);
  assertStringIncludes(reportText(GOOD, [], 80), "Nothing to improve.");
});

Deno.test("advice on graphics is part of the advice", () => {
  const adapter = { found: false, reason: "no driver offers an adapter" } as const;
  const said = advice({ graphics: { ...GOOD.graphics, adapter, loader: false } });
  assertStringIncludes(said, "better: There is no WebGPU adapter (no driver offers an adapter).");
  assertStringIncludes(said, "apt-get install libvulkan1 mesa-vulkan-drivers");
});

Deno.test("what is needed comes first, what is optional last", () => {
  const said = advice({
    deno: { running: "2.8.0", pinned: "2.9.6" },
    store: { folder: "/small", freeBytes: GIB },
    tools: { ...GOOD.tools, slurm: { found: false, detail: "not installed" } },
  });
  assertEquals(said.split("\n").map((line) => line.split(":")[0]), [
    "needed",
    "better",
    "optional",
  ]);
  assertStringIncludes(said, "Only 1.0 GiB are free where results are kept (/small)");
  assertStringIncludes(said, "npx -y deno@2.9.6 task");
  assertStringIncludes(said, "apt-get install slurm-client");
});

Deno.test("the report names adapter, limits, choice and reason, within the terminal's width", () => {
  const text = reportText(GOOD, [], 80);
  for (
    const part of [
      "NVIDIA H200 (hardware)",
      "143,771 MiB",
      "binding 2,048 MiB",
      "16 cores",
      "webgpu (class webgpu:x)",
    ]
  ) assertStringIncludes(text, part);
  assert(text.split("\n").every((line) => line.length <= 80), text);
});

Deno.test("wasmFeatures() finds SIMD and relaxed SIMD in the pinned Deno", () => {
  assertEquals(wasmFeatures(), { simd: true, relaxedSimd: true, sharedMemory: true });
});

Deno.test("a tool that is missing, fails or works is told apart", async () => {
  assertEquals(await ask("no-such-program-here", []), { found: false, detail: "not installed" });
  const failing = await ask(Deno.execPath(), ["eval", "console.error('broken'); Deno.exit(1)"]);
  assertEquals(failing, { found: false, detail: "broken" });
  const works = await ask(Deno.execPath(), ["eval", "console.log('1.2.3\\nmore')"]);
  assertEquals(works, { found: true, detail: "1.2.3" });
  assertEquals((await askEsbuild()).found, true);
});

Deno.test("doctor --json prints one document, whatever this machine has", async () => {
  const terminal = new CapturedTerminal();
  const status = await runCommandLine(["doctor", "--json"], {
    verbs: [doctor],
    catalogue: {},
    terminal,
    resolveDevice: () => Promise.reject(new Error("not asked by doctor")),
    deno: PINNED_DENO,
  });
  assertEquals([status, terminal.stderr], [0, ""]);
  const report = JSON.parse(terminal.stdout);
  assertEquals(report.system.cores, navigator.hardwareConcurrency);
  assert(["cpu", "simd", "webgpu"].includes(report.device.chosen.backend));
  assert(report.tools.esbuild.found);
});

Deno.test("doctor refuses a backend it does not know", async () => {
  const terminal = new CapturedTerminal();
  const status = await runCommandLine(["doctor", "--backend", "cuda"], {
    verbs: [doctor],
    catalogue: {},
    terminal,
    resolveDevice: () => Promise.reject(new Error("not asked by doctor")),
    deno: PINNED_DENO,
  });
  assertEquals([status, terminal.stdout], [2, ""]);
  assertStringIncludes(terminal.stderr, 'expected auto, cpu, simd, webgpu, found "cuda"');
});
