import { assert, assertEquals, assertThrows } from "@std/assert";
import { type AdapterReport, adapterReport } from "../../../stages/tensor/adapter_report.ts";
import {
  chooseDevice,
  classOf,
  DeviceError,
  resolveDevice,
} from "../../../stages/tensor/device_class.ts";
import { fusedMadd } from "../../../stages/tensor/simd/fused_madd.ts";
import { driverVersion } from "../../../stages/tensor/driver_version.ts";

type Found = Extract<AdapterReport, { readonly found: true }>;

const hardware: Found = {
  found: true,
  vendor: "4318",
  architecture: "hopper",
  device: "9013",
  description: "NVIDIA H200",
  software: false,
  features: [],
  limits: {},
  driver: "NVIDIA 580.82.07",
};
const software: Found = {
  ...hardware,
  vendor: "65541",
  architecture: "",
  description: "llvmpipe (LLVM 15.0.6, 256 bits)",
  software: true,
  driver: "Mesa 22.3.6",
};
const none: AdapterReport = { found: false, reason: "no driver offers an adapter" };

const ask = (backend: "auto" | "cpu" | "simd" | "webgpu", allowSoftware = false) => ({
  backend,
  allowSoftware,
});

Deno.test("auto takes a hardware adapter", () => {
  const device = chooseDevice(ask("auto"), hardware);
  assertEquals([device.backend, device.software], ["webgpu", false]);
  assertEquals(device.class, "webgpu:4318/hopper/NVIDIA H200:NVIDIA 580.82.07");
});

Deno.test("auto takes the CPU's kernels where there is no adapter, or only a software one, and says why", () => {
  for (const adapter of [none, software]) {
    for (const allow of [false, true]) {
      const device = chooseDevice(ask("auto", allow), adapter);
      assertEquals([device.backend, device.class], ["simd", `simd:${fusedMadd()}`]);
      assert(device.why.includes(adapter.found ? "is software" : "no driver offers an adapter"));
    }
  }
});

Deno.test("webgpu is refused without an adapter, and with only a software one unless allowed", () => {
  assertThrows(() => chooseDevice(ask("webgpu"), none), DeviceError, "there is no WebGPU adapter");
  assertThrows(() => chooseDevice(ask("webgpu"), software), DeviceError, "add --allow-software");
  const device = chooseDevice(ask("webgpu", true), software);
  assertEquals([device.backend, device.software], ["webgpu", true]);
});

Deno.test("device classes differ with adapter and driver, and not with limits or features", () => {
  const classes = [
    hardware,
    { ...hardware, driver: "NVIDIA 580.95.05" },
    { ...hardware, description: "NVIDIA H100" },
    software,
    { ...hardware, limits: { maxBufferSize: 1 }, features: ["shader-f16"] },
  ].map(classOf);
  assertEquals(new Set(classes).size, 4);
  assertEquals(classes[0], classes[4]);
});

Deno.test("--backend cpu asks for no adapter", async () => {
  const device = await resolveDevice({ ...ask("cpu"), cacheFolder: "/nowhere/at/all" });
  assertEquals(device.class, "cpu");
});

Deno.test("an adapter is asked for once, and remembered in the folder given", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const first = await resolveDevice({ ...ask("auto"), cacheFolder: folder });
    const file = `${folder}/adapter.json`;
    const saved = JSON.parse(await Deno.readTextFile(file));
    // What is remembered is used: a made-up adapter under the same circumstances is believed.
    await Deno.writeTextFile(file, JSON.stringify({ key: saved.key, adapter: hardware }));
    const second = await resolveDevice({ ...ask("auto"), cacheFolder: folder });
    assertEquals(second.class, classOf(hardware));
    // Other circumstances, such as another driver, and it is asked for again.
    await Deno.writeTextFile(file, JSON.stringify({ key: "another boot", adapter: hardware }));
    assertEquals(await resolveDevice({ ...ask("auto"), cacheFolder: folder }), first);
    await Deno.writeTextFile(file, "{damaged");
    assertEquals(await resolveDevice({ ...ask("auto"), cacheFolder: folder }), first);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function reportOf(program: string): Promise<AdapterReport> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, program);
    return await adapterReport(file);
  } finally {
    await Deno.remove(file);
  }
}

for (
  const [what, program, reason] of [
    ["that crashes", "Deno.kill(Deno.pid, 'SIGKILL'); await new Promise(() => {});", "SIGKILL"],
    ["that throws", "throw new Error('driver broke');", "driver broke"],
    ["that prints nothing sensible", "console.log('hello');", "something unexpected"],
  ] as const
) {
  Deno.test(`an adapter request ${what} is a sentence`, async () => {
    const report = await reportOf(program);
    assert(!report.found && report.reason.includes(reason), JSON.stringify(report));
  });
}

Deno.test("an adapter request on this machine ends in an adapter or a reason", async () => {
  const report = await adapterReport();
  assert(report.found ? report.description !== "" : report.reason !== "");
});

Deno.test("driverVersion() knows nothing of vendors it has not heard of", () => {
  assertEquals(driverVersion("1", "Some Card"), undefined);
});
