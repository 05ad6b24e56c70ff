/**
 * Cases of the self-test for what follows the backbone, for losses, updates and augmentation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D, Tensor4D, Tensor5D } from "@tensorflow/tfjs-core";
import type { Policy } from "../../../augment/policy.ts";
import { KeyQueue } from "../../../model/key_queue.ts";
import { swapParts, toStream } from "../../augment_ops.ts";
import { drawnViews } from "../../drawn_views.ts";
import { FlatTensors } from "../../flat_tensors.ts";
import { attention } from "../../ops/attention.ts";
import { batchNormRelu, batchNormReluEval } from "../../ops/batch_norm.ts";
import { clipGradients } from "../../ops/clip_gradients.ts";
import { crossEntropy } from "../../ops/cross_entropy.ts";
import { infoNce, normalizeRows } from "../../ops/info_nce.ts";
import { layerNorm } from "../../ops/layer_norm.ts";
import { linear, meanOfBodies } from "../../ops/linear.ts";
import { maskPool, poolTokens, rowOf, scaledSigmoid, tokensOf } from "../../ops/pool.ts";
import { type Draw, evenNumbers, type SelfTestCase } from "./self_test_case.ts";

/** Sizes that the texts of kernels hang on. */
export interface ModelSizes {
  readonly width: number;
  readonly hidden_dim: number;
  readonly feature_dim: number;
  readonly heads: number;
}

/** More rows than the smallest tile has, and a number that no tile divides. */
const ROWS = 70;

const JOINTS = 25;
const BODIES = 2;

/** Frames of clips, and of tokens: those of the data sets, but for toys. */
const framesOf = ({ width }: ModelSizes) => width < 16 ? 16 : 64;
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
      return say("infoNce", loss);
    },
  };
}

/** A classifier's last layer, loss and clipping. */
function classifier({ hidden_dim: d }: ModelSizes): SelfTestCase {
  const classes = 10;
  return {
    name: `classifier ${d}`,
    parameters: { x: { shape: [ROWS, d] }, w: matrix(classes, d), b: near(classes) },
    run(tape, { x, w, b }, say) {
      const logits = say("linear", linear(tape, x as Tensor2D, w as Tensor2D, b as Tensor1D));
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

/** One-pass updates of flat buffers, with more parts than any device binds at once. */
const updates: SelfTestCase = {
  name: "updates",
  run(_tape, _inputs, say) {
    const slots = Array.from({ length: 30 }, (_, i) => ({ name: `${i}`, inner: [30 + 5 * i] }));
    const size = slots.reduce((sum, { inner }) => sum + inner[0]!, 0);
    const trained = new FlatTensors(slots, evenNumbers(size, 1));
    const momenta = new FlatTensors(slots, evenNumbers(size, 2));
    const options = { lr: 0.1, momentum: 0.9, weightDecay: 1e-2 };
    const gradients = slots.map(({ inner }, i) => tf.tensor1d(evenNumbers(inner[0]!, 3 + i)));
    const buffer = trained.descend(gradients, momenta.flat, options);
    const all = (tensors: FlatTensors) => tf.concat1d(tensors.views as Tensor1D[]);
    say("sgd", all(trained));
    say("sum of the momenta", tf.sum(buffer));
    if (buffer !== momenta.flat) buffer.dispose();
    const average = new FlatTensors(slots, evenNumbers(size, 40));
    average.follow(trained.views, 0.9);
    say("ema", all(average));
    average.dispose();
    momenta.dispose();
    trained.dispose();
    const queue = new KeyQueue(evenNumbers(96, 4), 8);
    queue.push(tf.tensor2d(evenNumbers(32, 5), [4, 8]));
    queue.push(tf.tensor2d(evenNumbers(32, 6), [4, 8]));
    say("enqueue", tf.clone(queue.keys));
    queue.dispose();
    return undefined;
  },
};

const policy = (frames: number): Policy => ({
  format: "policy/1",
  frames,
  seed: 5,
  crop: {
    enabled: true,
    ratio: 6,
    pad: Math.floor(frames / 6),
    starts: 2 * Math.floor(frames / 6) + 1,
  },
  shear: { enabled: true, amplitude: 0.5 },
  rotate: { degrees: [10, 20, 30] },
  resize: { shortest: 0.6 },
  swap: { enabled: true, parts: [2, 3], tokens: [1, 2], tokens_total: 2, frames_per_token: 4 },
  random: {
    generator: "threefry2x32-20",
    streams: {
      query: { crop: "q/crop", shear: "q/shear", rotate: "q/rotate", resize: "q/resize" },
      key: { crop: "k/crop", shear: "k/shear", rotate: "k/rotate", resize: "k/resize" },
      swap: "swap",
    },
  },
});

/** Views, part swaps and streams. */
function augmentation(sizes: ModelSizes): SelfTestCase {
  const frames = framesOf(sizes);
  return {
    name: `augmentation of ${frames} frames`,
    constants: { clips: { shape: [3, 3, frames, JOINTS, BODIES] } },
    run(_tape, inputs, say) {
      const clips = inputs.clips as Tensor5D;
      const draws = { policy: policy(frames), view: "query", epoch: 2 } as const;
      const indices = Uint32Array.of(3, 1, 1000);
      say("drawnViews", drawnViews(clips, { ...draws, indices }));
      const swap = { shift: 1, parts: [0, 3], joints: [1, 2, 5, 20], t0: 1, ct: 2 };
      say("swapParts", swapParts(clips, swap, 4));
      for (const stream of ["motion", "bone"] as const) {
        say(`toStream ${stream}`, toStream(clips, stream));
      }
      return undefined;
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
