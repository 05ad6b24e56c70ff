/**
 * Momentum of the key encoder's moving average by step (method section 7.8).
 *
 * @module
 */
import { momentOf, type Timeline } from "./timeline.ts";

/** Parameters of the schedule. */
export interface EmaParams {
  /** Momentum at the start: the model's `momentum`. */
  readonly base: number;
  /** Half a cosine from the base to 1, or the base throughout. */
  readonly schedule: "cosine" | "constant";
  /**
   * Where the cosine's index starts: `epoch` counts 1-based epochs, as released, so that it starts
   * one epoch in and runs slightly past the end; `step` starts at zero.
   */
  readonly phase: "epoch" | "step";
}

/**
 * The momentum m used after a 0-based step, in `k = m k + (1 - m) q`:
 * `m = 1 - (1 - base) (cos(pi i / I) + 1) / 2`, with I all steps of all epochs and
 * `i = e * steps_per_epoch + s` for the 1-based epoch e and the 0-based step s in it (phase
 * `epoch`), or `i = (e - 1) * steps_per_epoch + s` (phase `step`).
 */
export function emaMomentum(params: EmaParams, step: number, time: Timeline): number {
  if (params.schedule === "constant") return params.base;
  const { epoch, stepInEpoch } = momentOf(step, time.stepsPerEpoch);
  const index = (params.phase === "epoch" ? epoch : epoch - 1) * time.stepsPerEpoch + stepInEpoch;
  const whole = time.stepsPerEpoch * time.epochs;
  return 1 - (1 - params.base) * (Math.cos(Math.PI * index / whole) + 1) / 2;
}
