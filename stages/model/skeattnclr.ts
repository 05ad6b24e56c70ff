/**
 * SkeAttnCLR: contrastive learning of skeleton sequences with an attention mask that splits a clip
 * into a salient and a non-salient part (method sections 5 to 7).
 *
 * Symbols: N clips, M bodies, B = N M, T frames, V joints, L = V T/4 tokens, D hidden_dim,
 * F feature_dim, K queue. Clips are joint-space tensors (N, 3, T, V, M).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D, Tensor3D, Tensor4D, Tensor5D } from "@tensorflow/tfjs-core";
import type { SwapDraw } from "../augment/draw_types.ts";
import type { SafeTensor } from "../formats/safetensors.ts";
import { JOINTS } from "../skeleton/joints.ts";
import { swapParts, toStream } from "../tensor/augment_ops.ts";
import { EdgeTensors } from "../tensor/ops/graph_conv.ts";
import { infoNce, normalizeRows } from "../tensor/ops/info_nce.ts";
import { linear, meanOfBodies } from "../tensor/ops/linear.ts";
import { maskPool, poolTokens, rowOf, tokensOf } from "../tensor/ops/pool.ts";
import { totalLoss } from "../tensor/ops/total_loss.ts";
import { takeRows } from "../tensor/rows.ts";
import { NO_TAPE, Tape } from "../tensor/tape.ts";
import { type DataShape, type ModelConfig, TIME_STRIDE } from "./config.ts";
import { adjacency, PARTITIONS } from "./graph.ts";
import { initialQueue, initialValues } from "./initial_values.ts";
import { KeyQueue } from "./key_queue.ts";
import type { StepOptions, StepOutput } from "./model_types.ts";
import { attentionMask, mlp } from "./neck.ts";
import { Network } from "./network.ts";
import { Optimizer } from "./optimizer.ts";
import { blockSpecs, encoderSpecs, predictorSpecs } from "./parameters.ts";
import { type Dropout, Pass } from "./pass.ts";
import { areBodies, type Clips } from "./present_bodies.ts";
import { stGcn } from "./st_gcn.ts";

/** A model in training. A backend must have been started before. */
export class SkeAttnCLR {
  readonly config: ModelConfig;
  readonly data: DataShape;
  /** Query encoder: backbone, attention mask and projector. */
  readonly q: Network;
  /** Key encoder, the query encoder's moving average. */
  readonly k: Network;
  /** Predictors P, P_s and P_ns. */
  readonly P: Network;
  readonly #edges: EdgeTensors;
  readonly #queue: KeyQueue;
  readonly #optimizer: Optimizer;

  private constructor(config: ModelConfig, data: DataShape, seed: number) {
    const draw = (of: string) => (spec: Parameters<typeof initialValues>[0]) =>
      initialValues(spec, config.init, seed, of);
    const specs = encoderSpecs(config, data);
    this.config = config;
    this.data = data;
    this.q = new Network(specs, draw("query"));
    this.k = new Network(specs, draw(config.keyInit === "copy" ? "query" : "key"));
    this.P = new Network(predictorSpecs(config), draw("query"));
    this.#edges = new EdgeTensors(adjacency(), PARTITIONS, JOINTS);
    this.#queue = new KeyQueue(initialQueue(config, seed), config.feature_dim);
    this.#optimizer = new Optimizer(new Map([["query", this.q], ["predictors", this.P]]));
  }

  /** A model with first weights drawn from `seed`. */
  static create(config: ModelConfig, data: DataShape, seed: number): SkeAttnCLR {
    return new SkeAttnCLR(config, data, seed);
  }

