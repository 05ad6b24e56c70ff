import { assert, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { startBackend } from "../../../stages/tensor/backend.ts";
import {
  DeviceFaultError,
  DeviceLostError,
  DeviceMemoryError,
} from "../../../stages/tensor/webgpu/device_watch.ts";
import { type GpuBackend, gpuBackend } from "../../../stages/tensor/webgpu/gpu_backend.ts";
import { kernelOf } from "../../../stages/tensor/webgpu/kernel_code.ts";
import { gpuTest } from "./gpu_run.ts";

/** A backend on a device of its own, since a fault stays. */
async function freshBackend(): Promise<GpuBackend> {
  await startBackend("webgpu", { allowSoftware: true });
  return gpuBackend();
}

/** A kernel that fills its output. */
const fill = (name: string, statement = "y[gid.x] = 1.0;") =>
  kernelOf(name, () => ({
    bindings: [{ name: "y", write: true }],
    workgroup: [1],
    main: statement,
  }));

gpuTest("a kernel that does not compile fails the next readback, by its name", async () => {
  const backend = await freshBackend();
  const y = backend.empty([4]);
  backend.run(fill("broken text", "y[gid.x] = nonsense;"), { tensors: [y], groups: [4, 1, 1] });
  const error = await assertRejects(() => y.data(), DeviceFaultError);
  assertStringIncludes(error.message, "kernel broken text on llvmpipe");
  assertStringIncludes(error.message, "nonsense");
});

gpuTest("a call that is not valid is never silent", async () => {
  const backend = await freshBackend();
  const y = backend.empty([4]);
  backend.run(fill("too many groups"), { tensors: [y], groups: [70000, 1, 1] });
  const error = await assertRejects(() => y.data(), DeviceFaultError);
  assertStringIncludes(error.message, "kernel too many groups on llvmpipe");
  assertStringIncludes(error.message, "70000");
});

gpuTest("a lost device is told by readbacks and submissions, and may be tried again", async () => {
  const backend = await freshBackend();
  const y = backend.empty([4]);
  backend.run(fill("fill"), { tensors: [y], groups: [4, 1, 1] });
  assert((await y.data())[3] === 1);
  backend.device.destroy();
  backend.run(fill("fill"), { tensors: [y], groups: [4, 1, 1] });
  const error = await assertRejects(() => y.data(), DeviceLostError);
  assertStringIncludes(error.message, "llvmpipe");
  assertStringIncludes(error.message, "was lost (destroyed");
  assert(error.tryAgain && error.forUser);
  const upload = Promise.try(() => tf.add(tf.ones([5000]), 1).data());
  await assertRejects(() => backend.watch.outcome(upload), DeviceLostError);
});

gpuTest("a tensor that the adapter cannot bind is refused with the kernel's name", async () => {
  const backend = await freshBackend();
  const most = backend.device.limits.maxStorageBufferBindingSize;
  const y = backend.empty([most / 4 + 64]);
  const call = () =>
    Promise.try(() => backend.run(fill("fill"), { tensors: [y], groups: [1, 1, 1] }));
  const error = await assertRejects(call, DeviceMemoryError);
  assertStringIncludes(error.message, "kernel fill: expected tensors of at most 128 MiB");
  assertStringIncludes(error.message, "smaller batch");
  y.dispose();
});

gpuTest("whole numbers that pass for floats are refused by the kernel's name", async () => {
  const backend = await freshBackend();
  const whole = tf.tensor1d(Int32Array.of(1, 2), "int32");
  const [y, cast] = [backend.empty([2]), tf.cast(whole, "float32")];
  const copy = kernelOf("copy one", () => ({
    bindings: [{ name: "x" }, { name: "y", write: true }],
    workgroup: [1],
    main: "y[gid.x] = x[gid.x];",
  }));
  const call = () =>
    Promise.try(() => backend.run(copy, { tensors: [cast, y], groups: [2, 1, 1] }));
  const error = await assertRejects(call, Error);
  assertStringIncludes(error.message, "kernel copy one: expected a tensor that holds float32");
  tf.dispose([whole, cast, y]);
});
