// Interface first, so that the stages on top can be written; the implementation follows.
import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import type { SwapDraw } from "../augment/draw_types.ts";
import type { SafeTensor } from "../formats/safetensors.ts";
import type { DataShape, ModelConfig } from "./config.ts";
import type { StepOptions, StepOutput } from "./model_types.ts";

/** A SkeAttnCLR model in training. Clips are joint-space tensors (N, 3, T, 25, M) on the device. */
export declare class SkeAttnCLR {
  readonly config: ModelConfig;
  readonly data: DataShape;
  /** A model with first weights drawn from `seed`. A backend must have been started before. */
  static create(config: ModelConfig, data: DataShape, seed: number): SkeAttnCLR;
  /**
   * One pre-training step on two augmented views (method section 7); nothing is read back.
   * `xq`, `xk`: (N, 3, T, 25, M), left as they are. `swap`: null for no part swap.
   */
  step(xq: Tensor, xk: Tensor, swap: SwapDraw | null, options: StepOptions): StepOutput;
  /** Pooled backbone features in eval mode: (N, hidden_dim). Converts to the model's stream. */
  features(x: Tensor): Tensor2D;
  /** Projector outputs z in eval mode, not normalised: (N, feature_dim). */
  embed(x: Tensor): Tensor2D;
  /** Attention mask in eval mode: (N M, T/4 * 25, hidden_dim), tokens in order of time, then joint. */
  mask(x: Tensor): Tensor3D;
  /** Sets batch-norm running statistics to the averages over some batches (N, 3, T, 25, M); no dropout. */
  calibrate(batches: AsyncIterable<Tensor> | Iterable<Tensor>): Promise<void>;
  /** Everything that the next step depends on, read back, in a fixed order. */
  state(): Promise<Map<string, SafeTensor>>;
  /** Puts back what {@link state} gave, to the bit. */
  restore(state: ReadonlyMap<string, SafeTensor>): void;
  /** Weights by PyTorch names and shapes. Default: the query encoder's. */
  exportWeights(of?: "query" | "key"): Promise<Map<string, SafeTensor>>;
  /** Takes weights as {@link exportWeights} gives them; the default sets the query encoder's. */
  loadWeights(weights: ReadonlyMap<string, SafeTensor>, of?: "query" | "key"): void;
  /** Frees everything the model holds on the device. */
  dispose(): void;
}
