/**
 * A model on made-up clips, for timing its pre-training steps and evaluation passes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { SwapDraw } from "../augment/draw_types.ts";
import { type ModelConfig, modelConfig, TIME_STRIDE } from "../model/config.ts";
import { disposeStep, type StepOutput } from "../model/model_types.ts";
import { clipsOf, disposeClips } from "../model/present_bodies.ts";
import { SkeAttnCLR } from "../model/skeattnclr.ts";
import { randomStream } from "../random.ts";
import { JOINTS } from "../skeleton/joints.ts";
import { jointsOfParts } from "../skeleton/parts.ts";
import { freeMemory } from "../tensor/free_memory.ts";

/** What is trained, on what. */
export interface TrainingSize {
  readonly width: number;
  /** hidden_dim. */
  readonly hidden: number;
  /** Clips in a batch, at least 3. */
  readonly batch: number;
  readonly bodies: number;
  /** A multiple of 4. */
  readonly frames: number;
  /** A multiple of the batch. */
  readonly queue: number;
}

/** A part swap of the middle of every clip, the same that the peer makes. */
const PARTS = [0, 3, 4];

/** See the module. */
export class Training {
  readonly config: ModelConfig;
  readonly #size: TrainingSize;
  readonly #model: SkeAttnCLR;
  readonly #views: readonly [tf.Tensor5D, tf.Tensor5D];
  readonly #clips: Float32Array;
  readonly #oneBody: Float32Array;
  #steps = 0;

  constructor(size: TrainingSize) {
    const { width, hidden, queue, bodies, frames, batch } = size;
    this.config = modelConfig({ width, hidden_dim: hidden, queue });
    this.#size = size;
    this.#model = SkeAttnCLR.create(this.config, { bodies, frames, classes: 60 }, 1);
    const shape: [number, number, number, number, number] = [batch, 3, frames, JOINTS, bodies];
    const values = (seed: number) => {
      const clips = new Float32Array(shape.reduce((product, n) => product * n, 1));
      randomStream(seed, "bench/clips").fillNormal(clips, 0, 0.3);
      return clips;
    };
    this.#clips = values(1);
    this.#oneBody = this.#clips.map((value, i) => i % bodies === 0 ? value : 0);
    this.#views = [tf.tensor5d(values(2), shape), tf.tensor5d(values(3), shape)];
  }

  /** Takes a pre-training step, until its loss can be read. */
  async step(): Promise<void> {
    await this.steps(1);
  }

  /**
   * Takes pre-training steps one after the other, until the last one's loss can be read.
   *
   * @returns Seconds in which they were asked for, and seconds of waiting after that: on a backend that
   * computes at once the second is nothing, on one that computes beside this thread the first is.
   */
  async steps(count: number): Promise<{ asking: number; waiting: number }> {
    const begun = performance.now();
    for (let i = 1; i < count; i++) this.begin();
    const out = this.#take();
    const asked = performance.now();
    await out.total.data();
    disposeStep(out);
    return { asking: (asked - begun) / 1000, waiting: (performance.now() - asked) / 1000 };
  }

  /** Asks for a pre-training step, and does not wait for it. */
  begin(): void {
    disposeStep(this.#take());
  }

  #take(): StepOutput {
    const { batch, frames } = this.#size;
    const i = this.#steps++;
    const tokens = frames / TIME_STRIDE;
    const swap: SwapDraw = {
      shift: 1 + i % (batch - 1),
      parts: PARTS,
      joints: jointsOfParts(PARTS),
      t0: Math.floor(3 * tokens / 16),
      ct: Math.max(1, Math.floor(5 * tokens / 16)),
    };
    const rates = { lr: 0.1, emaMomentum: 0.996, dropoutKey: [1, i] as const };
    return this.#model.step(...this.#views, swap, rates);
  }

  /** Class scores of a batch in evaluation mode, from numbers in memory to numbers in memory. */
  async evaluate(which: "all bodies" | "one body"): Promise<void> {
    const { batch, frames, bodies } = this.#size;
    const values = which === "all bodies" ? this.#clips : this.#oneBody;
    const clips = clipsOf(values, { clips: batch, frames, joints: JOINTS, bodies });
    const scores = this.#model.logits(clips);
    await scores.data();
    tf.dispose(scores);
    disposeClips(clips);
  }

  /** Frees the model, and what the backend keeps for tensors of its shapes. */
  dispose(): void {
    tf.dispose([...this.#views]);
    this.#model.dispose();
    freeMemory();
  }
}
