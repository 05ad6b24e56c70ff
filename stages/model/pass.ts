/**
 * One way of running a network: whether it trains, what records its gradients, where its dropout
 * comes from, and which batch statistics it meets.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { type StreamKey, threefry2x32 } from "../random.ts";
import {
  batchNorm,
  batchNormEval,
  type BatchNormWeights,
  type BatchStatistics,
} from "../tensor/ops/batch_norm.ts";
import { dropoutMask } from "../tensor/ops/dropout_mask.ts";
import { NO_TAPE, type Tape } from "../tensor/tape.ts";

/** Where dropout's masks come from. */
export interface Dropout {
  /** Probability of dropping an activation. */
  readonly p: number;
  /** The pass's key; each block has a stream of its own from it. */
  readonly key: StreamKey;
}

/** Weights and running statistics by name. */
export interface Named {
  /**
   * A tensor by its PyTorch name.
   *
   * @throws {Error} If there is none.
   */
  get<T extends Tensor>(name: string): T;
}

/** A pass through a network. */
export class Pass {
  readonly tape: Tape;
  readonly #train: boolean;
  readonly #dropout: Dropout | null;
  readonly #found: BatchStatistics[] = [];

  private constructor(train: boolean, tape: Tape, dropout: Dropout | null) {
    this.#train = train;
    this.tape = tape;
    this.#dropout = dropout !== null && dropout.p > 0 ? dropout : null;
  }

  /** Training mode: batch statistics and dropout; recorded where a tape is given. */
  static train(dropout: Dropout | null = null, tape: Tape = NO_TAPE): Pass {
    return new Pass(true, tape, dropout);
  }

  /** Evaluation mode: running statistics, no dropout. */
  static eval(): Pass {
    return new Pass(false, NO_TAPE, null);
  }

  /**
   * Batch normalisation of (..., C).
   *
   * @param weights Those of the network.
   * @param name Of the normalisation.
   * @param before Name of the convolution before it, whose bias it takes in.
   */
  normalize<T extends Tensor>(weights: Named, x: T, name: string, before?: string): T {
    const own: BatchNormWeights = {
      weight: weights.get(`${name}.weight`),
      bias: weights.get(`${name}.bias`),
      before: before === undefined ? undefined : weights.get<Tensor1D>(`${before}.bias`),
    };
    if (!this.#train) {
      return batchNormEval(x, own, {
        mean: weights.get(`${name}.running_mean`),
        variance: weights.get(`${name}.running_var`),
      });
    }
    const { y, statistics } = batchNorm(this.tape, x, own);
    this.#found.push({ mean: tf.keep(statistics.mean), variance: tf.keep(statistics.variance) });
    return y;
  }

  /** The mask of a block's dropout for activations of some shape, or null without dropout. */
  dropout(block: number, shape: readonly number[]): Tensor | null {
    if (this.#dropout === null) return null;
    const { key, p } = this.#dropout;
    const words = new Uint32Array(2);
    threefry2x32(key[0], key[1], block, 0, words);
    return dropoutMask([words[0]!, words[1]!], shape, p);
  }

  /** The batch statistics met since the last call, in order; the caller disposes of them. */
  takeStatistics(): BatchStatistics[] {
    return this.#found.splice(0);
  }
}
