/**
 * What tiles are tried on: for each class of shape that has a tile of its own, work that training does of it,
 * and the tiles that might do it best.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { adjacency, PARTITIONS } from "../model/graph.ts";
import { JOINTS } from "../skeleton/joints.ts";
import { EdgeTensors } from "../tensor/ops/graph_conv.ts";
import { attention } from "../tensor/ops/attention.ts";
import { linear } from "../tensor/ops/linear.ts";
import { temporalConv } from "../tensor/ops/temporal_conv.ts";
import { NO_TAPE, Tape } from "../tensor/tape.ts";
import { ATTENTION_CLASSES, attentionCandidates } from "../tensor/webgpu/attention_tiles.ts";
import { edgeProducts } from "../tensor/webgpu/edge_products.ts";
import { graphTables } from "../tensor/webgpu/graph_edges.ts";
import { loadsAlone, threadsOf, type Tile, tileBytes, tileName } from "../tensor/webgpu/product.ts";
import { DIRECTLY, TILE_CANDIDATES, type TileTable, usualTiles } from "../tensor/webgpu/tiles.ts";

/** How much is tried. */
export interface TrialOptions {
  /** Whether the adapter computes in software: less work then, and fewer tiles. */
  readonly software: boolean;
  readonly limits: Pick<
    GPUSupportedLimits,
    "maxComputeInvocationsPerWorkgroup" | "maxComputeWorkgroupStorageSize"
  >;
}

/** Work of a class of shape. */
export interface Trial {
  /** The class, as the tile table names it. */
  readonly name: string;
  /** Tiles to try beside the usual one. */
  readonly candidates: readonly Tile[];
  /** Entries of the tile table that its work needs to be of the class. */
  readonly beside?: TileTable;
  /** Has the work done by the tiles in use. */
  run(): void;
  /** Frees what it works on. */
  dispose(): void;
}

/** Frames of a convolution's kernel. */
const TAPS = 9;

/** Columns of the result, by class: the convolutions that training has most of. */
const CHANNELS: Readonly<Record<string, number>> = {
  "many x 16": 16,
  "many x 32": 32,
  "many x 64": 64,
  "many x many": 256,
};

/** Classes of {@link CHANNELS} that convolutions by minimal filtering have of their own. */
const MINIMAL = ["many x 32", "many x 64", "many x many"];

/** Rows and columns of each product in a batch, by class: those of the graph's edges. */
const BATCHES: Readonly<Record<string, number>> = {
  "batch 16": 16,
  "batch 32": 32,
  "batch 64": 64,
};

/** Rows and columns of the small products behind the backbone. */
const FEW = 32;

/** Classes that are tried in software: those of small models. */
const IN_SOFTWARE = ["many x 16", "many x 64"];

/** All trials for a device. The caller disposes of them. */
export function trialsFor(options: TrialOptions): Trial[] {
  const names = Object.keys(CHANNELS).filter((name) =>
    !options.software || IN_SOFTWARE.includes(name)
  );
  const trials = names.map((name) => convolution(name, CHANNELS[name]!, options));
  if (options.software) return trials;
  const batches = Object.keys(BATCHES).map((name) => edges(name, BATCHES[name]!, options));
  const attentions = ATTENTION_CLASSES.map(attentionOf);
  const minimal = MINIMAL.map((name) => minimalConvolution(name, options));
  return [dense("16x16", options), ...batches, ...trials, ...minimal, ...attentions];
}

/** Classes of which there is a trial on a GPU. */
export const TRIED_CLASSES: readonly string[] = [
  "16x16",
  ...ATTENTION_CLASSES,
  ...Object.keys(BATCHES),
  ...Object.keys(CHANNELS),
  ...MINIMAL.map((name) => `minimal ${name}`),
];

/** A convolution along time, forward and backward (in software forward alone). */
function convolution(name: string, channels: number, options: TrialOptions): Trial {
  const { software } = options;
  const bodies = software ? 4 : 64;
  const frames = software ? 16 : channels <= 64 ? 64 : 16;
  const x = filled<Tensor4D>([JOINTS, frames, bodies, channels]);
  const w = filled<Tensor3D>([TAPS, channels, channels]);
  const dy = filled<Tensor4D>(x.shape);
  const most = channels <= 64 ? channels : 128;
  return {
    name,
    // More columns than there are would be lost work, and fewer load the activations again for each part.
    candidates: fitting(name, options, ({ n }) => n <= most && n >= Math.min(most, 64)),
    run: () =>
      tf.tidy(() => {
        if (software) return void temporalConv(NO_TAPE, x, w, 1);
        const tape = new Tape([x, w]);
        tape.gradients([[temporalConv(tape, x, w, 1), dy]], [x, w]);
      }),
    ...MINIMAL.includes(name) ? { beside: { [`minimal ${name}`]: DIRECTLY } } : {},
    dispose: () => tf.dispose([x, w, dy]),
  };
}

