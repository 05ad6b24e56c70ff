/**
 * Runs a trajectory in float64, in a Worker. tfjs has no such type; but its CPU kernels are plain
 * JavaScript, whose numbers are float64, and round only where they store into a `Float32Array`. In
 * this realm that name stands for `Float64Array`, so that the very same model and kernels run
 * unrounded. Nothing but checks of the formulas may run here.
 *
 * @module
 */
import type { ModelState, OwnTrajectory } from "./own_trajectory.ts";
import type { TrajectoryConfig } from "./trajectory_file.ts";

/** What the Worker answers: the state before each step, then the outcome, or an error. */
export type Float64Answer =
  | { readonly kind: "state"; readonly state: ModelState }
  | { readonly kind: "step"; readonly done: number }
  | { readonly kind: "done"; readonly own: OwnTrajectory }
  | { readonly kind: "error"; readonly message: string };

interface WorkerScope {
  onmessage: ((event: MessageEvent<TrajectoryConfig>) => void) | null;
  postMessage(answer: Float64Answer): void;
}

const scope = self as unknown as WorkerScope;
Reflect.set(globalThis, "Float32Array", Float64Array);

scope.onmessage = async ({ data: config }) => {
  try {
    // Imported only now, with the name changed.
    const tf = await import("@tensorflow/tfjs-core");
    const { startCpu } = await import("../tensor/cpu_backend.ts");
    const { runTrajectory } = await import("./own_trajectory.ts");
    tf.env().platform.isTypedArray = (value): value is Float32Array => ArrayBuffer.isView(value);
    await startCpu();
    const own = await runTrajectory(config, {
      onState: (state) => scope.postMessage({ kind: "state", state }),
      onStep: (done) => scope.postMessage({ kind: "step", done }),
    });
    scope.postMessage({ kind: "done", own });
  } catch (error) {
    scope.postMessage({ kind: "error", message: (error as Error).message });
  }
};
