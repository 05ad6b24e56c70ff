/**
 * Writes the artifact `raw_clips`: frames in shards of at most 128 MiB and their index.
 *
 * @module
 */
import type { DatasetName } from "../clips/raw_clips.ts";
import { type ShippedSplits, splitsFault } from "../clips/shipped_splits.ts";
import { writeJson } from "../formats/json_text.ts";
import { NpyWriter } from "../formats/npy_writer.ts";
import { JOINTS } from "../skeleton/joints.ts";
import type { ClipIdentity } from "./recording_form.ts";

const SHARD_BYTES = 128 * 1024 * 1024;
/** More than any header of a shard takes. */
const HEADER_BYTES = 256;
/** Numbers that are gathered before they are written. */
const BUFFERED = 2 ** 19;

/** A clip in `index.json`. */
export interface IndexedClip extends ClipIdentity {
  readonly name: string;
  /** F. */
  readonly frames: number;
  /** Number of the shard its frames are in. */
  readonly shard: number;
  /** Its first row there. */
  readonly row: number;
}

/** What `index.json` says beside the clips. */
export interface IndexHead {
  readonly dataset: DatasetName;
  readonly classes: number;
  /** By label, or empty where nobody knows them. */
  readonly class_names: readonly string[];
  /** Made by a program; absent for what a sensor recorded. */
  readonly synthetic?: true;
  /** Labels that two people perform together, 0-based; absent where the recordings do not say. */
  readonly mutual?: readonly number[];
  /** Read from arrays that somebody prepared, which do not tell recordings from made-up ones. */
  readonly prepared?: true;
  /** Splits that come with the recordings, by indices of clips in the order of their appending. */
  readonly splits?: ShippedSplits;
}

/** A `raw_clips` folder that grows clip by clip. */
export class RawClipsWriter {
  /** Clips written so far. */
  readonly clips: IndexedClip[] = [];
  readonly #folder: string;
  readonly #bodies: number;
  readonly #shardRows: number;
  #shard: NpyWriter | undefined;
  #shards = 0;
  /** Rows of the present shard, those in the buffer included. */
  #rows = 0;
  readonly #buffer = new Float32Array(BUFFERED);
  #buffered = 0;

  /**
   * @param folder Existing and empty.
   * @param bodies Slots for bodies, M.
   * @param shardRows Rows (frames) of a full shard; the default fills 128 MiB.
   */
  constructor(folder: string, bodies: number, shardRows = rowsOfFullShard(bodies)) {
    this.#folder = folder;
    this.#bodies = bodies;
    this.#shardRows = shardRows;
  }

  /** Frames that the longest storable clip has. */
  get longestClip(): number {
    return this.#shardRows;
  }

  /** Shards that are complete. */
  get shards(): number {
    return this.#shards - (this.#shard === undefined ? 0 : 1);
  }

  /** Whether a clip of so many frames must go to another shard than the last clip. */
  fillsShard(frames: number): boolean {
    return this.#shard !== undefined && this.#rows + frames > this.#shardRows;
  }

  /** Completes the present shard, if there is one. */
  async closeShard(): Promise<void> {
    await this.#flush();
    const shard = this.#shard;
    this.#shard = undefined;
    await shard?.close();
  }

  /**
   * Goes on where another writer was after a shard.
   *
   * @param clips Those it had written.
   * @param shards How many shards hold them; they lie in the folder by now.
   */
  restore(clips: readonly IndexedClip[], shards: number): void {
    for (const clip of clips) this.clips.push(clip);
    this.#shards = shards;
  }

  /** Appends a clip; clips come in lexicographic order of names. */
  async append(name: string, identity: ClipIdentity, positions: Float32Array): Promise<void> {
    const frames = positions.length / (this.#bodies * JOINTS * 3);
    if (this.fillsShard(frames)) await this.closeShard();
    if (this.#shard === undefined) {
      const path = `${this.#folder}/${rawShardName(this.#shards++)}`;
      this.#shard = await NpyWriter.create(path, "f4", [this.#bodies, JOINTS, 3]);
      this.#rows = 0;
    }
    if (this.#buffered + positions.length > BUFFERED) await this.#flush();
    if (positions.length > BUFFERED) {
      await this.#shard.write(positions);
    } else {
      this.#buffer.set(positions, this.#buffered);
      this.#buffered += positions.length;
    }
    this.clips.push({ name, ...identity, frames, shard: this.#shards - 1, row: this.#rows });
    this.#rows += frames;
  }

  async #flush(): Promise<void> {
    const gathered = this.#buffer.subarray(0, this.#buffered);
    this.#buffered = 0;
    if (gathered.length > 0) await this.#shard!.write(gathered);
  }

  /**
   * Completes the artifact.
   *
   * @throws {RangeError} If `head.splits` does not fit the clips.
   */
  async finish(head: IndexHead, report: Readonly<Record<string, unknown>>): Promise<void> {
    const fault = head.splits === undefined
      ? undefined
      : splitsFault(head.splits, this.clips.length);
    if (fault !== undefined) throw new RangeError(fault);
    await this.closeShard();
    await writeJson(`${this.#folder}/index.json`, {
      format: "raw_clips/1",
      joints: JOINTS,
      bodies: this.#bodies,
      ...head,
      clips: this.clips,
    });
    await writeJson(`${this.#folder}/report.json`, { format: "parse_report/1", ...report });
  }

  /** Lets go of the open file without completing anything. */
  async abandon(): Promise<void> {
    await this.#shard?.abandon();
    this.#shard = undefined;
  }
}

/** The name of a shard's file. */
export function rawShardName(shard: number): string {
  return `frames-${String(shard).padStart(5, "0")}.npy`;
}

function rowsOfFullShard(bodies: number): number {
  return Math.floor((SHARD_BYTES - HEADER_BYTES) / (bodies * JOINTS * 3 * 4));
}
