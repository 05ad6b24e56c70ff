/**
 * Seconds of a call by the clock of this computer, which every device allows.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { GpuBackend } from "./gpu_backend.ts";

/** A time that is long beside starting and ending a piece of work, in seconds. */
const LONG = 0.1;

/** Calls in one measurement, at most. */
const MOST_CALLS = 1 << 14;

/**
 * Seconds of one call among many: what twice as many take longer, both at their best.
 *
 * @param run Makes so many calls.
 * @param last A tensor that is done when the calls are.
 */
export async function secondsOfCall(
  backend: GpuBackend,
  rounds: number,
  run: (calls: number) => void,
  last: tf.Tensor,
): Promise<number> {
  const probe = tf.zeros([1]);
  const timed = async (calls: number) => {
    backend.submit();
    const begun = performance.now();
    run(calls);
    backend.copy(last, probe, 0, 1);
    await backend.read(probe.dataId);
    return (performance.now() - begun) / 1000;
  };
  try {
    await timed(1);
    let calls = 1;
    while (await timed(calls) < LONG && calls < MOST_CALLS) calls *= 2;
    let once = Infinity, twice = Infinity;
    for (let round = 0; round < rounds; round++) {
      once = Math.min(once, await timed(calls));
      twice = Math.min(twice, await timed(2 * calls));
    }
    // On a busy machine the difference may be an accident; it is believed as far as it can be true.
    return Math.min(twice / 2, Math.max(twice - once, twice / 3)) / calls;
  } finally {
    probe.dispose();
  }
}
