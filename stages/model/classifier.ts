/**
 * The supervised model: the backbone and a linear layer on its pooled features, trained as a whole
 * with cross-entropy (method sections 5 and 8). It is what fine-tuning, semi-supervised training and
 * training from scratch train.
 *
 * Symbols as in `skeattnclr.ts`: N clips, M bodies, T frames, V joints. The features of all M bodies
 * of a clip are averaged, those of an absent one too.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D, Tensor5D } from "@tensorflow/tfjs-core";
import type { SafeTensor } from "../formats/safetensors.ts";
import type { StreamKey } from "../random.ts";
import { JOINTS } from "../skeleton/joints.ts";
import { toStream } from "../tensor/augment_ops.ts";
import { bodyRows } from "../tensor/ops/body_rows.ts";
import { clipGradients } from "../tensor/ops/clip_gradients.ts";
import { crossEntropy } from "../tensor/ops/cross_entropy.ts";
import { EdgeTensors } from "../tensor/ops/graph_conv.ts";
import { linear, meanOfBodies } from "../tensor/ops/linear.ts";
import { poolTokens } from "../tensor/ops/pool.ts";
import { Tape } from "../tensor/tape.ts";
import { backboneSpecs, CLASSIFIER_LAYER } from "./backbone_specs.ts";
import type { DataShape, ModelConfig } from "./config.ts";
import { FrozenPass } from "./frozen_pass.ts";
import { adjacency, PARTITIONS } from "./graph.ts";
import { initialValues } from "./initial_values.ts";
import { Network } from "./network.ts";
import { Optimizer } from "./optimizer.ts";
import { type BlockSpec, blockSpecs, type ParameterSpec } from "./parameters.ts";
import { type NetworkPass, Pass } from "./pass.ts";
import { areBodies, type Clips } from "./present_bodies.ts";
import { stGcn } from "./st_gcn.ts";

/** What a classifier is made of; a {@link ModelConfig} will do. */
export type ClassifierConfig = Readonly<
  Pick<ModelConfig, "width" | "hidden_dim" | "dropout" | "stream" | "init">
>;

/** What a step needs beside clips and labels. */
export interface ClassifierStep {
  /** Learning rate of this step. */
  readonly lr: number;
  /** Momentum of the optimiser. */
  readonly momentum: number;
  /** Added to the gradient of every trained tensor, times the tensor. */
  readonly weightDecay: number;
  /**
   * `eval`: running statistics are frozen, scale and offset of normalisations are trained, and there is
   * no dropout, as the released fine-tuning has it. `train`: batch statistics and dropout.
   */
  readonly mode: "eval" | "train";
  /** Key of this step's dropout masks (mode `train`). */
  readonly dropoutKey: StreamKey;
  /** Largest global L2 norm of the gradients, which are scaled down to it; null for no limit. */
  readonly clip: number | null;
}

/** A backbone and its classifier in training. A backend must have been started before. */
export class Classifier {
  readonly config: ClassifierConfig;
  readonly data: DataShape;
  readonly #specs: readonly ParameterSpec[];
  readonly #blocks: readonly BlockSpec[];
  readonly #first: (spec: ParameterSpec) => Float32Array<ArrayBuffer>;
  readonly #network: Network;
  readonly #edges: EdgeTensors;
  #optimizer: Optimizer;

  private constructor(config: ClassifierConfig, data: DataShape, seed: number) {
    this.config = config;
    this.data = data;
    this.#specs = backboneSpecs(config, data);
    this.#blocks = blockSpecs(config);
    this.#first = (spec) => initialValues(spec, config.init, seed, "classifier");
    this.#network = new Network(this.#specs, this.#first);
    this.#edges = new EdgeTensors(adjacency(), PARTITIONS, JOINTS);
    this.#optimizer = this.#newOptimizer();
  }

  /**
   * A classifier with first weights drawn from `seed`, all of them as `config.init` says.
   *
   * @param data `classes` are those of the set that it is trained on.
   */
  static create(config: ClassifierConfig, data: DataShape, seed: number): Classifier {
    return new Classifier(config, data, seed);
  }

