/**
 * Recordings for `bench data`: synthetic ones, made when it starts, in a folder that goes when it ends.
 *
 * @module
 */
import { formatNtuName, parseNtuName } from "../formats/ntu_name.ts";
import { synthParams } from "../synth/definition.ts";
import { writeRecordings } from "../synth/write_recordings.ts";

/** What a performer brings along: 10 actions, 3 cameras. */
const CLIPS_EACH = 30;

/** About what a recording takes. */
const MEGABYTES_EACH = 0.32;

/** Further names of each recording: more to read, and no more room on the disk. */
const COPIES = 24;

/** Folders with recordings. */
export interface BenchRecordings {
  /** Every recording once. */
  readonly folder: string;
  /** Every recording under as many names as there are copies; these are links. */
  readonly copied: string;
  readonly copies: number;
  /** Of `folder`. */
  readonly clips: number;
  /** Of `folder`. */
  readonly bytes: number;
  remove(): Promise<void>;
}

/** Makes about so many megabytes of recordings. */
export async function benchRecordings(megabytes: number): Promise<BenchRecordings> {
  const root = await Deno.makeTempDir({ prefix: "skelrun_bench_" });
  try {
    const performers = Math.min(
      106,
      Math.max(1, Math.round(megabytes / (CLIPS_EACH * MEGABYTES_EACH))),
    );
    const params = synthParams.parse({ performers, replications: 1, frames: [60, 140] });
    const { files, bytes } = await writeRecordings(root, params, () => {});
    const folder = `${root}/skeletons`, copied = `${root}/copied`;
    await Deno.mkdir(copied);
    for (const { name } of Deno.readDirSync(folder)) {
      const parsed = parseNtuName(name.slice(0, -".skeleton".length))!;
      for (let setup = 1; setup <= COPIES; setup++) {
        const copy = formatNtuName({ ...parsed, setup });
        Deno.linkSync(`${folder}/${name}`, `${copied}/${copy}.skeleton`);
      }
    }
    return {
      folder,
      copied,
      copies: COPIES,
      clips: files,
      bytes,
      remove: () => Deno.remove(root, { recursive: true }),
    };
  } catch (error) {
    await Deno.remove(root, { recursive: true });
    throw error;
  }
}
