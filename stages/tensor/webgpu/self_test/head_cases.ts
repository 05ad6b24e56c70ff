/**
 * Cases of the self-test for what follows the backbone, and for losses.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { attention } from "../../ops/attention.ts";
import { batchNormRelu, batchNormReluEval } from "../../ops/batch_norm.ts";
import { clipGradients } from "../../ops/clip_gradients.ts";
import { crossEntropy } from "../../ops/cross_entropy.ts";
import { infoNce, normalizeRows } from "../../ops/info_nce.ts";
import { layerNorm } from "../../ops/layer_norm.ts";
import { linear, meanOfBodies } from "../../ops/linear.ts";
import { maskPool, poolTokens, rowOf, scaledSigmoid, tokensOf } from "../../ops/pool.ts";
import { totalLoss } from "../../ops/total_loss.ts";
import type { ModelSizes } from "./model_sizes.ts";
import { type Draw, type SelfTestCase } from "./self_test_case.ts";
import { augmentation, framesOf, updates } from "./step_cases.ts";

/** More rows than the smallest tile has, and a number that no tile divides. */
const ROWS = 70;

const JOINTS = 25;
const BODIES = 2;

/** Steps of tokens. */
const stepsOf = (sizes: ModelSizes) => framesOf(sizes) / 4;

const near = (size: number, shift = 0): Draw => ({ shape: [size], scale: 0.3, shift });
const matrix = (outer: number, inner: number): Draw => ({
  shape: [outer, inner],
  scale: 2 * inner ** -0.5,
});

/** A projector or predictor: two dense layers with a normalisation between them. */
function mlp({ hidden_dim: d, feature_dim: f }: ModelSizes): SelfTestCase {
  return {
    name: `projector ${d} > ${f}`,
    parameters: {
      x: { shape: [BODIES * ROWS, d] },
      first: matrix(d, d),
      weight: near(d, 1),
      bias: near(d),
      second: matrix(f, d),
    },
    run(tape, inputs, say) {
      const mean = say("meanOfBodies", meanOfBodies(tape, inputs.x as Tensor2D, BODIES));
      const h = say("linear", linear(tape, mean, inputs.first as Tensor2D));
      const { y: a } = batchNormRelu(tape, h, {
        weight: inputs.weight as Tensor1D,
        bias: inputs.bias as Tensor1D,
      });
      const z = say("batchNormRelu, linear", linear(tape, a, inputs.second as Tensor2D));
      return say("normalizeRows", normalizeRows(tape, z));
    },
  };
}

/** The attention mask and what it splits. */
function mask(sizes: ModelSizes): SelfTestCase {
  const { hidden_dim: d, heads } = sizes;
  return {
    name: `attention mask ${d}, ${heads} heads`,
    parameters: {
      f: { shape: [JOINTS, stepsOf(sizes), 1, d] },
      "norm weight": near(d, 1),
      "norm bias": near(d),
      qkv: matrix(3 * d, d),
      "qkv bias": near(3 * d),
      out: matrix(d, d),
      "out bias": near(d),
    },
    run(tape, inputs, say) {
      const tokens = say("tokensOf", tokensOf(tape, inputs.f as Tensor4D));
      const y = say(
        "layerNorm",
        layerNorm(
          tape,
          tokens,
          inputs["norm weight"] as Tensor1D,
          inputs["norm bias"] as Tensor1D,
        ),
      );
      const o = say(
        "attention",
        attention(tape, y, {
          qkv: inputs.qkv as Tensor2D,
          qkvBias: inputs["qkv bias"] as Tensor1D,
          out: inputs.out as Tensor2D,
          outBias: inputs["out bias"] as Tensor1D,
        }, heads),
      );
      const shares = say("scaledSigmoid", scaledSigmoid(tape, o, 2));
      const parts = say("maskPool", maskPool(tape, tokens, shares));
      return say("row", rowOf(tape, parts, 1));
    },
  };
}

