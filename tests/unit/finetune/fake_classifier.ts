/**
 * A classifier without a backbone that trains thousands of steps a second, for tests of what surrounds
 * one: its weights hang on everything that a step is given, in the order in which it is given.
 *
 * @module
 */
import { type Scalar, scalar, type Tensor, type Tensor2D, tensor2d } from "@tensorflow/tfjs-core";
import type { SafeTensor } from "../../../stages/formats/safetensors.ts";
import type { Trainable } from "../../../stages/finetune/job.ts";
import type { TrainerOptions } from "../../../stages/finetune/trainer.ts";
import type { ClassifierStep } from "../../../stages/model/classifier.ts";
import { areBodies, type Clips } from "../../../stages/model/present_bodies.ts";
import { randomStream, uniformAt } from "../../../stages/random.ts";

/** Values of a clip are averaged into so many. */
const FEATURES = 12;

/** Share of the features that a step's mask keeps in mode `train`. */
const KEPT = 0.8;

/** Softmax regression with momentum. */
export class FakeClassifier implements Trainable {
  readonly #classes: number;
  readonly #weights: Float32Array<ArrayBuffer>;
  readonly #velocity: Float32Array<ArrayBuffer>;

  private constructor(classes: number, seed: number) {
    this.#classes = classes;
    this.#weights = new Float32Array(FEATURES * classes);
    this.#velocity = new Float32Array(FEATURES * classes);
    randomStream(seed, "test/fake classifier").fillNormal(this.#weights, 0, 0.5);
  }

  /** See {@link TrainerOptions.create}. */
  static readonly create: NonNullable<TrainerOptions["create"]> = (_config, { classes }, seed) =>
    new FakeClassifier(classes, seed);

  /** Moves the weights by something of every tensor. */
  loadBackbone(weights: ReadonlyMap<string, SafeTensor>): void {
    let at = 0;
    for (const { data } of weights.values()) {
      this.#weights[at++ % this.#weights.length]! += 0.1 * Math.sin(Number(data[0]));
    }
  }

  /** A step of gradient descent; the loss before it. */
  step(clips: Clips, labels: Int32Array, options: ClassifierStep): Scalar {
    const { lr, momentum, weightDecay, mode, dropoutKey } = options;
    const rows = featuresOf(clips);
    if (mode === "train") {
      for (const row of rows) {
        row.forEach((_, f) => uniformAt(dropoutKey, f) > KEPT && (row[f] = 0));
      }
    }
    const gradient = this.#weights.map((w) => weightDecay * w);
    let loss = 0;
    for (const [n, row] of rows.entries()) {
      const scores = this.#scores(row);
      const most = Math.max(...scores);
      const shares = scores.map((score) => Math.exp(score - most));
      const sum = shares.reduce((a, b) => a + b);
      loss -= Math.log(shares[labels[n]!]! / sum) / rows.length;
      for (let c = 0; c < this.#classes; c++) {
        const error = shares[c]! / sum - (c === labels[n] ? 1 : 0);
        row.forEach((x, f) => gradient[f * this.#classes + c]! += error * x / rows.length);
      }
    }
    gradient.forEach((g, i) => {
      this.#velocity[i] = momentum * this.#velocity[i]! + g;
      this.#weights[i]! -= lr * this.#velocity[i]!;
    });
    return scalar(loss);
  }

  /** Scores of clips. */
  logits(clips: Clips): Tensor2D {
    return tensor2d(featuresOf(clips).map((row) => this.#scores(row)));
  }

  /** The weights alone. */
  weights(): Promise<Map<string, SafeTensor>> {
    return Promise.resolve(new Map([["backbone.fc.weight", this.#tensor(this.#weights)]]));
  }

  /** Weights and momentum. */
  state(): Promise<Map<string, SafeTensor>> {
    return Promise.resolve(
      new Map([
        ["weights", this.#tensor(this.#weights)],
        ["velocity", this.#tensor(this.#velocity)],
      ]),
    );
  }

  /** Takes a state over. */
  restore(state: ReadonlyMap<string, SafeTensor>): void {
    this.#weights.set(state.get("weights")!.data as Float32Array);
    this.#velocity.set(state.get("velocity")!.data as Float32Array);
  }

  /** Has nothing on the device. */
  dispose(): void {}

  #scores(row: readonly number[]): number[] {
    return Array.from(
      { length: this.#classes },
      (_, c) => row.reduce((sum, x, f) => sum + x * this.#weights[f * this.#classes + c]!, 0),
    );
  }

  #tensor(values: Float32Array<ArrayBuffer>): SafeTensor {
    return { dtype: "F32", shape: [FEATURES, this.#classes], data: values.slice() };
  }
}

/** Means of every twelfth value of each clip, the first one first. */
function featuresOf(clips: Clips): number[][] {
  if (areBodies(clips)) throw new Error("expected clips of one body");
  const { shape: [count] } = clips as Tensor;
  const values = clips.dataSync<"float32">();
  const size = values.length / count!;
  return Array.from({ length: count! }, (_, n) => {
    const row = new Array<number>(FEATURES).fill(0);
    for (let i = 0; i < size; i++) row[i % FEATURES]! += values[n * size + i]! * FEATURES / size;
    return row;
  });
}
