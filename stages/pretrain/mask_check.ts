/**
 * What a model's attention mask does, asked on the same clips every time: eval mode, nothing of the
 * training touched.
 *
 * The spread is that of the mask of clean clips. How well the mask finds what does not belong is asked of
 * clips mixed by part swaps, as training mixes them, by draws of epoch 0, which training has none of.
 * Bodies that their clip does not have, all zero, are left out.
 *
 * @module
 */
import { type Tensor3D, type Tensor5D, tensor5d, tidy } from "@tensorflow/tfjs-core";
import type { SwapDraw } from "../augment/draw_types.ts";
import { drawSwap } from "../augment/draws.ts";
import type { Policy } from "../augment/policy.ts";
import type { ClipStore } from "../clips/clip_store.ts";
import { auc } from "../metrics/auc.ts";
import { type MaskShape, type MaskSpread, MaskVariance } from "../metrics/mask_variance.ts";
import { type DataShape, type ModelConfig, TIME_STRIDE } from "../model/config.ts";
import { SkeAttnCLR } from "../model/skeattnclr.ts";
import { randomStream } from "../random.ts";
import { swapParts } from "../tensor/augment_ops.ts";

/** Clips that are mixed by one draw and computed at once. */
const GROUP = 8;

/** Fewest clips that a swap takes. */
const FEWEST = 3;

/** What was found of a mask. */
export interface MaskFigures extends MaskSpread {
  /**
   * Area under the ROC curve of a token's mask, the mean over its channels: tokens swapped in against the
   * clips' own, all clips together. 0.5 where the mask does not tell them apart, as far below it as above
   * where it does. Null where nothing is swapped.
   */
  readonly auc: number | null;
  /** The same within each body, averaged over the bodies. */
  readonly auc_within: number | null;
}

/** Gives the mask of clips (N, 3, T, V, M): (N M, T/4 * V, D), tokens in order of time, then joint. */
export type MaskOf = (clips: Tensor5D, mixed: boolean, group: number) => Promise<Float32Array>;

/** Clips to ask about, on which every mask is asked the same. */
export class MaskCheck {
  readonly #groups: readonly { readonly clips: Float32Array; readonly size: number }[];
  readonly #swaps: readonly (SwapDraw | null)[];
  readonly #data: { readonly frames: number; readonly joints: number; readonly bodies: number };
  readonly #shape: MaskShape;

