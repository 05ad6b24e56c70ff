/**
 * Writing a `clips` artifact, clip by clip, in shards.
 *
 * @module
 */
import { writeJson } from "../formats/json_text.ts";
import { encodeNpy, encodeNpyStrings } from "../formats/npy.ts";
import { NpyWriter } from "../formats/npy_writer.ts";
import { JOINTS } from "../skeleton/joints.ts";
import { type ClipAttribute, type ClipsMeta, shardName } from "./clip_store.ts";
import { type ShippedSplits, splitsFault } from "./shipped_splits.ts";

/** No shard's file is larger, in bytes. */
export const SHARD_BYTES = 128 * 2 ** 20;

/** Room that a shard keeps for its header. */
const HEADER_ROOM = 4096;

/** Clips are collected to about this many bytes before they are written. */
const BUFFER_BYTES = 4 * 2 ** 20;

/** What all clips of an artifact have in common. */
export type ClipsKind = Pick<
  ClipsMeta,
  "dataset" | "frames" | "bodies" | "classes" | "class_names"
>;

/** What is known of one clip beside its coordinates. */
export interface ClipInfo {
  readonly name: string;
  /** 0-based. */
  readonly label: number;
  readonly subject: number;
  readonly camera: number;
  readonly setup: number;
  readonly replication: number;
}

const COLUMNS: Readonly<Record<ClipAttribute | "labels", keyof ClipInfo>> = {
  labels: "label",
  subjects: "subject",
  cameras: "camera",
  setups: "setup",
  replications: "replication",
};

/** A `clips` artifact in the making; memory in use does not grow with coordinates. */
export class ClipWriter {
  /** Numbers in one clip: 3 T V M. */
  readonly clipLength: number;
  readonly #folder: string;
  readonly #kind: ClipsKind;
  readonly #shardClips: number;
  readonly #buffer: Float32Array;
  readonly #infos: ClipInfo[] = [];
  readonly #excluded: { name: string; reason: string }[] = [];
  readonly #shards: number[] = [];
  #shard: NpyWriter | undefined;
  #buffered = 0;

  /**
   * Begins an artifact.
   *
   * @param folder An empty folder.
   * @param shardBytes Largest size of a shard's file.
   */
  constructor(folder: string, kind: ClipsKind, shardBytes = SHARD_BYTES) {
    this.#folder = folder;
    this.#kind = kind;
    this.clipLength = 3 * kind.frames * JOINTS * kind.bodies;
    const bytes = this.clipLength * 4;
    this.#shardClips = Math.floor((shardBytes - HEADER_ROOM) / bytes);
    if (this.#shardClips < 1) throw new RangeError(`a clip of ${bytes} bytes fits no shard`);
    const room = Math.min(this.#shardClips, Math.max(1, Math.floor(BUFFER_BYTES / bytes)));
    this.#buffer = new Float32Array(room * this.clipLength);
  }

  /** Number of clips added. */
  get clips(): number {
    return this.#infos.length;
  }

  /** Clips left out so far, with their reasons. */
  get excluded(): readonly { readonly name: string; readonly reason: string }[] {
    return this.#excluded;
  }

  /**
   * Where the next clip's coordinates, (3, T, 25, M), are to be put before {@link add} takes them.
   * All of it must be written: what it holds before is left over from earlier clips.
   */
  next(): Float32Array {
    const at = this.#buffered * this.clipLength;
    return this.#buffer.subarray(at, at + this.clipLength);
  }

  /** Takes the clip whose coordinates were put into {@link next}. */
  async add(info: ClipInfo): Promise<void> {
    this.#infos.push(info);
    this.#buffered++;
    const room = this.#buffer.length / this.clipLength;
    const left = this.#shardClips - (this.#shard?.rows ?? 0);
    if (this.#buffered === Math.min(room, left)) await this.#flush();
  }

  /** Leaves a clip out, saying why. */
  exclude(name: string, reason: string): void {
    this.#excluded.push({ name, reason });
  }

  /**
   * Writes what is left, the columns and `meta.json`, and returns the latter.
   *
   * @param splits Splits that came with the recordings, by indices of the clips added.
   * @throws {RangeError} If they do not fit these clips.
   */
  async close(splits?: ShippedSplits): Promise<ClipsMeta> {
    const fault = splits === undefined ? undefined : splitsFault(splits, this.#infos.length);
    if (fault !== undefined) throw new RangeError(fault);
    await this.#flush();
    await this.#closeShard();
    for (const [column, key] of Object.entries(COLUMNS)) {
      const values = Int32Array.from(this.#infos, (info) => info[key] as number);
      await Deno.writeFile(`${this.#folder}/${column}.npy`, encodeNpy(values, [values.length]));
    }
    const names = this.#infos.map((info) => info.name);
    await Deno.writeFile(`${this.#folder}/names.npy`, encodeNpyStrings(names));
    const meta: ClipsMeta = {
      format: "clips/1",
      ...this.#kind,
      clips: this.#infos.length,
      joints: JOINTS,
      shards: this.#shards,
      excluded: this.#excluded,
      ...(splits === undefined ? {} : { splits }),
    };
    await writeJson(`${this.#folder}/meta.json`, meta);
    return meta;
  }

  /** Closes its files without finishing the artifact: for the error path. */
  async abandon(): Promise<void> {
    await this.#shard?.abandon();
    this.#shard = undefined;
  }

  async #flush(): Promise<void> {
    if (this.#buffered === 0) return;
    if (this.#shard === undefined) {
      const path = `${this.#folder}/${shardName(this.#shards.length)}`;
      const { frames, bodies } = this.#kind;
      this.#shard = await NpyWriter.create(path, "f4", [3, frames, JOINTS, bodies]);
    }
    await this.#shard.write(this.#buffer.subarray(0, this.#buffered * this.clipLength));
    this.#buffered = 0;
    if (this.#shard.rows === this.#shardClips) await this.#closeShard();
  }

  async #closeShard(): Promise<void> {
    if (this.#shard === undefined) return;
    this.#shards.push(await this.#shard.close());
    this.#shard = undefined;
  }
}
