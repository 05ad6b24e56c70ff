/**
 * A pass through a network in evaluation mode that gradients flow back through: running statistics are
 * constants, there is no dropout, and everything else is trained (method section 8, fine-tuning).
 *
 * @module
 */
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import type { BatchNormWeights, BatchStatistics } from "../tensor/ops/batch_norm.ts";
import type { UnnormalisedEval } from "../tensor/ops/block_end.ts";
import { frozenBlockEnd, frozenNorm, frozenNormRelu } from "../tensor/ops/frozen_norm.ts";
import type { Tape } from "../tensor/tape.ts";
import type { Convolved, Named, NetworkPass } from "./pass.ts";

/** See the module. */
export class FrozenPass implements NetworkPass {
  readonly tape: Tape;

  /** @param tape Records the gradients. */
  constructor(tape: Tape) {
    this.tape = tape;
  }

  normalize<T extends Tensor>(weights: Named, x: T, name: string, before?: string): T {
    return frozenNorm(this.tape, x, ownOf(weights, name, before), runningOf(weights, name));
  }

  normalizeRelu<T extends Tensor>(weights: Named, x: T, name: string): T {
    return frozenNormRelu(this.tape, x, ownOf(weights, name), runningOf(weights, name));
  }

  blockEnd<T extends Tensor>(
    weights: Named,
    h: Convolved<T>,
    residual: null | T | Convolved<T>,
  ): T {
    const add = residual !== null && "before" in residual
      ? unnormalised(weights, residual)
      : residual;
    return frozenBlockEnd(this.tape, unnormalised(weights, h), add);
  }
}

function ownOf(weights: Named, name: string, before?: string): BatchNormWeights {
  return {
    weight: weights.get(`${name}.weight`),
    bias: weights.get(`${name}.bias`),
    before: before === undefined ? undefined : weights.get<Tensor1D>(`${before}.bias`),
  };
}

function runningOf(weights: Named, name: string): BatchStatistics {
  return {
    mean: weights.get(`${name}.running_mean`),
    variance: weights.get(`${name}.running_var`),
  };
}

function unnormalised<T extends Tensor>(
  weights: Named,
  { x, name, before }: Convolved<T>,
): UnnormalisedEval<T> {
  return { x, weights: ownOf(weights, name, before), running: runningOf(weights, name) };
}
