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
  batchNormRelu,
  batchNormReluEval,
  type BatchNormWeights,
  type BatchStatistics,
} from "../tensor/ops/batch_norm.ts";
import {
  blockEnd,
  blockEndEval,
  type MaskSource,
  type UnnormalisedEval,
} from "../tensor/ops/block_end.ts";
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

/** What a convolution gave, on its way into the normalisation after it. */
export interface Convolved<T extends Tensor> {
  /** (..., C). */
  readonly x: T;
  /** Name of the normalisation. */
  readonly name: string;
  /** Name of the convolution, whose bias the normalisation takes in. */
  readonly before: string;
}

/** What a network asks of whoever runs it; see {@link Pass} for what each gives. */
export interface NetworkPass {
  /** What records gradients. */
  readonly tape: Tape;
  /** Batch normalisation of (..., C). */
  normalize<T extends Tensor>(weights: Named, x: T, name: string, before?: string): T;
  /** Batch normalisation of (..., C), followed by ReLU. */
  normalizeRelu<T extends Tensor>(weights: Named, x: T, name: string): T;
  /** The end of a block: max(Dropout(BN(h)) + r, 0). */
  blockEnd<T extends Tensor>(
    weights: Named,
    h: Convolved<T>,
    residual: null | T | Convolved<T>,
    block: number | null,
  ): T;
}

/** A pass through a network. */
export class Pass implements NetworkPass {
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
    const { own, running } = batchNormOf(weights, name, before);
    if (!this.#train) return batchNormEval(x, own, running());
    const { y, statistics } = batchNorm(this.tape, x, own);
    this.#keep(statistics);
    return y;
  }

  /** {@link normalize}, followed by ReLU. */
  normalizeRelu<T extends Tensor>(weights: Named, x: T, name: string): T {
    const { own, running } = batchNormOf(weights, name);
    if (!this.#train) return batchNormReluEval(x, own, running());
    const { y, statistics } = batchNormRelu(this.tape, x, own);
    this.#keep(statistics);
    return y;
  }

  /**
   * The end of a block: max(Dropout(BN(h)) + r, 0).
   *
   * @param h What the block's last convolution gave.
   * @param residual r: nothing, a tensor, or what another convolution gave, normalised first.
   * @param block The block's number, for a stream of dropout of its own; null for no dropout.
   */
  blockEnd<T extends Tensor>(
    weights: Named,
    h: Convolved<T>,
    residual: null | T | Convolved<T>,
    block: number | null,
  ): T {
    const [end, add] = [
      unnormalised(weights, h),
      isConvolved(residual) ? unnormalised(weights, residual) : residual,
    ];
    if (!this.#train) return blockEndEval(this.tape, end, add);
    const { y, statistics } = blockEnd(this.tape, end, add, this.#mask(block));
    for (const found of statistics) this.#keep(found);
    return y;
  }

  /** Where the mask of a block's dropout comes from, or null without dropout. */
  #mask(block: number | null): MaskSource | null {
    if (this.#dropout === null || block === null) return null;
    const { key, p } = this.#dropout;
    const words = new Uint32Array(2);
    threefry2x32(key[0], key[1], block, 0, words);
    return { key: [words[0]!, words[1]!], p };
  }

  #keep({ mean, variance }: BatchStatistics): void {
    this.#found.push({ mean: tf.keep(mean), variance: tf.keep(variance) });
  }

  /** The batch statistics met since the last call, in order; the caller disposes of them. */
  takeStatistics(): BatchStatistics[] {
    return this.#found.splice(0);
  }
}

function isConvolved<T extends Tensor>(
  residual: null | T | Convolved<T>,
): residual is Convolved<T> {
  return residual !== null && "name" in residual && "before" in residual;
}

/** The weights of a normalisation, and its running statistics when asked for. */
function batchNormOf(weights: Named, name: string, before?: string) {
  const own: BatchNormWeights = {
    weight: weights.get(`${name}.weight`),
    bias: weights.get(`${name}.bias`),
    before: before === undefined ? undefined : weights.get<Tensor1D>(`${before}.bias`),
  };
  const running = (): BatchStatistics => ({
    mean: weights.get(`${name}.running_mean`),
    variance: weights.get(`${name}.running_var`),
  });
  return { own, running };
}

function unnormalised<T extends Tensor>(
  weights: Named,
  { x, name, before }: Convolved<T>,
): UnnormalisedEval<T> {
  const { own, running } = batchNormOf(weights, name, before);
  return { x, weights: own, running: running() };
}