  /**
   * One pre-training step (method section 7). Nothing is read back.
   *
   * @param xq Query view (N, 3, T, V, M), augmented; left as it is.
   * @param xk Key view, likewise.
   * @param swap The part swap that makes the mixed clips, or null to leave the query view unmixed.
   */
  step(xq: Tensor, xk: Tensor, swap: SwapDraw | null, options: StepOptions): StepOutput {
    const { config: { mu, tau, stream, heads, Lambda }, q, k, P } = this;
    const x_q = xq as Tensor5D;
    const { lr, emaMomentum, sgdMomentum: momentum = 0.9, weightDecay = 1e-4 } = options;
    const { parameters } = this.#optimizer;
    const tape = new Tape(parameters);
    const dropout = (i: number): Dropout => ({
      p: this.config.dropout,
      key: [options.dropoutKey[0] ^ i, options.dropoutKey[1]],
    });
    return tf.tidy(() => {
      const x_mix = swap === null ? x_q : swapParts(x_q, swap, TIME_STRIDE);
      const predict = (pass: Pass, name: string, z: Tensor2D): Tensor2D => {
        const p = mlp(pass, P, name, z);
        P.track(name, pass.takeStatistics());
        return normalizeRows(pass.tape, p);
      };

      // The whole clip: q_z = norm(P(z)).
      const whole = Pass.train(dropout(1), tape);
      const F_q = this.#backbone(whole, q, toStream(x_q, stream));
      const q_z = predict(whole, "predictor", this.#project(whole, q, poolTokens(tape, F_q)));

      // The mixed clip: its mask splits it into q_s and q_ns.
      const mixed = Pass.train(dropout(2), tape);
      const F_mix = this.#backbone(mixed, q, toStream(x_mix, stream));
      const X_mix = tokensOf(tape, F_mix);
      const Mask = attentionMask(mixed, q, X_mix, heads, Lambda);
      const z_mix = this.#project(mixed, q, poolTokens(tape, F_mix));
      predict(mixed, "predictor", z_mix); // unused, but it counts in P's running statistics
      const parts = maskPool(tape, X_mix, Mask);
      const q_s = predict(mixed, "predictor_s", this.#project(mixed, q, rowOf(tape, parts, 0)));
      const q_ns = predict(mixed, "predictor_ns", this.#project(mixed, q, rowOf(tape, parts, 1)));

      // Keys: the other view, unmixed, split by the query's mask; no gradient.
      const keys = Pass.train(dropout(3));
      const F_k = this.#backbone(keys, k, toStream(xk as Tensor5D, stream));
      const keyParts = maskPool(keys.tape, tokensOf(keys.tape, F_k), Mask);
      const key = (pooled: Tensor2D) => normalizeRows(keys.tape, this.#project(keys, k, pooled));
      const k_z = key(poolTokens(keys.tape, F_k));
      const k_s = key(rowOf(keys.tape, keyParts, 0));
      const k_ns = key(rowOf(keys.tape, keyParts, 1));

      // Each part is one more negative of the other, as a constant.
      const Q = this.#queue.keys;
      const z = infoNce(tape, q_z, k_z, Q, null, tau);
      const s = infoNce(tape, q_s, k_s, Q, q_ns, tau);
      const ns = infoNce(tape, q_ns, k_ns, Q, q_s, tau);
      const total = totalLoss(z.loss, s.loss, ns.loss, mu);

      const gradients = tape.gradients([
        [z.loss, tf.scalar(1)],
        [s.loss, tf.scalar(mu)],
        [ns.loss, tf.scalar(1 - mu)],
      ], parameters);
      this.#queue.push(k_z);
      this.#optimizer.step(gradients, { lr, momentum, weightDecay });
      k.follow(q, emaMomentum);
      return {
        L_z: z.loss,
        L_s: s.loss,
        L_ns: ns.loss,
        total,
        positive: { z: z.positive, s: s.positive, ns: ns.positive },
        negative: { z: z.negative, s: s.negative, ns: ns.negative },
        q_z,
        k_z,
        k_s,
        k_ns,
      };
    });
  }

  /**
   * Backbone features in eval mode, pooled over tokens and bodies: (N, D).
   *
   * @param x Clips (N, 3, T, V, M), or their bodies, taken to the model's stream unless they are said to
   * be one.
   */
  features(x: Clips, stream = this.config.stream): Tensor2D {
    return tf.tidy(() => {
      const pass = Pass.eval();
      const clips = areBodies(x) ? x.each : x as Tensor5D;
      const F = this.#backbone(pass, this.q, toStream(clips, stream));
      const pooled = poolTokens(pass.tape, F);
      const bodies = areBodies(x) ? takeRows(pooled, x.rows) as Tensor2D : pooled;
      return meanOfBodies(pass.tape, bodies, this.data.bodies);
    });
  }

  /** Class scores of the classifier, which pre-training leaves alone, in eval mode: (N, classes). */
  logits(x: Clips, stream = this.config.stream): Tensor2D {
    return tf.tidy(() => {
      const { q } = this;
      const pooled = this.features(x, stream);
      return linear(NO_TAPE, pooled, q.get("backbone.fc.weight"), q.get("backbone.fc.bias"));
    });
  }

  /** Projector outputs z in eval mode, not normalised: (N, F). */
  embed(x: Clips): Tensor2D {
    return tf.tidy(() => mlp(Pass.eval(), this.q, "neck.proj", this.features(x)));
  }

  /** Attention mask in eval mode: (B, L, D), tokens in order of time, then joint. */
  mask(x: Tensor): Tensor3D {
    return tf.tidy(() => {
      const pass = Pass.eval();
      const { heads, Lambda, stream } = this.config;
      const F = this.#backbone(pass, this.q, toStream(x as Tensor5D, stream));
      const [joints, steps, bodies, size] = F.shape;
      const Mask = attentionMask(pass, this.q, tokensOf(pass.tape, F), heads, Lambda);
      const byJoint = tf.reshape(Mask, [bodies, joints, steps, size]);
      return tf.reshape(tf.transpose(byJoint, [0, 2, 1, 3]), Mask.shape);
    });
  }

  /**
   * Sets the query encoder's running statistics to their averages over some batches, in training
   * mode without dropout (method section 11b, the untrained control).
   *
   * @param batches Clips (N, 3, T, V, M); each is left as it is.
   */
  async calibrate(batches: AsyncIterable<Tensor> | Iterable<Tensor>): Promise<void> {
    let seen = 0;
    for await (const x of batches) {
      const share = 1 / ++seen;
      tf.tidy(() => {
        const pass = Pass.train();
        const F = this.#backbone(pass, this.q, toStream(x as Tensor5D, this.config.stream), share);
        this.#project(pass, this.q, poolTokens(pass.tape, F), share);
      });
    }
  }

  /** Everything that the next step depends on, read back, in a fixed order. */
  async state(): Promise<Map<string, SafeTensor>> {
    const networks = [...this.#networks()];
    // All at once: a device is waited for once.
    const [momenta, queue, ...states] = await Promise.all([
      this.#optimizer.state(),
      this.#queue.state(),
      ...networks.map(([, network]) => network.state()),
    ]);
    const named = networks.flatMap(([of], i) =>
      [...states[i]!].map(([name, tensor]) => [`${of}/${name}`, tensor] as const)
    );
    return new Map([...named, ...momenta, ...queue]);
  }

  /**
   * Puts back what {@link state} gave, to the bit.
   *
   * @throws {Error} If it is the state of another model, naming the tensor.
   */
  restore(state: ReadonlyMap<string, SafeTensor>): void {
    for (const [of, network] of this.#networks()) {
      const own = [...state].filter(([name]) => name.startsWith(`${of}/`));
      network.restore(new Map(own.map(([name, tensor]) => [name.slice(of.length + 1), tensor])));
    }
    this.#optimizer.restore(state);
    this.#queue.restore(state);
  }

  /** An encoder's weights by PyTorch names and shapes. */
  exportWeights(of: "query" | "key" | "predictors" = "query"): Promise<Map<string, SafeTensor>> {
    return this.#network(of).weights();
  }

  /**
   * Takes weights as {@link exportWeights} gives them; others that the file may hold are left alone.
   *
   * @throws {Error} If a tensor is missing or of another shape, naming it.
   */
  loadWeights(
    weights: ReadonlyMap<string, SafeTensor>,
    of: "query" | "key" | "predictors" = "query",
  ): void {
    this.#network(of).load(weights);
  }

  /** Takes keys (K, F), rows of length 1, as the queue. */
  loadQueue(keys: Float32Array): void {
    this.#queue.load(keys);
  }

  /** Frees everything the model holds on the device. */
  dispose(): void {
    for (const [, network] of this.#networks()) network.dispose();
    for (const part of [this.#edges, this.#queue, this.#optimizer]) part.dispose();
  }

  /** F (V, T/4, B, D) of clips (N, 3, T, V, M); in training, takes in the batch statistics. */
  #backbone(pass: Pass, encoder: Network, x: Tensor5D, share?: number): Tensor4D {
    const F = stGcn(pass, encoder, x, blockSpecs(this.config), this.#edges);
    const found = pass.takeStatistics();
    if (found.length > 0) encoder.track("backbone", found, share);
    return F;
  }

  /** z = proj(mean over bodies): (B, D) -> (N, F); in training, takes in the batch statistics. */
  #project(pass: Pass, encoder: Network, pooled: Tensor2D, share?: number): Tensor2D {
    const z = mlp(pass, encoder, "neck.proj", meanOfBodies(pass.tape, pooled, this.data.bodies));
    const found = pass.takeStatistics();
    if (found.length > 0) encoder.track("neck.proj", found, share);
    return z;
  }

  #network(of: "query" | "key" | "predictors"): Network {
    return of === "query" ? this.q : of === "key" ? this.k : this.P;
  }

  *#networks(): Iterable<[string, Network]> {
    yield ["query", this.q];
    yield ["key", this.k];
    yield ["predictors", this.P];
  }
}
