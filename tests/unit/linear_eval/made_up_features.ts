/** Features with known classes, for the tests of the probes. */
import type { LabelledFeatures } from "../../../stages/linear_eval/sgd_probe.ts";
import { randomStream } from "../../../stages/random.ts";

/**
 * Clips in class order 0, 1, ..., 0, 1, ... whose features are normal noise, plus `distance` in the
 * column of their class.
 */
export function madeUpFeatures(
  clips: number,
  columns: number,
  classes: number,
  distance: number,
  seed = 1,
): LabelledFeatures {
  const values = new Float32Array(clips * columns);
  randomStream(seed, "made up").fillNormal(values);
  const labels = Int32Array.from({ length: clips }, (_, i) => i % classes);
  labels.forEach((label, i) => values[i * columns + label]! += distance);
  return { features: { rows: clips, columns, values }, labels, classes };
}

/** `from`, `from + 1`, ..., `to - 1`. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
