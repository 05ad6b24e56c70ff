/**
 * What to install or change so that the project runs better on a machine, from what it has.
 *
 * @module
 */
import { graphicsAdvice } from "./graphics_advice.ts";
import type { MachineReport } from "./machine_report.ts";

/** One thing to do, and what it is good for. */
export interface Advice {
  /** `needed`: something does not work without it; `better`: it would be faster; `optional`. */
  readonly weight: "needed" | "better" | "optional";
  readonly message: string;
}

const GIB = 2 ** 30;

/** Below this much free disk the store of a full data set does not fit. */
const LITTLE_DISK = 5 * GIB;

/** Below this much memory pre-training at the usual batch sizes does not fit. */
const LITTLE_MEMORY = 4 * GIB;

/**
 * What to do, the most needed first.
 *
 * @param report What the machine has.
 */
export function adviceFor(report: MachineReport): readonly Advice[] {
  const { deno, system, store, tools, wasm } = report;
  const advice: Advice[] = [];
  const say = (weight: Advice["weight"], message: string) => advice.push({ weight, message });
  if (!tools.esbuild.found) {
    say(
      "needed",
      `esbuild does not run (${tools.esbuild.detail}); results cannot be cached without it. ` +
        "Fetch it again with: deno cache --reload=npm:esbuild main.ts",
    );
  }
  if (deno.running !== deno.pinned) {
    say(
      "better",
      `This is Deno ${deno.running}; the project is tested with ${deno.pinned}: ` +
        `npx -y deno@${deno.pinned} task ... uses that one, or: npm install -g deno@${deno.pinned}`,
    );
  }
  if (store.freeBytes !== undefined && store.freeBytes < LITTLE_DISK) {
    say(
      "needed",
      `Only ${(store.freeBytes / GIB).toFixed(1)} GiB are free where results are kept ` +
        `(${store.folder}); choose another disk with --store DIR or SKELRUN_STORE.`,
    );
  }
  if (system.memory !== undefined && system.memory.available < LITTLE_MEMORY) {
    say(
      "needed",
      `Only ${(system.memory.available / GIB).toFixed(1)} GiB of memory are available; expect ` +
        "pre-training to need 4 GiB: use smaller batches or end other programs.",
    );
  }
  advice.push(...graphicsAdvice(report.graphics));
  if (!wasm.simd || !wasm.relaxedSimd) {
    say(
      "better",
      `WebAssembly lacks ${
        wasm.simd ? "relaxed SIMD" : "SIMD"
      } on this processor; the CPU is used ` +
        "without it, slower.",
    );
  }
  if (!tools.torch.found) {
    say("optional", "PyTorch, the peer of the benchmarks: apt-get install python3-torch");
  }
  if (!tools.slurm.found) {
    say("optional", "Slurm, to run stages on a cluster: apt-get install slurm-client");
  }
  if (!tools.chromium.found) {
    say("optional", "Chromium, to test pages: apt-get install chromium");
  }
  const order = ["needed", "better", "optional"];
  return advice.sort((a, b) => order.indexOf(a.weight) - order.indexOf(b.weight));
}