  /**
   * Begins again from an encoder: everything of `backbone.*` but the linear layer, which has its first
   * weights, and no momentum. Other tensors that the map may hold are left alone.
   *
   * @throws {Error} If a tensor is missing or of another shape, naming it.
   */
  loadBackbone(weights: ReadonlyMap<string, SafeTensor>): void {
    const own = new Map(weights);
    for (const spec of this.#specs) {
      if (!spec.name.startsWith(CLASSIFIER_LAYER)) continue;
      own.set(spec.name, { dtype: "F32", shape: spec.shape, data: this.#first(spec) });
    }
    this.#network.load(own);
    this.#optimizer.dispose();
    this.#optimizer = this.#newOptimizer();
  }

  /**
   * One step down the mean cross-entropy. Nothing is read back.
   *
   * @param clips Joint-space clips (N, 3, T, V, M), made into the stream here; left as they are. In mode
   * `eval` they may be given by their bodies (`clipsOf`): absent ones are then computed once a batch.
   * @param labels Classes of the clips, from 0.
   * @returns The loss before the step; the caller disposes of it.
   * @throws {RangeError} If there is not one label a clip, or one is no class; or if clips are given by
   * their bodies in mode `train`, where statistics are of all of them.
   */
  step(clips: Clips, labels: Int32Array, options: ClassifierStep): Scalar {
    const { lr, momentum, weightDecay, clip, mode } = options;
    if (mode === "train" && areBodies(clips)) {
      throw new RangeError("mode train: expected whole clips, found their bodies");
    }
    const count = areBodies(clips) ? clips.rows.length / this.data.bodies : clips.shape[0]!;
    const shares = oneHot(labels, count, this.data.classes);
    const { parameters } = this.#optimizer;
    const tape = new Tape(parameters);
    return tf.tidy(() => {
      const targets = tf.tensor2d(shares, [count, this.data.classes]);
      const loss = crossEntropy(tape, this.#scores(this.#passOf(options, tape), clips), targets);
      const gradients = tape.gradients([[loss, tf.scalar(1)]], parameters);
      const limited = clip === null ? gradients : clipGradients(gradients, clip);
      this.#optimizer.step(limited, { lr, momentum, weightDecay });
      return loss;
    });
  }

  /**
   * Class scores in eval mode: (N, classes); the caller disposes of them.
   *
   * @param clips Joint-space clips (N, 3, T, V, M), or their bodies, made into the stream here.
   */
  logits(clips: Clips): Tensor2D {
    return tf.tidy(() => this.#scores(Pass.eval(), clips));
  }

  /** All tensors by PyTorch name and shape, as an encoder's file has them. */
  weights(): Promise<Map<string, SafeTensor>> {
    return this.#network.weights();
  }

  /** Everything that the next step depends on, read back, in a fixed order. */
  async state(): Promise<Map<string, SafeTensor>> {
    const own = [...await this.#network.state()]
      .map(([name, tensor]) => [`${NETWORK}/${name}`, tensor] as const);
    return new Map([...own, ...await this.#optimizer.state()]);
  }

  /**
   * Puts back what {@link state} gave, to the bit.
   *
   * @throws {Error} If it is the state of another classifier, naming the tensor.
   */
  restore(state: ReadonlyMap<string, SafeTensor>): void {
    const own = [...state].filter(([name]) => name.startsWith(`${NETWORK}/`));
    this.#network.restore(
      new Map(own.map(([name, tensor]) => [name.slice(NETWORK.length + 1), tensor])),
    );
    this.#optimizer.restore(state);
  }

  /** Frees everything that the classifier holds on the device. */
  dispose(): void {
    for (const part of [this.#network, this.#edges, this.#optimizer]) part.dispose();
  }

  #newOptimizer(): Optimizer {
    return new Optimizer(new Map([[NETWORK, this.#network]]));
  }

  #passOf({ mode, dropoutKey }: ClassifierStep, tape: Tape): NetworkPass {
    if (mode === "eval") return new FrozenPass(tape);
    return Pass.train({ p: this.config.dropout, key: dropoutKey }, tape);
  }

  /** Class scores (N, classes); in training, takes in the batch statistics. */
  #scores(pass: NetworkPass, clips: Clips): Tensor2D {
    const { tape } = pass;
    const own = this.#network;
    const each = toStream(areBodies(clips) ? clips.each : clips as Tensor5D, this.config.stream);
    const F = stGcn(pass, own, each, this.#blocks, this.#edges);
    each.dispose();
    const found = pass instanceof Pass ? pass.takeStatistics() : [];
    if (found.length > 0) own.track("backbone", found);
    const pooled = poolTokens(tape, F);
    F.dispose();
    const bodies = areBodies(clips) ? bodyRows(tape, pooled, clips.rows) : pooled;
    const means = meanOfBodies(tape, bodies, this.data.bodies);
    return linear(tape, means, own.get("backbone.fc.weight"), own.get("backbone.fc.bias"));
  }
}

/** What the state calls the network. */
const NETWORK = "classifier";

/** (N, classes): 1 at each row's label. */
function oneHot(labels: Int32Array, clips: number, classes: number): Float32Array {
  if (labels.length !== clips) {
    throw new RangeError(`expected ${clips} labels, one a clip, found ${labels.length}`);
  }
  const shares = new Float32Array(clips * classes);
  labels.forEach((label, i) => {
    if (label < 0 || label >= classes) {
      throw new RangeError(`clip ${i}: expected a class of 0 to ${classes - 1}, found ${label}`);
    }
    shares[i * classes + label] = 1;
  });
  return shares;
}
