/**
 * Batch normalisation in evaluation mode with a gradient, on the `webgpu` backend; see
 * {@link ../../ops/frozen_norm.ts} for what each gives. Running statistics are constants, so that one
 * pass backward gives the gradient of the input and the sums over the rows.
 *
 * Bytes moved, by number: forward 8 (12 with a residual), backward 12 (16 with the residual's gradient; 28
 * in two passes where that is normalised too).
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { BatchNormWeights, BatchStatistics } from "../../ops/batch_norm.ts";
import type { UnnormalisedEval } from "../../ops/block_end.ts";
import { frozenInputs, isFrozen } from "../../ops/frozen_norm.ts";
import type { Tape } from "../../tape.ts";
import { frozenGradients } from "../norm_gradient.ts";
import { runningNormalisation } from "../normalisation.ts";
import { emptyBits, normalisedRows } from "../normalised_rows.ts";

/** See the definition. */
export function frozenNorm<T extends Tensor>(
  tape: Tape,
  x: T,
  weights: BatchNormWeights,
  running: BatchStatistics,
): T {
  return normalisedBack(tape, x, weights, running, false);
}

/** See the definition. */
export function frozenNormRelu<T extends Tensor>(
  tape: Tape,
  x: T,
  weights: BatchNormWeights,
  running: BatchStatistics,
): T {
  return normalisedBack(tape, x, weights, running, true);
}

function normalisedBack<T extends Tensor>(
  tape: Tape,
  x: T,
  weights: BatchNormWeights,
  running: BatchStatistics,
  rectified: boolean,
): T {
  return tape.record(frozenInputs(x, weights), (save) => {
    const coefficients = save(runningNormalisation(weights, running));
    const xs = save(x);
    return [normalisedRows(x, coefficients, { rectified }), (dy) => {
      const flow = { x: xs, coefficients, dy, gate: rectified ? "relu" : "none" } as const;
      const found = frozenGradients(flow, false, weights.before !== undefined);
      return [...found.inputs, ...found.weights];
    }];
  });
}

/** See the definition. */
export function frozenBlockEnd<T extends Tensor>(
  tape: Tape,
  h: UnnormalisedEval<T>,
  residual: null | T | UnnormalisedEval<T>,
): T {
  const second = isFrozen(residual) ? residual : null;
  const r = second?.x ?? residual as T | null;
  const first = frozenInputs(h.x, h.weights);
  const beyond = second !== null ? frozenInputs(second.x, second.weights) : r !== null ? [r] : [];
  const inputs = [...first, ...beyond];
  const tracks = tape.tracks(inputs);
  return tape.record(inputs, (save) => {
    const coefficients = save(runningNormalisation(h.weights, h.running));
    const others = second === null
      ? null
      : save(runningNormalisation(second.weights, second.running));
    const bits = tracks ? save(emptyBits(h.x, h.weights.weight.size, false)) : null;
    const y = normalisedRows(h.x, coefficients, { rectified: true, r, others, bits });
    if (bits === null) return [y, () => []];
    const x = save(h.x);
    const rs = second === null ? null : save(second.x);
    return [y, (dy, needs) => {
      const through = needs.slice(first.length).includes(true);
      const flow = { x, coefficients, dy, gate: "bits", bits } as const;
      const own = frozenGradients(flow, through, h.weights.before !== undefined);
      const [dh, dr] = own.inputs;
      const head = [dh!, ...own.weights];
      if (dr === undefined) return [...head, ...beyond.map(() => null)];
      if (rs === null || others === null) return [...head, dr];
      const more = frozenGradients(
        { x: rs, coefficients: others, dy: dr, gate: "none" },
        false,
        second!.weights.before !== undefined,
      );
      return [...head, ...more.inputs, ...more.weights];
    }];
  });
}
