/**
 * Contrastive loss on the `webgpu` backend, see {@link ../../ops/info_nce.ts} for what it gives: the queue
 * is gone through in blocks, forward and once more backward, and no more scores than a block's are ever
 * held.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import type { InfoNce } from "../../ops/info_nce.ts";
import type { Tape } from "../../tape.ts";
import { gpuBackend } from "../gpu_backend.ts";
import {
  DEPTH,
  endsKernel,
  queryGradientKernel,
  scoresKernel,
  sharesKernel,
  SLICE,
  slicesKernel,
} from "../info_nce_kernels.ts";
import { lanesOf } from "../lanes.ts";
import { meansOfNumbers } from "../mean_of_numbers.ts";
import { productGroups, type Tile, tileBytes } from "../product.ts";
import { sumOfParts } from "../sum_of_parts.ts";
import { tileFor } from "../tiles.ts";

/** Scores held at once, at most (8 MiB), unless there are more than a thousand queries. */
const MOST_SCORES = 1 << 21;

/** Workgroup memory that every device has, in bytes. */
const WORKGROUP_MEMORY = 16384;

/** Keys from `first` on. */
interface Block {
  readonly first: number;
  readonly keys: number;
}

/** See the definition. */
export function infoNce(
  tape: Tape,
  q: Tensor2D,
  k: Tensor2D,
  queue: Tensor2D,
  extra: Tensor2D | null,
  tau: number,
): InfoNce {
  const [n, width] = q.shape, size = queue.shape[0];
  const sharpness = Math.LOG2E / tau;
  const blocks = blocksOf(n, size);
  let positive: Scalar | undefined;
  let negative: Scalar | undefined;
  const loss = tape.record([q], (save) => {
    const backend = gpuBackend();
    const slices = Math.ceil(size / SLICE);
    const partials = backend.empty([n, slices, 4]);
    for (const block of blocks) {
      tf.tidy(() => {
        const scores = scoresOf(q, queue, null, block, sharpness);
        backend.run(slicesKernel(), {
          tensors: [scores, partials],
          groups: [n, Math.ceil(block.keys / SLICE), 1],
          numbers: [block.keys, scores.shape[1], slices, block.first / SLICE, sharpness],
        });
      });
    }
    const ends = save(backend.empty([n, 4]));
    const found = backend.empty([3, n]);
    const beside = extra === null ? [] : [extra];
    backend.run(endsKernel(extra !== null), {
      tensors: [q, k, ...beside, partials, ends, found],
      groups: [n, 1, 1],
      numbers: [width, slices, sharpness, 1 / tau, 1 / size],
    });
    const [loss, ...cosines] = meansOfNumbers(found, n, 3) as [Scalar, Scalar, Scalar];
    [positive, negative] = cosines;
    const [qs, ks, queues] = [save(q), save(k), save(queue)];
    const others = beside.map(save);
    return [loss, (dy) => {
      const backend = gpuBackend();
      const parts = backend.empty<Tensor3D>([Math.ceil(size / DEPTH), n, width]);
      const wide = lanesOf(width) === 4;
      const tile = fewRows(tileFor("info nce gradient", DEPTH, width, DEPTH), n, width);
      for (const block of blocks) {
        tf.tidy(() => {
          const shares = scoresOf(qs, queues, ends, block, sharpness);
          const { keys, first } = block;
          backend.run(sharesKernel(tile, wide), {
            tensors: [shares, queues, parts],
            groups: productGroups(tile, n, width, Math.ceil(keys / DEPTH)),
            numbers: [n, keys, width, first, shares.shape[1], first / DEPTH],
          });
        });
      }
      const dq = backend.empty([n, width]);
      backend.run(queryGradientKernel(extra !== null), {
        tensors: [sumOfParts(parts, [n, width]), ends, ks, ...others, dy, dq],
        groups: [n, 1, 1],
        numbers: [width, 1 / (n * tau)],
      });
      return [dq];
    }, ...cosines];
  });
  return { loss, positive: positive!, negative: negative! };
}

/** Blocks of whole slices, as few as may be. */
function blocksOf(queries: number, keys: number): Block[] {
  const slices = Math.max(1, Math.floor(MOST_SCORES / (queries * SLICE)));
  const blocks: Block[] = [];
  for (let first = 0; first < keys; first += slices * SLICE) {
    blocks.push({ first, keys: Math.min(slices * SLICE, keys - first) });
  }
  return blocks;
}

/** Scores of a block (queries, vectors, 4); with ends, shares. */
function scoresOf(
  q: Tensor2D,
  queue: Tensor2D,
  ends: tf.Tensor | null,
  { first, keys }: Block,
  sharpness: number,
): Tensor3D {
  const [n, width] = q.shape, stride = Math.ceil(keys / 4);
  const scores = gpuBackend().empty<Tensor3D>([n, stride, 4]);
  const tile = fewRows(tileFor("info nce", keys, keys, width), n, keys);
  gpuBackend().run(scoresKernel(tile, lanesOf(width) === 4, ends !== null), {
    tensors: ends === null ? [q, queue, scores] : [q, queue, ends, scores],
    groups: productGroups(tile, n, keys),
    numbers: [n, keys, width, first, stride, sharpness],
  });
  return scores;
}

/** A tile for results of few rows: as high as need be, and wider instead where that fits. */
function fewRows(tile: Tile, rows: number, columns: number): Tile {
  let few = tile;
  while (2 * rows <= few.m && few.m > few.perM && few.m > 4) {
    few = { ...few, m: few.m / 2 };
    const wide = { ...few, n: 2 * few.n };
    if (few.n < columns && tileBytes(wide) <= WORKGROUP_MEMORY) few = wide;
  }
  return few;
}
