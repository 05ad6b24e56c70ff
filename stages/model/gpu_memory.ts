/**
 * How much of a GPU's memory the model's steps take on the `webgpu` backend, before they are taken. Imports
 * no tensor library, so that a plan can ask.
 *
 * Tensors lie there as they do on the `simd` backend: the same operations save the same for their gradients.
 * What differs is the room that kernels use while they run: products by edge and by part of the rows before
 * they are summed, and products at the points of minimal filtering. The memory of a size is used again by
 * that size alone, so that each of these counts once.
 *
 * @module
 */
import { JOINTS } from "../skeleton/joints.ts";
import { type BackboneSize, blockNumbers, clipNumbers, WORD } from "./block_numbers.ts";
import { type DataShape, type ModelConfig, TIME_STRIDE } from "./config.ts";
import { blockSpecs, TAPS } from "./parameters.ts";
import { stepBytes } from "./step_memory.ts";

/** Edges of the graph, each with a product of its own in the gradient of the graph convolution. */
const EDGES = 73;

/** Rows of a slice of those products, and most bytes of all slices. */
const EDGE_ROWS = 512;
const EDGE_BYTES = 96 << 20;

/** Rows and workgroups by which the gradient of a kernel is cut into parts; a tile of its product. */
const PART_ROWS = 256;
const PART_GROUPS = 1024;
const TILE = 128;

/** Of minimal filtering: points of a tile, frames that it gives, and channels from which it is used. */
const POINTS = 5;
const POINT_FRAMES = 3;
const POINT_CHANNELS = 64;
const POINT_SHARE = 0.85;

/** What lies between tensors and in sizes that come and go: found by measuring. */
const GAPS = 0.05;

/** What a step takes. */
export interface GpuNumbers {
  /** Bytes in all, at the peak. */
  readonly bytes: number;
  /** Bytes of the largest tensor. */
  readonly largest: number;
}

/** A pre-training step of N clips. */
export function gpuStep(config: ModelConfig, data: DataShape, batch: number): GpuNumbers {
  const bodies = batch * data.bodies;
  const rooms = kernelRooms(config, data.frames, bodies);
  const tokens = bodies * JOINTS * data.frames / TIME_STRIDE;
  // Queries, keys and values lie in one tensor; the queue is another.
  const wide = [3 * tokens * config.hidden_dim, config.queue * config.feature_dim];
  return {
    bytes: (1 + GAPS) * (stepBytes(config, data, batch, () => 0) + WORD * sum(rooms)),
    largest: WORD * Math.max(...wide, ...rooms, ...blockTensors(config, data.frames, bodies)),
  };
}

/**
 * A step of a classifier, or a batch that is evaluated, of N clips.
 *
 * @param bytes What it takes on the `simd` backend.
 * @param trains Whether gradients are wanted.
 */
export function gpuBatch(
  size: BackboneSize,
  data: DataShape,
  batch: number,
  { bytes, trains }: { readonly bytes: number; readonly trains: boolean },
): GpuNumbers {
  const bodies = batch * data.bodies;
  const rooms = kernelRooms(size, data.frames, bodies, trains);
  return {
    bytes: (1 + GAPS) * (bytes + WORD * sum(rooms)),
    largest: WORD * Math.max(...rooms, ...blockTensors(size, data.frames, bodies)),
  };
}

/**
 * Numbers of all memory that blocks without gradients use in turn: as many tensors of a size as any of them
 * has at once, since memory of one size is never used for another; and clips on their way into the first.
 */
export function pooledNumbers(size: BackboneSize, data: DataShape, bodies: number): number {
  const most = new Map<number, number>();
  for (const { input, graph, output, residual } of blockNumbers(size, data.frames, bodies)) {
    const counts = new Map<number, number>();
    for (const n of [input, graph, graph, output, output, ...(residual > 0 ? [residual] : [])]) {
      counts.set(n, (counts.get(n) ?? 0) + 1);
    }
    for (const [n, count] of counts) most.set(n, Math.max(most.get(n) ?? 0, count));
  }
  const blocks = sum([...most].map(([n, count]) => n * count));
  return blocks + 3 * clipNumbers(data, bodies);
}

/** Numbers of the tensors of blocks. */
function blockTensors(size: BackboneSize, frames: number, bodies: number): number[] {
  return blockNumbers(size, frames, bodies).flatMap(({ input, graph, output }) => [
    input,
    graph,
    output,
  ]);
}

/** Numbers of the tensors that kernels use for a moment, one of each size. */
function kernelRooms(
  size: BackboneSize,
  frames: number,
  bodies: number,
  trains = true,
): number[] {
  const rooms = new Set<number>();
  let time = frames;
  for (const { inner, outer, stride, residual } of blockSpecs(size)) {
    const before = time * bodies;
    time /= stride;
    const rows = time * bodies;
    const minimal = stride === 1 && outer >= POINT_CHANNELS && minimalPays(time);
    if (minimal) {
      rooms.add(POINTS * JOINTS * Math.ceil(time / POINT_FRAMES) * bodies * outer);
    }
    if (!trains) continue;
    const edge = EDGES * inner * outer;
    const slices = Math.min(
      Math.ceil(before / EDGE_ROWS),
      Math.max(1, Math.floor(EDGE_BYTES / WORD / edge)),
    );
    rooms.add(slices * edge);
    const taps = minimal ? POINTS * TAPS / POINT_FRAMES : TAPS;
    rooms.add(parts(rows, taps * outer, outer) * taps * outer * outer);
    if (residual === "conv") rooms.add(parts(rows, inner, outer) * inner * outer);
  }
  return [...rooms];
}

/** Parts of all joints' rows that the gradient of a kernel is summed of. */
function parts(rows: number, across: number, outer: number): number {
  const groups = JOINTS * Math.ceil(across / TILE) * Math.ceil(outer / TILE);
  return JOINTS * Math.min(Math.ceil(rows / PART_ROWS), Math.ceil(PART_GROUPS / groups));
}

/** Whether minimal filtering needs that few products, which hangs on how frames fill tiles. */
function minimalPays(frames: number): boolean {
  const half = (TAPS - 1) / 2;
  const past = Math.ceil((frames + half) / POINT_FRAMES);
  let tiles = 0;
  for (let j = 0; j < frames / POINT_FRAMES; j++) tiles += Math.min(TAPS / POINT_FRAMES, past - j);
  let pairs = 0;
  for (let t = 0; t < frames; t++) {
    pairs += Math.min(frames - 1, t + half) - Math.max(0, t - half) + 1;
  }
  return POINTS * tiles < POINT_SHARE * pairs;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