  private constructor(
    groups: readonly { clips: Float32Array; size: number }[],
    store: ClipStore,
    channels: number,
    policy: Policy,
  ) {
    this.#groups = groups;
    this.#data = store.meta;
    const { frames, joints } = store.meta;
    this.#shape = { steps: frames / TIME_STRIDE, joints, channels };
    this.#swaps = groups.map(({ size }, i) =>
      policy.swap.enabled && size >= FEWEST ? drawSwap(policy, 0, i, size) : null
    );
  }

  /**
   * Reads the clips.
   *
   * @param clips Their indices, at least one.
   * @param channels Of the mask, D.
   */
  static async read(
    store: ClipStore,
    clips: readonly number[],
    channels: number,
    policy: Policy,
  ): Promise<MaskCheck> {
    const groups: { clips: Float32Array; size: number }[] = [];
    for (let from = 0; from < clips.length; from += GROUP) {
      const part = clips.slice(from, from + GROUP);
      groups.push({ clips: await store.read(part), size: part.length });
    }
    return new MaskCheck(groups, store, channels, policy);
  }

  /** Clean clips, group by group; each is freed once the next one is asked for. */
  *clean(): Iterable<Tensor5D> {
    for (let i = 0; i < this.#groups.length; i++) {
      const clips = this.#tensor(i);
      try {
        yield clips;
      } finally {
        clips.dispose();
      }
    }
  }

  /** What a model's mask does; `after` is called after every group and may throw to end. */
  async ofModel(
    model: SkeAttnCLR,
    after: () => Promise<void> = () => Promise.resolve(),
  ): Promise<MaskFigures> {
    return await this.of(async (clips) => {
      const mask: Tensor3D = model.mask(clips);
      const values = await mask.data<"float32">() as Float32Array;
      mask.dispose();
      await after();
      return values;
    });
  }

  /** What uniform random numbers would be as a mask; they follow from the seed. */
  async ofRandom(seed: number): Promise<MaskFigures> {
    const { steps, joints, channels } = this.#shape;
    return await this.of((clips, mixed, group) => {
      const rows = clips.shape[0] * this.#data.bodies;
      const values = new Float32Array(rows * steps * joints * channels);
      randomStream(seed, mixed ? "random mask, mixed" : "random mask", 0, group).fillUniform(
        values,
      );
      return Promise.resolve(values);
    });
  }

  /** What a mask does. */
  async of(maskOf: MaskOf): Promise<MaskFigures> {
    const spread = new MaskVariance(this.#shape);
    const scores: number[] = [];
    const foreign: number[] = [];
    const within: number[] = [];
    for (const [i, draw] of this.#swaps.entries()) {
      for (const mask of await this.#masks(maskOf, i, null)) spread.add(mask);
      if (draw === null) continue;
      const swapped = this.#swapped(draw);
      for (const mask of await this.#masks(maskOf, i, draw)) {
        const means = this.#tokenMeans(mask);
        const own = auc(means, swapped);
        if (own !== undefined) within.push(own);
        scores.push(...means);
        foreign.push(...swapped);
      }
    }
    const found = auc(Float64Array.from(scores), Uint8Array.from(foreign));
    return {
      ...spread.spread(),
      auc: found ?? null,
      auc_within: within.length === 0
        ? null
        : within.reduce((sum, value) => sum + value, 0) / within.length,
    };
  }

  /** Clips that are asked about. */
  get clips(): number {
    return this.#groups.reduce((sum, { size }) => sum + size, 0);
  }

  /** Bodies that are asked about. */
  get bodies(): number {
    return this.#groups.reduce((sum, _, i) => sum + this.#present(i).length, 0);
  }

  /** Masks of the bodies that are there, of a group as it is or mixed. */
  async #masks(maskOf: MaskOf, group: number, draw: SwapDraw | null): Promise<Float32Array[]> {
    const clean = this.#tensor(group);
    const clips = draw === null ? clean : tidy(() => swapParts(clean, draw, TIME_STRIDE));
    try {
      const values = await maskOf(clips, draw !== null, group);
      const { steps, joints, channels } = this.#shape;
      const size = steps * joints * channels;
      return this.#present(group).map((row) => values.subarray(row * size, (row + 1) * size));
    } finally {
      clean.dispose();
      if (clips !== clean) clips.dispose();
    }
  }

  /** Rows n M + m of the bodies that are not all zero. */
  #present(group: number): number[] {
    const { bodies } = this.#data;
    const { clips, size } = this.#groups[group]!;
    const length = clips.length / size;
    return Array.from({ length: size * bodies }, (_, row) => row).filter((row) => {
      const from = Math.floor(row / bodies) * length;
      for (let at = from + row % bodies; at < from + length; at += bodies) {
        if (clips[at] !== 0) return true;
      }
      return false;
    });
  }

  /** For each token, whether a draw swaps it. */
  #swapped({ t0, ct, joints: chosen }: SwapDraw): Uint8Array {
    const { steps, joints } = this.#shape;
    return Uint8Array.from({ length: steps * joints }, (_, token) => {
      const step = Math.floor(token / joints);
      return step >= t0 && step < t0 + ct && chosen.includes(token % joints) ? 1 : 0;
    });
  }

  #tokenMeans(mask: Float32Array): Float64Array {
    const { steps, joints, channels } = this.#shape;
    return Float64Array.from({ length: steps * joints }, (_, token) => {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += mask[token * channels + c]!;
      return sum / channels;
    });
  }

  #tensor(group: number): Tensor5D {
    const { clips, size } = this.#groups[group]!;
    const { frames, joints, bodies } = this.#data;
    return tensor5d(clips, [size, 3, frames, joints, bodies], "float32");
  }
}

/**
 * What the mask of a model does that has its first weights still; its normalisations' statistics are
 * those of the clips asked about.
 */
export async function untrainedMask(
  check: MaskCheck,
  config: ModelConfig,
  data: DataShape,
  seed: number,
  after?: () => Promise<void>,
): Promise<MaskFigures> {
  // Weights do not depend on the queue, which is not needed.
  const model = SkeAttnCLR.create({ ...config, queue: 1 }, data, seed);
  try {
    await model.calibrate(check.clean());
    return await check.ofModel(model, after);
  } finally {
    model.dispose();
  }
}
