/**
 * How many numbers the backbone's tensors hold, block after block, on the `simd` backend. Imports no tensor
 * library, so that a plan can ask.
 *
 * @module
 */
import { JOINTS } from "../skeleton/joints.ts";
import type { DataShape, ModelConfig } from "./config.ts";
import { blockSpecs, type ParameterSpec, type Role, TAPS, volume } from "./parameters.ts";

/** What a backbone's size follows from. */
export type BackboneSize = Readonly<Pick<ModelConfig, "width" | "hidden_dim">>;

/** Most bytes that partial sums of a kernel's gradient take, and most partial sums. */
const SUMS_BYTES = 16 << 20;
const SUMS = 128;

/** Numbers in each of nine taps in Winograd's form: 5 points for each of 3 groups. */
const POINTS = 15;

/** Edges of the graph, each with a product of its own in the gradient of the graph convolution. */
const EDGES = 75;

/** Numbers a channel in the coefficients and statistics of a block's normalisations, at most. */
const VECTORS = 32;

/** Numbers in a slice whose moments a normalisation takes, about. */
const SLICE = 16384;

/** Bytes of a number. */
export const WORD = 4;

/** Numbers in the tensors of one block. */
export interface BlockNumbers {
  /** Its input, (V, T, B, C). */
  readonly input: number;
  /** What the graph convolution gives, and what its normalisation gives. */
  readonly graph: number;
  /** What the temporal convolution gives, and the block. */
  readonly output: number;
  /** What the residual's convolution gives, where there is one. */
  readonly residual: number;
  /** Partial sums while a kernel's gradient is computed. */
  readonly sums: number;
  /** The temporal convolution's kernels, packed for the way they are used. */
  readonly panels: number;
  /** Coefficients and statistics of its normalisations. */
  readonly vectors: number;
}

/**
 * The blocks in order.
 *
 * @param bodies B.
 */
export function blockNumbers(size: BackboneSize, frames: number, bodies: number): BlockNumbers[] {
  let time = frames;
  return blockSpecs(size).map(({ inner, outer, stride, residual }) => {
    const input = bodies * JOINTS * time * inner;
    const graph = bodies * JOINTS * time * outer;
    time /= stride;
    const output = bodies * JOINTS * time * outer;
    const beside = residual === "conv" ? output : 0;
    return {
      input,
      graph,
      output,
      residual: beside,
      sums: sums(outer),
      panels: POINTS * across(outer),
      vectors: outer * (VECTORS + 2 * (graph + output + beside) / SLICE),
    };
  });
}

/** Numbers of a batch of clips. */
export function clipNumbers({ frames }: DataShape, bodies: number): number {
  return bodies * 3 * frames * JOINTS;
}

/**
 * Most numbers that a block needs at once where no gradient is wanted: input, graph convolution, its
 * normalisation, temporal convolution, and residual and output or packed kernels; or the clips on their way into the first.
 */
export function forwardNumbers(size: BackboneSize, data: DataShape, bodies: number): number {
  const each = blockNumbers(size, data.frames, bodies).map(
    ({ input, graph, output, residual, panels, vectors }) =>
      input + 2 * graph + output + Math.max(output + residual, panels) + vectors,
  );
  return Math.max(3 * clipNumbers(data, bodies), ...each);
}

/** Numbers of some tensors, or of those with a role among them. */
export function specNumbers(specs: readonly ParameterSpec[], of?: Role): number {
  return specs.filter(({ role }) => of === undefined || role === of)
    .reduce((sum, { shape }) => sum + volume(shape), 0);
}

/** Partial sums of the gradients of kernels between that many channels. */
function sums(channels: number): number {
  const each = across(channels);
  const temporal = Math.min(SUMS_BYTES / WORD, SUMS * Math.max(POINTS, TAPS) * each);
  return Math.max(temporal, EDGES * each);
}

/** Numbers of a matrix between that many channels, as kernels pad it. */
function across(channels: number): number {
  return upTo(channels, 4) * upTo(channels, 8);
}

function upTo(n: number, multiple: number): number {
  return Math.ceil(n / multiple) * multiple;
}
