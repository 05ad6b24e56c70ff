/**
 * The `memory` suite: what many pre-training steps leave behind, beside what `plan --memory` states.
 *
 * @module
 */
import v8 from "node:v8";
import vm from "node:vm";
import * as tf from "@tensorflow/tfjs-core";
import { pretrainParams } from "../pretrain/definition.ts";
import { memoryNeed } from "../pretrain/memory_need.ts";
import { startBackend } from "../tensor/backend.ts";
import { resolveDevice } from "../tensor/device_class.ts";
import { queueOf } from "./queue_size.ts";
import { Training } from "./training.ts";
import type { BenchResult, BenchRun } from "../../pipeline/bench/suite.ts";

/** How often memory is looked at. */
const LOOKS = 10;

/** Steps after which code is compiled and caches are full. */
const WARM_UP = 20;

const MIB = 2 ** 20;

/** Takes steps, and looks at memory ten times. */
export const measureMemory: BenchRun = async (
  { backend, allowSoftware, numbers, terminal },
): Promise<BenchResult> => {
  const { width = 16, hidden = 0, batch = 32, bodies = 2, frames = 64, steps = 1000 } = numbers;
  const { threads = 1 } = numbers;
  const device = await resolveDevice({ backend, allowSoftware });
  const started = await startBackend(device.backend, { allowSoftware: device.software, threads });
  const kernels = started.name === "simd"
    ? (await import("../tensor/simd/simd_backend.ts")).simdBackend().pool
    : undefined;
  const size = { width, hidden: hidden || 4 * width, batch, bodies, frames, queue: queueOf(batch) };
  terminal.err(`device: ${started.device} (${device.why})\n`);
  const training = new Training(size);
  const looks = new Map<string, number[]>();
  const collect = garbageCollector();
  const look = () => {
    collect();
    const { heapUsed, rss } = Deno.memoryUsage();
    const found: Record<string, number> = {
      tensors: tf.memory().numTensors,
      "MiB of tensors": tf.memory().numBytes / MIB,
      ...(kernels === undefined ? {} : {
        "MiB in kernels' blocks": kernels.bytes.now / MIB,
        "MiB in them at the peak": kernels.bytes.peak / MIB,
        "MiB of WebAssembly memory": kernels.memory.buffer.byteLength / MIB,
      }),
      "MiB of heap": heapUsed / MIB,
      "MiB resident": rss / MIB,
    };
    for (const [name, value] of Object.entries(found)) {
      looks.set(name, [...looks.get(name) ?? [], value]);
    }
    return Object.entries(found).map(([name, value]) => `${round(value)} ${name}`).join(", ");
  };
  for (let i = 0; i < WARM_UP; i++) await training.step();
  for (let part = 1, done = 0; part <= LOOKS; part++) {
    for (; done < Math.round(part * steps / LOOKS); done++) await training.step();
    terminal.err(`${done} steps: ${look()}\n`);
  }
  training.dispose();
  const params = pretrainParams.parse({ width, hidden_dim: size.hidden, batch, queue: size.queue });
  const need = memoryNeed(params, { clips: { frames, bodies, classes: 60 } }, {
    backend: started.name,
    cores: threads,
    memoryMiB: Infinity,
  });
  return {
    measurements: Array.from(looks, ([name, values]) => ({
      name:
        `${size.width}/${size.hidden} batch ${batch}, looked at ${LOOKS} times in ${steps} steps`,
      unit: name,
      by: "skelrun",
      values,
    })),
    notes: [
      need === undefined
        ? `what pre-training takes is not worked out on ${started.name}`
        : `plan --memory states ${need.peakMiB} MiB at the peak`,
    ],
  };
};

/** The engine's own, so that the heap is what is in use and not what was. */
function garbageCollector(): () => void {
  v8.setFlagsFromString("--expose-gc");
  return vm.runInNewContext("gc");
}

function round(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
