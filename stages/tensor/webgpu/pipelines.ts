/**
 * Kernels as a device runs them, each compiled when it is first called.
 *
 * @module
 */
import type { DeviceWatch } from "./device_watch.ts";
import { type Kernel, moduleText } from "./kernel_code.ts";

/** A compiled kernel. */
export interface Pipeline {
  /** Kernels that were compiled before it. */
  readonly id: number;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** Those of one device. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #watch: DeviceWatch;
  readonly #textOf: (kernel: Kernel) => string | undefined;
  readonly #known = new Map<string, Pipeline>();

  /** @param textOf Other text for a kernel, if it is to have any. */
  constructor(
    device: GPUDevice,
    watch: DeviceWatch,
    textOf: (kernel: Kernel) => string | undefined,
  ) {
    this.#device = device;
    this.#watch = watch;
    this.#textOf = textOf;
  }

  /** A kernel's. */
  of(kernel: Kernel): Pipeline {
    const known = this.#known.get(kernel.key);
    if (known !== undefined) return known;
    const { bindings, numbers = [] } = kernel.code;
    const entries: GPUBindGroupLayoutEntry[] = bindings.map(({ write }, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: write ? "storage" : "read-only-storage" },
    }));
    if (numbers.length > 0) {
      entries.push({
        binding: bindings.length,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: "uniform", hasDynamicOffset: true },
      });
    }
    const layout = this.#device.createBindGroupLayout({ entries });
    const pipeline = this.#watch.scoped(() => `kernel ${kernel.key}`, () => {
      const module = this.#device.createShaderModule({
        label: kernel.key,
        code: this.#textOf(kernel) ?? moduleText(kernel.code),
      });
      return this.#device.createComputePipeline({
        label: kernel.key,
        layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: "main" },
      });
    });
    const own = { id: this.#known.size, pipeline, layout };
    this.#known.set(kernel.key, own);
    return own;
  }
}
