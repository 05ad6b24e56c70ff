/**
 * The whole check of one trajectory: the formulas in float64 from the first step to the last, and the
 * backend in float32.
 *
 * Trajectories are chaotic: where an activation lies within rounding of the kink of a ReLU, float32
 * and float64 take different sides, and a few steps on nothing agrees, however right the code. So by
 * default the backend begins each step at the state that the float64 run has reached (which the
 * record has confirmed), and only single steps have to agree. On request it runs freely.
 *
 * @module
 */
import { compareTrajectory, type Comparison } from "./comparison.ts";
import { runInFloat64 } from "./float64_run.ts";
import { runTrajectory } from "./own_trajectory.ts";
import type { TrajectoryCase } from "./trajectory_file.ts";

/** What a check found. */
export interface ParityResult {
  readonly name: string;
  /** The model's code in float64 beside the record; absent where the backend ran freely. */
  readonly float64?: readonly Comparison[];
  /** The backend beside the record. */
  readonly backend: readonly Comparison[];
  /** The largest difference of all. */
  readonly largest: number;
  readonly passed: boolean;
}

/** Choices of a check. */
export interface ParityOptions {
  /** Largest difference that passes. */
  readonly tolerance: number;
  /** The backend goes on from its own state, and nothing runs in float64. */
  readonly freeRunning: boolean;
  /** Called after each step, of both runs together. */
  readonly onStep?: (done: number, total: number) => void;
}

/** Checks one case on the backend that was started. */
export async function checkParity(
  recorded: TrajectoryCase,
  { tolerance, freeRunning, onStep }: ParityOptions,
): Promise<ParityResult> {
  const { config } = recorded;
  const total = config.steps * (freeRunning ? 1 : 2);
  const reference = freeRunning
    ? undefined
    : await runInFloat64(config, (done) => onStep?.(done, total));
  const own = await runTrajectory(config, {
    states: reference?.states.slice() ?? [],
    onStep: (done) => onStep?.(done + total - config.steps, total),
  });
  const backend = compareTrajectory(own, recorded);
  const float64 = reference === undefined ? undefined : compareTrajectory(reference.own, recorded);
  const largest = Math.max(...[...float64 ?? [], ...backend].map(({ difference }) => difference));
  return {
    name: config.name,
    ...(float64 === undefined ? {} : { float64 }),
    backend,
    largest,
    passed: largest <= tolerance,
  };
}
