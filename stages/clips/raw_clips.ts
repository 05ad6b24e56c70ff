/**
 * Reading a `raw_clips` artifact: parsed recordings in the sensor's coordinates.
 *
 * @module
 */
import { readJson } from "../formats/json_text.ts";
import { type NpyFile, openNpy } from "../formats/npy.ts";
import { JOINTS } from "../skeleton/joints.ts";
import type { ClipInfo } from "./clip_writer.ts";
import { type ShippedSplits, splitsFault } from "./shipped_splits.ts";

/** The kinds of recordings: a data set, or the user's own, or files that others prepared. */
export type DatasetName = "ntu" | "nw_ucla" | "pku" | "custom" | "prepared";

/** One clip of `index.json`. */
export interface RawClip extends ClipInfo {
  /** Number of frames, F. */
  readonly frames: number;
  /** Number of the file that holds it. */
  readonly shard: number;
  /** Its first row there. */
  readonly row: number;
}

/** The content of `index.json`. */
export interface RawIndex {
  readonly format: "raw_clips/1";
  readonly dataset: string;
  readonly joints: number;
  /** Bodies a clip has room for, M: a property of the data set. */
  readonly bodies: number;
  readonly classes: number;
  readonly class_names: readonly string[];
  /** In lexicographic order of names. */
  readonly clips: readonly RawClip[];
  /** Splits that came with the recordings; absent where the data set's rules say all. */
  readonly splits?: ShippedSplits;
}

/** An opened `raw_clips` artifact. */
export class RawClips {
  readonly index: RawIndex;
  readonly #folder: string;
  readonly #shards = new Map<number, NpyFile>();

  /** Called by {@link openRawClips}. */
  constructor(folder: string, index: RawIndex) {
    this.#folder = folder;
    this.index = index;
  }

  /**
   * Reads one clip.
   *
   * @returns Coordinates of (F, M, 25, 3) in metres, the caller's own.
   */
  async read(clip: RawClip): Promise<Float32Array> {
    const shard = this.#shards.get(clip.shard) ?? await this.#open(clip.shard);
    return await shard.readRows(clip.row, clip.row + clip.frames);
  }

  async #open(number: number): Promise<NpyFile> {
    const path = `${this.#folder}/frames-${String(number).padStart(5, "0")}.npy`;
    const shard = await openNpy(path);
    this.#shards.set(number, shard);
    const [, ...row] = shard.shape;
    if (shard.type !== "f4" || row.join() !== [this.index.bodies, JOINTS, 3].join()) {
      throw new Error(
        `${path}: expected f4 of shape (rows, ${this.index.bodies}, ${JOINTS}, 3), found ` +
          `${shard.type} of (${shard.shape.join(", ")})`,
      );
    }
    return shard;
  }

  /** Closes its files. */
  async close(): Promise<void> {
    await Promise.all([...this.#shards.values()].map((shard) => shard.close()));
  }

  /** Closes its files at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Opens a `raw_clips` artifact.
 *
 * @throws {Error} If `index.json` is missing, of another format, or its splits do not fit its clips.
 */
export async function openRawClips(folder: string): Promise<RawClips> {
  const path = `${folder}/index.json`;
  const index = await readJson<RawIndex>(path);
  if (index.format !== "raw_clips/1" || index.joints !== JOINTS) {
    throw new Error(
      `${path}: expected format "raw_clips/1" with ${JOINTS} joints, found ` +
        `${JSON.stringify(index.format)} with ${index.joints}`,
    );
  }
  const fault = index.splits === undefined
    ? undefined
    : splitsFault(index.splits, index.clips.length);
  if (fault !== undefined) throw new Error(`${path}: ${fault}`);
  return new RawClips(folder, index);
}
