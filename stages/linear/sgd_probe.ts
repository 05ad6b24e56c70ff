/**
 * The released linear evaluation (method section 8): one fully connected layer on frozen features,
 * trained by SGD with momentum at a high learning rate.
 *
 * @module
 */
import type { RowMatrix } from "../metrics/row_matrix.ts";
import { randomStream } from "../random.ts";
import { logitsOf, outerSum } from "./products.ts";

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
  }

  /**
   * Trains one epoch.
   *
   * @returns The mean cross-entropy of its batches, each before its step.
   */
  trainEpoch(): number {
    const { seed, lr, milestones } = this.#params;
    const { features: { columns }, labels, classes } = this.#data;
    const batch = this.batch;
    this.#epoch++;
    const rate = lr / 10 ** milestones.filter((milestone) => this.#epoch > milestone).length;
    const order = randomStream(seed, "linear order", this.#epoch, this.#fold)
      .permutation(this.#train.length);
    const x = new Float32Array(batch * columns);
    const targets = new Int32Array(batch);
    const errors = new Float64Array(batch * classes);
    const gradient = new Float64Array(classes * columns);
    const batches = Math.floor(order.length / batch);
    let loss = 0;
    for (let b = 0; b < batches; b++) {
      for (let r = 0; r < batch; r++) {
        const clip = this.#train[order[b * batch + r]!]!;
        this.#copyRow(clip, x, r);
        targets[r] = labels[clip]!;
      }
      logitsOf(x, batch, this.#weights, this.#bias, errors);
      loss += crossEntropy(errors, targets, classes);
      outerSum(errors, x, batch, classes, columns, gradient);
      step(this.#weights, this.#weightMomentum, gradient, rate);
      step(this.#bias, this.#biasMomentum, columnSums(errors, classes), rate);
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
    const { features: { columns }, classes } = this.#data;
    const out = new Float32Array(clips.length * classes);
    const x = new Float32Array(Math.min(BLOCK, clips.length) * columns);
    for (let from = 0; from < clips.length; from += BLOCK) {
      const rows = Math.min(BLOCK, clips.length - from);
      for (let r = 0; r < rows; r++) this.#copyRow(clips[from + r]!, x, r);
      logitsOf(x, rows, this.#weights, this.#bias, out.subarray(from * classes));
    }
    return out;
  }

  #copyRow(clip: number, into: Float32Array, row: number): void {
    const { values, columns } = this.#data.features;
    into.set(values.subarray(clip * columns, (clip + 1) * columns), row * columns);
  }
}

/**
 * Mean cross-entropy of a batch; `logits` are replaced by their gradient,
 * `(softmax - one hot) / batch`.
 */
function crossEntropy(logits: Float64Array, targets: Int32Array, classes: number): number {
  const batch = targets.length;
  let loss = 0;
  for (let r = 0; r < batch; r++) {
    const row = logits.subarray(r * classes, (r + 1) * classes);
    let most = -Infinity;
    for (let c = 0; c < classes; c++) if (row[c]! > most) most = row[c]!;
    const truth = row[targets[r]!]! - most;
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += row[c] = Math.exp(row[c]! - most);
    loss += Math.log(sum) - truth;
    for (let c = 0; c < classes; c++) row[c] = row[c]! / sum / batch;
    row[targets[r]!]! -= 1 / batch;
  }
  return loss / batch;
}

function columnSums(matrix: Float64Array, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0; i < matrix.length; i++) sums[i % columns]! += matrix[i]!;
  return sums;
}

/** SGD with momentum: `m = 0.9 m + g; w = w - rate m`. */
function step(
  values: Float32Array,
  momentum: Float32Array,
  gradient: Float64Array,
  rate: number,
): void {
  for (let i = 0; i < values.length; i++) {
    momentum[i] = MOMENTUM * momentum[i]! + gradient[i]!;
    values[i] = values[i]! - rate * momentum[i]!;
  }
}
