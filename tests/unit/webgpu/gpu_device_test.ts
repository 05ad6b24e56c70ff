import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { AdapterError, requestGpu } from "../../../stages/tensor/webgpu/gpu_device.ts";

const LIMITS = {
  maxStorageBufferBindingSize: 2 ** 31,
  maxBufferSize: 2 ** 32,
  maxComputeWorkgroupStorageSize: 49152,
};

interface Asked {
  readonly limits: readonly string[];
  readonly features: readonly string[];
}

/** A machine whose adapters give a device once, and refuse what they are told to. */
function machine(
  { name = "NVIDIA H200", fallback = false, refuses = () => false }: {
    name?: string;
    fallback?: boolean;
    refuses?: (asked: Asked) => boolean;
  },
) {
  const asked: Asked[] = [];
  let adapters = 0;
  const gpu = {
    requestAdapter() {
      adapters++;
      let used = false;
      const adapter = {
        info: {
          vendor: "4318",
          architecture: "",
          device: "",
          description: name,
          isFallbackAdapter: fallback,
        },
        features: new Set(["shader-f16", "chromium-experimental-something"]),
        limits: LIMITS,
        requestDevice({ requiredFeatures, requiredLimits }: GPUDeviceDescriptor) {
          assert(!used, "an adapter was asked for a second device");
          used = true;
          const request = {
            limits: Object.keys(requiredLimits!),
            features: [...requiredFeatures!],
          };
          asked.push(request);
          if (refuses(request)) return Promise.reject(new Error("limit too large\nmore"));
          return Promise.resolve({ label: "a device" });
        },
      };
      return Promise.resolve(adapter as unknown as GPUAdapter);
    },
  };
  return { gpu, asked, adapters: () => adapters };
}

Deno.test("a device has the adapter's limits, and features by names that Deno knows", async () => {
  const { gpu, asked } = machine({});
  const { name, software, reduced } = await requestGpu(gpu);
  assertEquals([name, software, reduced], ["NVIDIA H200", false, undefined]);
  assertEquals(asked[0]!.features, ["shader-f16"]);
  assert(asked[0]!.limits.includes("maxStorageBuffersPerShaderStage"));
});

Deno.test("a refused request is made again with less, of a new adapter, and it is said", async () => {
  const { gpu, asked, adapters } = machine({ refuses: ({ limits }) => limits.length > 2 });
  const { reduced } = await requestGpu(gpu);
  assertEquals([asked.length, adapters()], [3, 3]);
  assertEquals(asked[1]!.features, []);
  assertEquals(asked[2]!.limits, ["maxStorageBufferBindingSize", "maxBufferSize"]);
  assertStringIncludes(reduced!, "refused what it offers (limit too large) and gave its own sizes");
});

Deno.test("an adapter that gives no device at all is a sentence", async () => {
  const { gpu, asked } = machine({ refuses: () => true });
  const error = await assertRejects(() => requestGpu(gpu), AdapterError);
  assertEquals(asked.at(-1), { limits: [], features: [] });
  assertStringIncludes(error.message, "even with the default limits (limit too large)");
});

Deno.test("no WebGPU, no adapter and a failing driver are sentences", async () => {
  const none = { requestAdapter: () => Promise.resolve(null) };
  const broken = { requestAdapter: () => Promise.reject(new Error("the driver fell over")) };
  for (const gpu of [undefined, none]) {
    const error = await assertRejects(() => requestGpu(gpu), AdapterError);
    assertStringIncludes(error.message, "there is no WebGPU adapter: ");
  }
  const error = await assertRejects(() => requestGpu(broken), AdapterError);
  assertStringIncludes(error.message, "(the driver fell over)");
});

Deno.test("software is refused by what an adapter says or is called, unless it is allowed", async () => {
  for (const kind of [{ name: "llvmpipe (LLVM 15)" }, { fallback: true }]) {
    const { gpu, asked } = machine(kind);
    const error = await assertRejects(() => requestGpu(gpu), AdapterError);
    assertStringIncludes(error.message, "--allow-software");
    assertEquals(asked, []);
    assert((await requestGpu(gpu, { allowSoftware: true })).software);
  }
});

Deno.test("another adapter than the results are kept by is refused", async () => {
  const { gpu } = machine({});
  await requestGpu(gpu, { planned: "webgpu:4318/-/NVIDIA H200:NVIDIA 580.82.07" });
  const other = "webgpu:4098/-/AMD Radeon:Mesa 25.0.1";
  const error = await assertRejects(() => requestGpu(gpu, { planned: other }), AdapterError);
  assertStringIncludes(
    error.message,
    "expected the adapter 4098/-/AMD Radeon, found 4318/-/NVIDIA",
  );
});