function pool({ hidden_dim: d }: ModelSizes): SelfTestCase {
  return {
    name: `pool ${d}`,
    parameters: { f: { shape: [5, 9, BODIES, d] } },
    run: (tape, { f }, say) => say("poolTokens", poolTokens(tape, f as Tensor4D)),
  };
}

/** Evaluation's dense layers. */
function mlpEval({ hidden_dim: d, feature_dim: f }: ModelSizes): SelfTestCase {
  return {
    name: `projector ${d} > ${f}, eval`,
    constants: {
      x: { shape: [BODIES * ROWS, d] },
      first: matrix(d, d),
      weight: near(d, 1),
      bias: near(d),
      mean: near(d),
      variance: near(d, 1),
      second: matrix(f, d),
    },
    run(tape, inputs, say) {
      const each = meanOfBodies(tape, inputs.x as Tensor2D, BODIES);
      const h = say("linear", linear(tape, each, inputs.first as Tensor2D));
      const weights = { weight: inputs.weight as Tensor1D, bias: inputs.bias as Tensor1D };
      const a = batchNormReluEval(h, weights, {
        mean: inputs.mean as Tensor1D,
        variance: inputs.variance as Tensor1D,
      });
      say("batchNormReluEval, linear", linear(tape, a, inputs.second as Tensor2D));
      return undefined;
    },
  };
}

function loss({ feature_dim: f }: ModelSizes, more: boolean): SelfTestCase {
  const rows: Draw = { shape: [ROWS, f], scale: 2 * f ** -0.5 };
  return {
    name: `InfoNCE ${f}${more ? ", extra keys" : ""}`,
    constants: { k: rows, queue: { ...rows, shape: [3 * ROWS, f] }, extra: rows },
    parameters: { q: rows },
    run(tape, { q, k, queue, extra }, say) {
      const [keys, all] = [k as Tensor2D, queue as Tensor2D];
      const beside = more ? extra as Tensor2D : null;
      const { loss, positive, negative } = infoNce(tape, q as Tensor2D, keys, all, beside, 0.2);
      say("positive", positive);
      say("negative", negative);
      say("totalLoss", totalLoss(loss, positive, negative, 0.3));
      return say("infoNce", loss);
    },
  };
}

/** A classifier's last layer, loss and clipping. */
function classifier({ hidden_dim: d }: ModelSizes): SelfTestCase {
  const classes = 10;
  return {
    name: `classifier ${d}`,
    parameters: { x: { shape: [BODIES * ROWS, d] }, w: matrix(classes, d), b: near(classes) },
    run(tape, { x, w, b }, say) {
      const each = say("meanOfBodies", meanOfBodies(tape, x as Tensor2D, BODIES));
      const logits = say("linear", linear(tape, each, w as Tensor2D, b as Tensor1D));
      const shares = Float32Array.from(
        { length: ROWS * classes },
        (_, i) => Math.floor(i / classes) % classes === i % classes ? 1 : 0,
      );
      const oneHot = tf.tensor2d(shares, [ROWS, classes]);
      const loss = say("crossEntropy", crossEntropy(tape, logits, oneHot));
      const clipped = clipGradients([tf.clone(x!), tf.clone(w!)], 0.5);
      clipped.forEach((gradient, i) => say(`clipGradients ${i}`, gradient));
      return loss;
    },
  };
}

/** Cases for what pre-training has beside the backbone. */
export function contrastCases(sizes: ModelSizes): SelfTestCase[] {
  const losses = [loss(sizes, false), loss(sizes, true)];
  return [mlp(sizes), mask(sizes), pool(sizes), ...losses, updates, augmentation(sizes)];
}

/** Cases for what evaluation has beside the backbone. */
export function evaluationCases(sizes: ModelSizes): SelfTestCase[] {
  return [mlpEval(sizes), pool(sizes)];
}

/** Cases for what training with labels has beside the backbone. */
export function classifierCases(sizes: ModelSizes): SelfTestCase[] {
  return [classifier(sizes), pool(sizes), updates, augmentation(sizes)];
}
