/**
 * Reading a `clips` artifact: what is known of every clip, and the coordinates of any clips by index,
 * without loading the rest.
 *
 * @module
 */
import { readJson } from "../formats/json_text.ts";
import { type NpyFile, openNpy, readNpy, readNpyStrings } from "../formats/npy.ts";
import { type ShippedSplits, splitsFault } from "./shipped_splits.ts";

/** The content of `meta.json`. */
export interface ClipsMeta {
  readonly format: "clips/1";
  /** Such as `ntu` or `nw_ucla`. */
  readonly dataset: string;
  /** The recordings were made up; absent for those of people. */
  readonly synthetic?: true;
  /** Number of clips, N. */
  readonly clips: number;
  /** Frames of each, T. */
  readonly frames: number;
  /** Joints, V: 25. */
  readonly joints: number;
  /** Bodies, M: 1 or 2. */
  readonly bodies: number;
  readonly classes: number;
  /** Names of the classes; empty where the set has none. */
  readonly class_names: readonly string[];
  /** Number of clips in each shard. */
  readonly shards: readonly number[];
  /** Clips that were left out, with the reason. */
  readonly excluded: readonly { readonly name: string; readonly reason: string }[];
  /** Splits that came with the recordings; absent where the data set's rules say all. */
  readonly splits?: ShippedSplits;
}

/** Per-clip whole numbers beside the labels. */
export type ClipAttribute = "subjects" | "cameras" | "setups" | "replications";

/** The name of a shard's file. */
export function shardName(shard: number): string {
  return `clips-${String(shard).padStart(5, "0")}.npy`;
}

/** A run of clips that are neighbours both on disk and in the caller's order. */
interface Run {
  readonly shard: number;
  readonly row: number;
  readonly at: number;
  count: number;
}

/** An opened `clips` artifact. */
export class ClipStore {
  readonly meta: ClipsMeta;
  /** Labels by clip, 0-based. */
  readonly labels: Int32Array<ArrayBuffer>;
  /** Numbers in one clip: 3 T V M. */
  readonly clipLength: number;
  readonly #folder: string;
  readonly #shards: readonly NpyFile[];
  readonly #starts: readonly number[];

  /** Called by {@link openClips}. */
  constructor(
    folder: string,
    meta: ClipsMeta,
    labels: Int32Array<ArrayBuffer>,
    shards: readonly NpyFile[],
  ) {
    this.#folder = folder;
    this.meta = meta;
    this.labels = labels;
    this.clipLength = 3 * meta.frames * meta.joints * meta.bodies;
    this.#shards = shards;
    let start = 0;
    this.#starts = meta.shards.map((count) => (start += count) - count);
  }

  /** Number of clips. */
  get size(): number {
    return this.meta.clips;
  }

  /** Names of the clips, as the data set's files are called. */
  async names(): Promise<readonly string[]> {
    return await readNpyStrings(`${this.#folder}/names.npy`);
  }

  /** A number of each clip, such as its subject; 0 where the set has none. */
  async attribute(name: ClipAttribute): Promise<Int32Array<ArrayBuffer>> {
    return await readColumn(`${this.#folder}/${name}.npy`, this.meta.clips);
  }

  /**
   * Reads clips by index, in the order given, by positional reads that overlap; neighbours on disk
   * are read at once.
   *
   * @param indices Clips to read; any order, repetitions allowed.
   * @param into Receives (indices.length, 3, T, 25, M) from `at` on; a new array where left out.
   * @returns `into`.
   * @throws {RangeError} If there is no such clip, or `into` is too short.
   */
  async read(
    indices: ArrayLike<number>,
    into: Float32Array = new Float32Array(indices.length * this.clipLength),
    at = 0,
  ): Promise<Float32Array> {
    if (at + indices.length * this.clipLength > into.length) {
      throw new RangeError(`no room for ${indices.length} clips in an array of ${into.length}`);
    }
    await Promise.all(
      this.#runs(indices).map(({ shard, row, count, at: first }) => {
        const from = at + first * this.clipLength;
        const room = into.subarray(from, from + count * this.clipLength);
        return this.#shards[shard]!.readRows(row, row + count, room);
      }),
    );
    return into;
  }

  /** Closes its files. */
  async close(): Promise<void> {
    await Promise.all(this.#shards.map((shard) => shard.close()));
  }

  /** Closes its files at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #runs(indices: ArrayLike<number>): Run[] {
    const runs: Run[] = [];
    for (let at = 0; at < indices.length; at++) {
      const { shard, row } = this.#locate(indices[at]!);
      const last = runs.at(-1);
      if (last !== undefined && last.shard === shard && last.row + last.count === row) last.count++;
      else runs.push({ shard, row, at, count: 1 });
    }
    return runs;
  }

  #locate(index: number): { shard: number; row: number } {
    if (!Number.isInteger(index) || index < 0 || index >= this.meta.clips) {
      throw new RangeError(`${this.#folder}: no clip ${index} of ${this.meta.clips}`);
    }
    let shard = this.#starts.length - 1;
    while (this.#starts[shard]! > index) shard--;
    return { shard, row: index - this.#starts[shard]! };
  }
}

async function readColumn(path: string, clips: number): Promise<Int32Array<ArrayBuffer>> {
  const { data } = await readNpy(path, "i4", 1);
  if (data.length === clips) return data;
  throw new Error(`${path}: expected ${clips} numbers, one a clip, found ${data.length}`);
}

/**
 * Opens a `clips` artifact.
 *
 * @param folder Its folder.
 * @throws {Error} If a file is missing, or shards, labels, splits and `meta.json` disagree.
 */
export async function openClips(folder: string): Promise<ClipStore> {
  const meta = await readJson<ClipsMeta>(`${folder}/meta.json`);
  if (meta.format !== "clips/1") {
    throw new Error(
      `${folder}/meta.json: expected format "clips/1", found ${JSON.stringify(meta.format)}`,
    );
  }
  const total = meta.shards.reduce((sum, count) => sum + count, 0);
  if (total !== meta.clips) {
    throw new Error(`${folder}/meta.json: the shards hold ${total} clips, expected ${meta.clips}`);
  }
  const fault = meta.splits === undefined ? undefined : splitsFault(meta.splits, meta.clips);
  if (fault !== undefined) throw new Error(`${folder}/meta.json: ${fault}`);
  const labels = await readColumn(`${folder}/labels.npy`, meta.clips);
  const shards: NpyFile[] = [];
  try {
    for (const [i, count] of meta.shards.entries()) {
      const path = `${folder}/${shardName(i)}`;
      const shard = await openNpy(path);
      shards.push(shard);
      const expected = [count, 3, meta.frames, meta.joints, meta.bodies];
      if (shard.type !== "f4" || shard.shape.join() !== expected.join()) {
        throw new Error(
          `${path}: expected f4 of shape (${expected.join(", ")}), found ${shard.type} of ` +
            `(${shard.shape.join(", ")})`,
        );
      }
    }
  } catch (error) {
    await Promise.all(shards.map((shard) => shard.close()));
    throw error;
  }
  return new ClipStore(folder, meta, labels, shards);
}
