/**
 * Runs many clips through an encoder in batches, and gathers one row for each.
 *
 * @module
 */
import { dispose, getBackend, type Tensor2D, type Tensor5D, tensor5d } from "@tensorflow/tfjs-core";
import type { ClipStore } from "../clips/clip_store.ts";
import type { RowMatrix } from "../metrics/row_matrix.ts";
import { type Clips, clipsOf, disposeClips } from "../model/present_bodies.ts";
import { readTensors } from "../tensor/read_tensors.ts";

/** Batches whose rows are read back at once from a GPU. */
const READ_TOGETHER = 8;

/** Clips of a store as a tensor (N, 3, T, V, M) on the device; the caller disposes of it. */
export async function clipTensor(store: ClipStore, indices: ArrayLike<number>): Promise<Tensor5D> {
  return tensorOfClips(store, indices.length, await store.read(indices));
}

/** So many clips, as a store reads them, as a tensor (N, 3, T, V, M); the caller disposes of it. */
export function tensorOfClips(
  { meta: { frames, joints, bodies } }: Pick<ClipStore, "meta">,
  count: number,
  values: Float32Array,
): Tensor5D {
  return tensor5d(values, [count, 3, frames, joints, bodies], "float32");
}

/**
 * Encodes clips.
 *
 * @param encode One row (N, D) for each clip.
 * @param indices Clips to encode, at least one; rows come in this order.
 * @param batch Most clips at once.
 * @param after Called with the number of clips done after every batch; it may wait, or throw to end.
 */
export async function encodeClips(
  encode: (clips: Clips) => Tensor2D,
  store: ClipStore,
  indices: ArrayLike<number>,
  batch: number,
  after: (done: number) => Promise<void> = () => Promise.resolve(),
): Promise<RowMatrix> {
  const { frames, joints, bodies } = store.meta;
  let values = new Float32Array(0);
  let columns = 0;
  let waiting: { rows: Tensor2D; from: number }[] = [];
  const read = async () => {
    const found = await readTensors(waiting.map(({ rows }) => rows));
    found.forEach((numbers, i) => values.set(numbers, waiting[i]!.from * columns));
    dispose(waiting.map(({ rows }) => rows));
    waiting = [];
  };
  // Each readback waits for a GPU, which meanwhile can have the next batches to work on.
  const together = getBackend() === "webgpu" ? READ_TOGETHER : 1;
  for (let from = 0; from < indices.length; from += batch) {
    const part = Array.prototype.slice.call(indices, from, from + batch);
    const clips = clipsOf(await store.read(part), { clips: part.length, frames, joints, bodies });
    const rows = encode(clips);
    disposeClips(clips);
    if (columns === 0) {
      columns = rows.shape[1];
      values = new Float32Array(indices.length * columns);
    }
    waiting.push({ rows, from });
    if (waiting.length === together || from + batch >= indices.length) await read();
    await after(from + part.length);
  }
  return { rows: indices.length, columns, values };
}
