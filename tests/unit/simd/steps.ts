/**
 * Steps of a small model on the backend in use, from inputs that are the same whenever they are made.
 *
 * @module
 */
import { type Tensor, tensor } from "@tensorflow/tfjs-core";
import { disposeStep } from "../../../stages/model/model_types.ts";
import { modelConfig } from "../../../stages/model/config.ts";
import { SkeAttnCLR } from "../../../stages/model/skeattnclr.ts";
import { randomStream, streamKey } from "../../../stages/random.ts";
import { JOINTS } from "../../../stages/skeleton/joints.ts";

/** What to train. */
export interface SmallModel {
  readonly width: number;
  readonly hidden_dim: number;
  readonly feature_dim: number;
  readonly heads: number;
  readonly queue: number;
  readonly batch: number;
  readonly frames: number;
  readonly bodies: number;
  readonly stream?: "joint" | "motion" | "bone";
}

/** A model that takes a hundred steps in seconds. */
export const SMALLEST: SmallModel = {
  width: 4,
  hidden_dim: 16,
  feature_dim: 8,
  heads: 2,
  queue: 16,
  batch: 4,
  frames: 8,
  bodies: 1,
};

/** A model on its way. */
export class Steps implements Disposable {
  readonly model: SkeAttnCLR;
  readonly #shape: number[];
  #done = 0;

  constructor(readonly small: SmallModel) {
    const { batch, frames, bodies, ...config } = small;
    const data = { frames, bodies, classes: 3 };
    this.model = SkeAttnCLR.create(modelConfig({ ...config, init: "pytorch" }), data, 5);
    this.#shape = [batch, 3, frames, JOINTS, bodies];
  }

  /** Takes steps, each on clips of its own; returns the losses L_z, which are read back as in training. */
  async take(steps: number): Promise<number[]> {
    const { batch } = this.small;
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) {
      const at = this.#done++;
      const [query, key] = [this.#clips("query", at), this.#clips("key", at)];
      const swap = {
        shift: 1 + at % (batch - 1),
        t0: 0,
        ct: 1,
        parts: [],
        joints: [at % JOINTS, 3],
      };
      const out = this.model.step(query, key, swap, {
        lr: 0.01,
        emaMomentum: 0.9,
        dropoutKey: streamKey(5, "dropout", 1, at),
      });
      query.dispose();
      key.dispose();
      losses.push((await out.L_z.data())[0]!);
      disposeStep(out);
    }
    return losses;
  }

  /** All bytes of the state, by name. */
  async bytes(): Promise<Readonly<Record<string, string>>> {
    const state = await this.model.state();
    return Object.fromEntries(
      [...state].map(([name, { data }]) => [
        name,
        new Uint8Array(data.buffer, data.byteOffset, data.byteLength).toHex(),
      ]),
    );
  }

  [Symbol.dispose](): void {
    this.model.dispose();
  }

  #clips(view: string, step: number): Tensor {
    const random = randomStream(5, view, step);
    const size = this.#shape.reduce((product, n) => product * n, 1);
    const values = Float32Array.from({ length: size }, () => random.uniform() - 0.5);
    return tensor(values, this.#shape);
  }
}
