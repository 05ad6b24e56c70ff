/**
 * A trajectory in float64, and the states it passes through.
 *
 * @module
 */
import type { Float64Answer } from "./float64_worker.ts";
import type { ModelState, OwnTrajectory } from "./own_trajectory.ts";
import type { TrajectoryConfig } from "./trajectory_file.ts";

/** A run in float64. */
export interface Float64Run {
  readonly own: OwnTrajectory;
  /** The state before each step; values are float64. */
  readonly states: readonly ModelState[];
}

/**
 * Runs the model's own code in float64 on the CPU (see `float64_worker.ts`).
 *
 * @param onStep Called after each step with the number of those done.
 * @throws {Error} If the run fails.
 */
export async function runInFloat64(
  config: TrajectoryConfig,
  onStep: (done: number) => void = () => {},
): Promise<Float64Run> {
  const worker = new Worker(new URL("./float64_worker.ts", import.meta.url).href, {
    type: "module",
  });
  const states: ModelState[] = [];
  try {
    const own = await new Promise<OwnTrajectory>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Float64Answer>) => {
        if (data.kind === "state") states.push(data.state);
        else if (data.kind === "step") onStep(data.done);
        else if (data.kind === "done") resolve(data.own);
        else reject(new Error(`the run in float64 failed: ${data.message}`));
      };
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`the run in float64 failed: ${event.message}`));
      };
      worker.postMessage(config);
    });
    return { own, states };
  } finally {
    worker.terminate();
  }
}
