/**
 * The released linear evaluation (method section 8): one fully connected layer on frozen features,
 * trained by SGD with momentum at a high learning rate.
 *
 * @module
 */
import type { RowMatrix } from "../metrics/row_matrix.ts";
import { randomStream } from "../random.ts";
import { BatchProducts } from "./batch_products.ts";

/** Clips with features and classes. */
export interface LabelledFeatures {
  /** (N, D), a row a clip. */
  readonly features: RowMatrix;
  /** Classes of all N clips, 0-based. */
  readonly labels: Int32Array;
  readonly classes: number;
}

/** How the probe is trained. */
export interface SgdProbeParams {
  readonly seed: number;
  readonly lr: number;
  /** Epochs after which the rate is divided by ten. */
  readonly milestones: readonly number[];
  readonly batch: number;
}

const MOMENTUM = 0.9;
/** Rows at a time when clips are only classified. */
const BLOCK = 512;

/**
 * A linear classifier in training. Weights begin as N(0, 0.02), biases as 0; cross-entropy averaged
 * over the batch; momentum 0.9 in PyTorch's form, no weight decay; clips in a new random order each
 * epoch, the rest that fills no batch left out. A training set smaller than a batch is one batch.
 */
export class SgdProbe {
  /** Clips in a step: the batch asked for, or all training clips where they are fewer. */
  readonly batch: number;
  readonly #data: LabelledFeatures;
  readonly #train: ArrayLike<number>;
  readonly #params: SgdProbeParams;
  readonly #fold: number;
  readonly #weights: Float32Array;
  readonly #bias: Float32Array;
  readonly #weightMomentum: Float32Array;
  readonly #biasMomentum: Float32Array;
  readonly #products: BatchProducts;
  #epoch = 0;

  /**
   * @param train Indices of the training clips.
   * @param fold Number of the fold, which has its own random streams.
   * @throws {RangeError} If there is no training clip.
   */
  constructor(
    data: LabelledFeatures,
    train: ArrayLike<number>,
    params: SgdProbeParams,
    fold = 0,
  ) {
    if (train.length === 0) throw new RangeError("a linear probe needs at least one training clip");
    const { classes, features } = data;
    this.#data = data;
    this.#train = train;
    this.#params = params;
    this.#fold = fold;
    this.batch = Math.min(params.batch, train.length);
    this.#weights = new Float32Array(classes * features.columns);
    randomStream(params.seed, "linear start", 0, fold).fillNormal(this.#weights, 0, 0.02);
    this.#bias = new Float32Array(classes);
    this.#weightMomentum = new Float32Array(this.#weights.length);
    this.#biasMomentum = new Float32Array(classes);
    this.#products = new BatchProducts({ rows: this.batch, classes, columns: features.columns });
  }

  /**
   * Trains one epoch.
   *
   * @returns The mean cross-entropy of its batches, each before its step.
   */
  trainEpoch(): number {
    const { seed, lr, milestones } = this.#params;
    const { features: { columns, values }, labels, classes } = this.#data;
    const batch = this.batch, products = this.#products;
    this.#epoch++;
    const rate = lr / 10 ** milestones.filter((milestone) => this.#epoch > milestone).length;
    const order = randomStream(seed, "linear order", this.#epoch, this.#fold)
      .permutation(this.#train.length);
    const targets = new Int32Array(batch);
    const batches = Math.floor(order.length / batch);
    let loss = 0;
    for (let b = 0; b < batches; b++) {
      for (let r = 0; r < batch; r++) {
        const clip = this.#train[order[b * batch + r]!]!;
        products.setRow(r, values, clip * columns);
        targets[r] = labels[clip]!;
      }
      products.setWeights(this.#weights);
      products.logits(batch, this.#bias);
      loss += crossEntropy(products, targets, classes);
      products.outerSum();
      step(this.#weights, this.#weightMomentum, products.gradient, rate, {
        columns,
        stride: products.gradientStride,
      });
      const sums = columnSums(products, batch, classes);
      step(this.#bias, this.#biasMomentum, sums, rate, { columns: classes, stride: classes });
    }
    return loss / batches;
  }

  /**
   * Logits of clips.
   *
   * @param clips Their indices.
   * @returns Row-major (clips, classes).
   */
  logits(clips: ArrayLike<number>): Float32Array<ArrayBuffer> {
    const { features: { columns, values }, classes } = this.#data;
    const out = new Float32Array(clips.length * classes);
    const block = Math.min(BLOCK, clips.length);
    const products = new BatchProducts({ rows: block, classes, columns });
    products.setWeights(this.#weights);
    for (let from = 0; from < clips.length; from += block) {
      const rows = Math.min(block, clips.length - from);
      for (let r = 0; r < rows; r++) products.setRow(r, values, clips[from + r]! * columns);
      products.logits(rows, this.#bias);
      for (let r = 0; r < rows; r++) {
        const at = r * products.stride;
        out.set(products.errors.subarray(at, at + classes), (from + r) * classes);
      }
    }
    return out;
  }
}

/**
 * Mean cross-entropy of a batch whose logits are in `errors`; they are replaced by their gradient,
 * `(softmax - one hot) / batch`.
 */
function crossEntropy(
  { errors, stride }: Pick<BatchProducts, "errors" | "stride">,
  targets: Int32Array,
  classes: number,
): number {
  const batch = targets.length;
  let loss = 0;
  for (let r = 0; r < batch; r++) {
    const first = r * stride, end = first + classes;
    let most = -Infinity;
    for (let at = first; at < end; at++) if (errors[at]! > most) most = errors[at]!;
    const truth = errors[first + targets[r]!]! - most;
    let sum = 0;
    for (let at = first; at < end; at++) sum += errors[at] = Math.exp(errors[at]! - most);
    loss += Math.log(sum) - truth;
    for (let at = first; at < end; at++) errors[at] = errors[at]! / sum / batch;
    errors[first + targets[r]!]! -= 1 / batch;
  }
  return loss / batch;
}

function columnSums(
  { errors, stride }: Pick<BatchProducts, "errors" | "stride">,
  rows: number,
  columns: number,
): Float64Array {
  const sums = new Float64Array(columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) sums[c] = sums[c]! + errors[r * stride + c]!;
  }
  return sums;
}

/** SGD with momentum: `m = 0.9 m + g; w = w - rate m`, the gradient's rows `stride` numbers apart. */
function step(
  values: Float32Array,
  momentum: Float32Array,
  gradient: Float64Array,
  rate: number,
  { columns, stride }: { readonly columns: number; readonly stride: number },
): void {
  for (let i = 0, row = 0; i < values.length; row += stride) {
    for (let d = 0; d < columns; d++, i++) {
      momentum[i] = MOMENTUM * momentum[i]! + gradient[row + d]!;
      values[i] = values[i]! - rate * momentum[i]!;
    }
  }
}
