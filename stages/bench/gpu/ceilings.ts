/**
 * What a device can do at best: multiply-adds from registers, and a copy from memory to memory. What a step
 * reaches is told as a share of these, which were measured on the same device in the same run, and not of a
 * data sheet's.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import type { GpuBackend } from "../../tensor/webgpu/gpu_backend.ts";
import { secondsOfCall } from "../../tensor/webgpu/call_seconds.ts";
import { flatGroups, flatIndex, type Kernel, kernelOf } from "../../tensor/webgpu/kernel_code.ts";

/** The best that a device does. */
export interface Ceilings {
  /** Floating-point operations a second, two for a multiply-add, float32. */
  readonly flops: number;
  /** Bytes a second, read and written ones added up. */
  readonly bandwidth: number;
}

const THREADS = 256;

/** Sums that a thread keeps, of four numbers each: enough to hide how long one takes. */
const SUMS = 8;

/** Rounds of multiply-adds that are written out in the loop's body. */
const ROUNDS = 16;

/** Times that the body runs. */
const LOOPS = 64;

/** How a multiply-add may be written; devices differ in which is one instruction. */
const FORMS = {
  "a * b + c": (sum: string) => `${sum} = ${sum} * a + b;`,
  "fma(a, b, c)": (sum: string) => `${sum} = fma(${sum}, a, b);`,
} as const;

/** How much to do. */
export interface CeilingOptions {
  /** Measurements, of which the median counts. */
  readonly rounds?: number;
  /** Numbers in the array that is copied: many times what a cache holds. */
  readonly numbers?: number;
  /** Workgroups of multiply-adds: several for each processor of the device. */
  readonly workgroups?: number;
}

/** Measures both. */
export async function measureCeilings(
  backend: GpuBackend,
  { rounds = 5, numbers = 1 << 26, workgroups = 1 << 12 }: CeilingOptions = {},
): Promise<Ceilings> {
  const most = backend.device.limits.maxStorageBufferBindingSize / 4;
  const size = Math.min(numbers, 2 ** Math.floor(Math.log2(most)));
  const groups = flatGroups(size / 4, THREADS);
  const [from, to] = [backend.empty<Tensor1D>([size]), backend.empty<Tensor1D>([size])];
  const copies = await secondsOfCall(backend, rounds, (calls) => {
    for (let i = 0; i < calls; i++) {
      backend.run(copyKernel(), { tensors: [from, to], groups, numbers: [size / 4] });
    }
  }, to);
  tf.dispose([from, to]);
  const out = backend.empty<Tensor1D>([THREADS * workgroups]);
  const speeds: number[] = [];
  for (const form of Object.keys(FORMS) as (keyof typeof FORMS)[]) {
    const kernel = multiplyAddKernel(form);
    const seconds = await secondsOfCall(backend, rounds, (calls) => {
      for (let i = 0; i < calls; i++) {
        backend.run(kernel, {
          tensors: [out],
          groups: [workgroups, 1, 1],
          numbers: [LOOPS, 0.999, 0.001],
        });
      }
    }, out);
    speeds.push(2 * 4 * SUMS * ROUNDS * LOOPS * THREADS * workgroups / seconds);
  }
  out.dispose();
  return { flops: Math.max(...speeds), bandwidth: 8 * size / copies };
}

function copyKernel(): Kernel {
  return kernelOf("copy of a long array", () => ({
    bindings: [{ name: "x", type: "vec4<f32>" }, { name: "y", type: "vec4<f32>", write: true }],
    numbers: ["size: u32"],
    workgroup: [THREADS],
    main: `${flatIndex(THREADS)}
      if (index < numbers.size) { y[index] = x[index]; }`,
  }));
}

function multiplyAddKernel(form: keyof typeof FORMS): Kernel {
  return kernelOf(`multiply-adds by ${form}`, () => {
    const sums = Array.from({ length: SUMS }, (_, i) => `s${i}`);
    const body = Array.from({ length: ROUNDS }, () => sums.map(FORMS[form]).join(" "));
    return {
      bindings: [{ name: "y", write: true }],
      numbers: ["loops: u32", "factor: f32", "term: f32"],
      workgroup: [THREADS],
      main: `
        let a = vec4<f32>(numbers.factor) + vec4<f32>(f32(lix)) * 1e-9;
        let b = vec4<f32>(numbers.term);
        ${sums.map((sum, i) => `var ${sum} = vec4<f32>(f32(gid.x) + ${i}.0);`).join("\n")}
        for (var i = 0u; i < numbers.loops; i++) {
          ${body.join("\n")}
        }
        let s = ${sums.join(" + ")};
        y[gid.x] = s.x + s.y + s.z + s.w;`,
    };
  });
}
