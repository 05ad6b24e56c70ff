/**
 * What sits on the backbone (method section 6): the attention mask, the projector and the predictors.
 *
 * @module
 */
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { attention } from "../tensor/ops/attention.ts";
import { layerNorm } from "../tensor/ops/layer_norm.ts";
import { linear } from "../tensor/ops/linear.ts";
import { scaledSigmoid } from "../tensor/ops/pool.ts";
import type { Named, Pass } from "./pass.ts";

/**
 * Mask = sigmoid(Lambda Attention(LayerNorm(X))): per token and channel.
 *
 * @param tokens X (B, L, D).
 * @returns (B, L, D), in (0, 1).
 */
export function attentionMask(
  pass: Pass,
  weights: Named,
  tokens: Tensor3D,
  heads: number,
  Lambda: number,
): Tensor3D {
  const { tape } = pass;
  const y = layerNorm(
    tape,
    tokens,
    weights.get("neck.norm0.weight"),
    weights.get("neck.norm0.bias"),
  );
  const o = attention(tape, y, {
    qkv: weights.get("neck.Attn.qkv.weight"),
    qkvBias: weights.get("neck.Attn.qkv.bias"),
    out: weights.get("neck.Attn.proj.weight"),
    outBias: weights.get("neck.Attn.proj.bias"),
  }, heads);
  return scaledSigmoid(tape, o, Lambda);
}

/**
 * Two layers with batch normalisation and ReLU between them: the projector `neck.proj`, or a
 * predictor.
 *
 * @param x (N, inner).
 * @returns (N, feature_dim).
 */
export function mlp(pass: Pass, weights: Named, name: string, x: Tensor2D): Tensor2D {
  const { tape } = pass;
  const h = linear(tape, x, weights.get(`${name}.mlp.0.weight`));
  const a = pass.normalizeRelu(weights, h, `${name}.mlp.1`);
  return linear(tape, a, weights.get(`${name}.mlp.3.weight`));
}
