/**
 * The model's tensors by name, in order: what a PyTorch implementation calls them and shapes them,
 * how they are laid out on the device, and how they begin. Imports no tensor library.
 *
 * @module
 */
import { JOINTS } from "../skeleton/joints.ts";
import type { DataShape, ModelConfig } from "./config.ts";
import { PARTITIONS } from "./graph.ts";

/** Frames of the temporal kernel. */
export const TAPS = 9;

/**
 * What a tensor is for: `trained` by gradients, `idle` (the classifier, which pre-training leaves
 * alone), or a running `mean` or `variance` of a batch normalisation.
 */
export type Role = "trained" | "idle" | "mean" | "variance";

/** How a tensor begins. */
export type Kind = "weight" | "bias" | "batch norm weight" | "layer norm weight" | "importance";

/** One tensor. */
export interface ParameterSpec {
  /** PyTorch's name. */
  readonly name: string;
  /** PyTorch's shape. */
  readonly shape: readonly number[];
  readonly role: Role;
  readonly kind: Kind;
  /** Inputs of one output, for weights and for the biases beside them. */
  readonly fanIn: number;
  /** Shape on the device. */
  readonly inner: readonly number[];
  /**
   * PyTorch's shape regrouped, and the order in which its axes lie on the device; absent where the
   * values lie in the same order.
   */
  readonly arrange?: { readonly from: readonly number[]; readonly axes: readonly number[] };
}

/** One block of the backbone. */
export interface BlockSpec {
  readonly inner: number;
  readonly outer: number;
  readonly stride: number;
  /** `none` in the first block, `identity` where shapes allow it, else `conv`. */
  readonly residual: "none" | "identity" | "conv";
}

/** The ten blocks (method section 5). */
export function blockSpecs(
  { width: w, hidden_dim }: Pick<ModelConfig, "width" | "hidden_dim">,
): BlockSpec[] {
  const outer = [w, w, w, w, 2 * w, 2 * w, 2 * w, 4 * w, 4 * w, hidden_dim];
  return outer.map((out, i) => {
    const inner = i === 0 ? 3 : outer[i - 1]!;
    const stride = i === 4 || i === 7 ? 2 : 1;
    const same = inner === out && stride === 1;
    return { inner, outer: out, stride, residual: i === 0 ? "none" : same ? "identity" : "conv" };
  });
}

function weight(
  name: string,
  shape: readonly number[],
  rest: Partial<ParameterSpec> = {},
): ParameterSpec {
  const fanIn = shape.slice(1).reduce((product, n) => product * n, 1);
  return { name, shape, role: "trained", kind: "weight", fanIn, inner: shape, ...rest };
}

function vector(
  name: string,
  size: number,
  kind: Kind,
  fanIn: number,
  rest: Partial<ParameterSpec> = {},
): ParameterSpec {
  return { name, shape: [size], role: "trained", kind, fanIn, inner: [size], ...rest };
}

function batchNorm(name: string, size: number): ParameterSpec[] {
  return [
    vector(`${name}.weight`, size, "batch norm weight", size),
    vector(`${name}.bias`, size, "bias", 0),
    vector(`${name}.running_mean`, size, "bias", 0, { role: "mean" }),
    vector(`${name}.running_var`, size, "bias", 0, { role: "variance" }),
  ];
}

/** A convolution along time: PyTorch's (O, C, taps, 1) lies as (taps, C, O). */
function timeConv(name: string, inner: number, outer: number, taps: number): ParameterSpec[] {
  return [
    weight(`${name}.weight`, [outer, inner, taps, 1], {
      inner: [taps, inner, outer],
      arrange: { from: [outer, inner, taps], axes: [2, 1, 0] },
    }),
    vector(`${name}.bias`, outer, "bias", inner * taps),
  ];
}

/** A spatial convolution: PyTorch's (3 O, C, 1, 1), partition by partition, lies as (3, C, O). */
function graphConv(name: string, inner: number, outer: number): ParameterSpec[] {
  return [
    weight(`${name}.weight`, [PARTITIONS * outer, inner, 1, 1], {
      inner: [PARTITIONS, inner, outer],
      arrange: { from: [PARTITIONS, outer, inner], axes: [0, 2, 1] },
    }),
    vector(`${name}.bias`, PARTITIONS * outer, "bias", inner, { inner: [PARTITIONS, outer] }),
  ];
}

/** Two layers without bias and a batch normalisation between them, as 1 x 1 convolutions. */
function mlp(name: string, inner: number, hidden: number, outer: number): ParameterSpec[] {
  return [
    weight(`${name}.mlp.0.weight`, [hidden, inner, 1], { inner: [hidden, inner] }),
    ...batchNorm(`${name}.mlp.1`, hidden),
    weight(`${name}.mlp.3.weight`, [outer, hidden, 1], { inner: [outer, hidden] }),
  ];
}

/** The tensors of an encoder, in PyTorch's order. */
export function encoderSpecs(config: ModelConfig, data: DataShape): ParameterSpec[] {
  const { hidden_dim: dim, feature_dim } = config;
  const blocks = blockSpecs(config);
  return [
    ...batchNorm("backbone.data_bn", 3 * JOINTS),
    ...blocks.flatMap(({ inner, outer, residual }, i) => {
      const block = `backbone.st_gcn_networks.${i}`;
      return [
        ...graphConv(`${block}.gcn.conv`, inner, outer),
        ...batchNorm(`${block}.tcn.0`, outer),
        ...timeConv(`${block}.tcn.2`, outer, outer, TAPS),
        ...batchNorm(`${block}.tcn.3`, outer),
        ...(residual === "conv"
          ? [
            ...timeConv(`${block}.residual.0`, inner, outer, 1),
            ...batchNorm(`${block}.residual.1`, outer),
          ]
          : []),
      ];
    }),
    weight("backbone.fc.weight", [data.classes, dim], { role: "idle" }),
    vector("backbone.fc.bias", data.classes, "bias", dim, { role: "idle" }),
    ...blocks.map((_, i) =>
      weight(`backbone.edge_importance.${i}`, [PARTITIONS, JOINTS, JOINTS], { kind: "importance" })
    ),
    vector("neck.norm0.weight", dim, "layer norm weight", dim),
    vector("neck.norm0.bias", dim, "bias", 0),
    weight("neck.Attn.qkv.weight", [3 * dim, dim]),
    vector("neck.Attn.qkv.bias", 3 * dim, "bias", dim),
    weight("neck.Attn.proj.weight", [dim, dim]),
    vector("neck.Attn.proj.bias", dim, "bias", dim),
    ...mlp("neck.proj", dim, dim, feature_dim),
  ];
}

/** Names of the predictors, on the query side: of the whole clip, its salient and other part. */
export const PREDICTORS = ["predictor", "predictor_s", "predictor_ns"] as const;

/** The tensors of the three predictors P, P_s, P_ns. */
export function predictorSpecs({ feature_dim, hidden_dim }: ModelConfig): ParameterSpec[] {
  return PREDICTORS.flatMap((name) => mlp(name, feature_dim, hidden_dim, feature_dim));
}

/** Values in a tensor. */
export function volume(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
