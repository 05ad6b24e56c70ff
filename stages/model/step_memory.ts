/**
 * How much memory a pre-training step takes on the `simd` backend, before it is taken. Imports no tensor
 * library, so that a plan can ask.
 *
 * The step is walked through as the model takes it. What lies in memory at a moment follows from what
 * each operation saves for its gradient: of a block of the backbone, its input x, what the graph
 * convolution gave (g), that normalised (a), what the temporal convolution gave (t), what the residual's
 * convolution gave (c), and one bit or two a number of its end. Both recorded passes are held when the
 * moments of most memory come: inside the widest block of the keys' pass, at the gradients of attention
 * and losses, and at the gradients of the mixed pass's blocks.
 *
 * Held against what was measured, from a width of 8 and 128 channels to 64 and 256, it is at most 4 % too
 * high and never too low.
 *
 * @module
 */
import { JOINTS } from "../skeleton/joints.ts";
import { type DataShape, type ModelConfig, TIME_STRIDE } from "./config.ts";
import {
  blockSpecs,
  encoderSpecs,
  type ParameterSpec,
  predictorSpecs,
  type Role,
  TAPS,
  volume,
} from "./parameters.ts";

/** Most bytes that partial sums of a kernel's gradient take, and most partial sums. */
const SUMS_BYTES = 16 << 20;
const SUMS = 128;

/** Numbers in each of nine taps in Winograd's form: 5 points for each of 3 groups. */
const POINTS = 15;

/** Edges of the graph, each with a product of its own in the gradient of the graph convolution. */
const EDGES = 75;

/** Rows of the queue that one item of a job takes. */
const QUEUE_ROWS = 256;

/** Rows that a slice of a long matrix product has, at least, and most slices. */
const SLICE_ROWS = 1024;
const SLICES = 32;

/** Bytes of a number. */
const WORD = 4;

/** Numbers in the tensors of a block of the backbone. */
interface BlockNumbers {
  /** Its input. */
  readonly x: number;
  /** What the graph convolution gives, and a of the same size. */
  readonly g: number;
  /** What the temporal convolution gives, and the output of the same size. */
  readonly t: number;
  /** The residual, where a convolution makes it. */
  readonly c: number;
  /** All that stays until the gradient has flowed back. */
  readonly kept: number;
  /** Partial sums while a kernel's gradient is computed. */
  readonly sums: number;
}

/**
 * Bytes of the kernels' memory in use at the peak of a pre-training step, beside what threads have of
 * their own.
 *
 * @param batch Clips in a batch, N.
 * @param sums Numbers of partial sums while the gradient of a kernel between so many channels is computed.
 */
export function stepBytes(
  config: ModelConfig,
  data: DataShape,
  batch: number,
  sums: (channels: number) => number = sumsOf,
): number {
  const { hidden_dim: dim, feature_dim, queue, heads } = config;
  const bodies = batch * data.bodies;
  const tokens = bodies * JOINTS * data.frames / TIME_STRIDE;
  const features = tokens * dim;
  const clips = bodies * 3 * data.frames * JOINTS;
  const blocks = blockNumbers(config, data.frames, bodies, sums);

  // Two views and the mixed clips, as a stream too where that is another; normalised in both passes.
  const inputs = (config.stream === "joint" ? 5 : 8) * clips;
  const passes = 2 * blocks.reduce((sum, { kept }) => sum + kept, 0);
  // F of both passes; tokens, LayerNorm, the attention's output and the mask of the mixed one.
  const layers = 6 * features + 2 * tokens;
  // Queries, keys, values and the heads side by side, with two numbers a row of each head's.
  const attention = 4 * features + 2 * heads * tokens;
  const held = stateNumbers(config, data) + queue * feature_dim + inputs + passes + layers +
    attention;

  const keys = Math.max(3 * clips, ...blocks.map(({ x, g, t, c }) => x + 2 * g + 2 * t + c));
  // F and the tokens of the keys are there from here on.
  const slices = Math.min(SLICES, Math.ceil(tokens / SLICE_ROWS));
  const neck = 7 * features + slices * 3 * dim * dim;
  let most = Math.max(keys, 2 * features + Math.max(neck, queueSums(config, batch)));
  let freed = attention - 2 * features;
  for (const { x, g, t, c, kept, sums } of blocks.toReversed()) {
    const end = c > 0 ? 4 * t : 3 * t;
    const residual = c > 0 ? 2 * t + x + sums : t;
    const temporal = t + g + x + sums;
    const spatial = Math.max(2 * g + x, g + 2 * x + sums, 3 * x);
    most = Math.max(most, Math.max(end, residual, temporal, spatial) - freed);
    freed += kept;
  }
  return Math.ceil(WORD * (held + most));
}

/** What the blocks hold, in order. */
function blockNumbers(
  config: ModelConfig,
  frames: number,
  bodies: number,
  sums: (channels: number) => number,
): BlockNumbers[] {
  let time = frames;
  return blockSpecs(config).map(({ inner, outer, stride, residual }, i) => {
    const x = bodies * JOINTS * time * inner;
    const g = bodies * JOINTS * time * outer;
    time /= stride;
    const t = bodies * JOINTS * time * outer;
    const c = residual === "conv" ? t : 0;
    const bits = (config.dropout > 0 && i > 0 ? 2 : 1) * t / 32;
    return { x, g, t, c, kept: x + 2 * g + t + c + bits, sums: sums(outer) };
  });
}

/** Partial sums of the gradients of kernels between that many channels. */
function sumsOf(channels: number): number {
  const across = upTo(channels, 4) * upTo(channels, 8);
  const temporal = Math.min(SUMS_BYTES / WORD, SUMS * Math.max(POINTS, TAPS) * across);
  return Math.max(temporal, EDGES * across);
}

/** Weights, gradients, momenta and running statistics of all networks. */
function stateNumbers(config: ModelConfig, data: DataShape): number {
  const count = (specs: readonly ParameterSpec[], of?: Role) =>
    specs.filter(({ role }) => of === undefined || role === of)
      .reduce((sum, { shape }) => sum + volume(shape), 0);
  const [encoder, predictors] = [encoderSpecs(config, data), predictorSpecs(config)];
  return 2 * count(encoder) + count(predictors) +
    2 * (count(encoder, "trained") + count(predictors, "trained"));
}

/** Sums over parts of the queue in a loss's gradient. */
function queueSums({ queue, feature_dim }: ModelConfig, batch: number): number {
  return (Math.ceil(queue / QUEUE_ROWS) + 1) * upTo(batch, 8) * upTo(feature_dim, 8);
}

function upTo(n: number, multiple: number): number {
  return Math.ceil(n / multiple) * multiple;
}