/** The same convolution by minimal filtering, or directly. */
function minimalConvolution(name: string, options: TrialOptions): Trial {
  const { beside: _, candidates, ...direct } = convolution(name, CHANNELS[name]!, options);
  const own = `minimal ${name}`;
  const tiles = [usualTiles()[name]!, ...candidates, DIRECTLY];
  const usual = tileName(usualTiles()[own]!);
  return { ...direct, name: own, candidates: tiles.filter((tile) => tileName(tile) !== usual) };
}

/** The products of a graph's edges, of which its kernels' gradients come. */
function edges(name: string, channels: number, options: TrialOptions): Trial {
  const x = filled<Tensor4D>([JOINTS, 64, options.software ? 4 : 64, channels]);
  const dy = filled<Tensor4D>(x.shape);
  const graph = new EdgeTensors(adjacency(), PARTITIONS, JOINTS);
  const tables = graphTables(graph, PARTITIONS);
  return {
    name,
    candidates: fitting(name, options, ({ m, n }) => m <= channels && n <= channels),
    run: () => tf.tidy(() => void edgeProducts(x, dy, tables)),
    dispose: () => {
      tf.dispose([x, dy]);
      graph.dispose();
    },
  };
}

/** Attention over the tokens of a clip, eight heads, forward and backward. */
function attentionOf(name: string): Trial {
  const tokens = JOINTS * 16, heads = 8, depth = Number(name.split(" ")[1]), width = heads * depth;
  const x = filled<Tensor3D>([16, tokens, width]);
  const qkv = filled<Tensor2D>([3 * width, width]), out = filled<Tensor2D>([width, width]);
  const qkvBias = filled<Tensor1D>([3 * width]), outBias = filled<Tensor1D>([width]);
  const dy = filled<Tensor3D>(x.shape);
  const weights = { qkv, qkvBias, out, outBias };
  return {
    name,
    candidates: attentionCandidates(name).filter((tile) =>
      tileName(tile) !== tileName(usualTiles()[name]!)
    ),
    run: () =>
      tf.tidy(() => {
        const tape = new Tape([x]);
        tape.gradients([[attention(tape, x, weights, heads), dy]], [x]);
      }),
    dispose: () => tf.dispose([x, qkv, out, qkvBias, outBias, dy]),
  };
}

/** A dense layer of few rows, forward and backward. */
function dense(name: string, options: TrialOptions): Trial {
  const x = filled<Tensor2D>([FEW, 256]);
  const w = filled<Tensor2D>([256, 256]);
  const dy = filled<Tensor2D>([FEW, 256]);
  return {
    name,
    candidates: fitting(name, options, ({ m, n }) => m <= 64 && n <= 32),
    run: () =>
      tf.tidy(() => {
        const tape = new Tape([x, w]);
        tape.gradients([[linear(tape, x, w), dy]], [x, w]);
      }),
    dispose: () => tf.dispose([x, w, dy]),
  };
}

/**
 * Tiles beside the usual one that the device can run: on a GPU those of given sizes whose threads share what
 * they load, in software those in which every thread loads for itself.
 */
function fitting(
  name: string,
  { software, limits }: TrialOptions,
  fits: (tile: Tile) => boolean,
): Tile[] {
  return TILE_CANDIDATES.filter((tile) =>
    (software ? loadsAlone(tile) : !loadsAlone(tile) && fits(tile)) &&
    tileName(tile) !== tileName(usualTiles()[name]!) &&
    threadsOf(tile) <= limits.maxComputeInvocationsPerWorkgroup &&
    tileBytes(tile) <= limits.maxComputeWorkgroupStorageSize
  );
}

/** Numbers that are drawn, on the CPU; more are these again. */
const DRAWN = 1 << 16;

/** Numbers of the size that activations have; zeros would be faster on some devices. */
function filled<T extends tf.Tensor>(shape: number[]): T {
  const size = tf.util.sizeFromShape(shape);
  const drawn = tf.util.nearestDivisor(size, Math.max(1, Math.ceil(size / DRAWN)));
  return tf.tidy(() => {
    const few = tf.randomNormal<tf.Rank.R1>([size / drawn], 0, 0.5, "float32", 1);
    return tf.reshape(tf.tile(few, [drawn]), shape) as T;
  });
}
