/**
 * Writes synthetic recordings under as many names as NTU RGB+D 60 or 120 has, as files or in archives
 * called like the published ones.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { TextReader, Uint8ArrayReader, ZipWriter } from "@zip.js/zip.js";
import { jsonText } from "../formats/json_text.ts";
import { formatNtuName, type NtuName } from "../formats/ntu_name.ts";
import { mutualClasses } from "../skeleton/mutual_classes.ts";
import { type SynthParams, synthParams } from "./definition.ts";
import { ntuGrid, type NtuScale } from "./ntu_grid.ts";
import { skeletonText } from "./skeleton_writer.ts";
import { Studio } from "./studio.ts";
import { truth } from "./truth.ts";
import type { Written } from "./write_recordings.ts";

/** The published archives, by the last setup in each. */
const ARCHIVES = [
  { last: 17, name: "nturgbd_skeletons_s001_to_s017.zip" },
  { last: 32, name: "nturgbd_skeletons_s018_to_s032.zip" },
] as const;

/** The folder inside them. */
const INSIDE = "nturgb+d_skeletons";

/** The same bytes at any time. */
const DATED = { lastModDate: new Date(2020, 0, 1) };

/** Bytes of text in a frame, on average; and what the disk takes beyond a file's own bytes. */
const FRAME_BYTES = 3500, SLACK = 2300;

/** Shares of the text that remain when packed, at most, and of the disk that stay free. */
const PACKED = 0.5, KEPT_FREE = 0.05;

/** What is to be written. */
export interface ScalePlan {
  readonly names: readonly NtuName[];
  readonly params: SynthParams;
  /** Labels that two people do together: those of the data set, unless a share was asked for. */
  readonly mutual: readonly number[] | undefined;
  /** In archives rather than files. */
  readonly archives: boolean;
  /** About how many bytes of text. */
  readonly text: number;
  /** About how many bytes it takes on the disk. */
  readonly disk: number;
}

/** Recordings of a few frames, unless other lengths are asked for. */
export const SCALE_FRAMES: SynthParams["frames"] = [2, 4];

/**
 * Plans a data set.
 *
 * @param setups Only the first so many.
 * @param given Other parameters of `synth`, such as frames and seed.
 */
export function planScale(
  scale: NtuScale,
  archives: boolean,
  setups: number,
  given: Readonly<Record<string, unknown>>,
): ScalePlan {
  const names = ntuGrid(scale).filter(({ setup }) => setup <= setups);
  const params = synthParams.parse({
    frames: SCALE_FRAMES,
    ...given,
    actions: scale === "ntu60" ? 60 : 120,
    performers: 106,
    setups: 32,
    cameras: 3,
    replications: 2,
  });
  const [shortest, longest] = params.frames;
  const text = Math.round(names.length * FRAME_BYTES * (shortest + longest) / 2);
  const disk = Math.round(archives ? text * PACKED : text + names.length * SLACK);
  const mutual = given.two_body === undefined
    ? mutualClasses({ dataset: "ntu", classes: params.actions })
    : undefined;
  return { names, params, mutual, archives, text, disk };
}

/** Why a folder's disk cannot hold it, or undefined. */
export async function roomFault(folder: string, { disk }: ScalePlan): Promise<string | undefined> {
  const { bavail, bsize, blocks } = await statfs(folder);
  const free = bavail * bsize;
  if (disk <= free - KEPT_FREE * blocks * bsize) return undefined;
  return `${folder}: expected room for about ${
    megabytes(disk)
  } with a twentieth of the disk left free, ` +
    `found ${
      megabytes(free)
    }; ask for shorter recordings (--frames), fewer setups (--setups) or --archives`;
}

/** Bytes as a text such as `340 MB`. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

/**
 * Writes what was planned, and what says that it is synthetic: `truth.json` without its list of clips,
 * beside the folder of recordings or in the first archive.
 *
 * @param folder Must exist.
 * @param progress Told after every recording.
 */
export async function writeScale(
  folder: string,
  { names, params, mutual, archives }: ScalePlan,
  progress: (done: number, total: number) => void,
): Promise<Written> {
  const studio = new Studio(params, mutual);
  const { clips: _none, ...about } = truth(params, studio, []);
  const mark = jsonText(about);
  const written = { files: 0, frames: 0, bytes: 0 };
  const sink = archives ? new ArchiveSink(folder, mark) : new FolderSink(folder, mark);
  try {
    for (const name of names) {
      const recording = studio.recording(name);
      const text = skeletonText(recording);
      await sink.write(name, text);
      written.files++;
      written.frames += recording.frames;
      written.bytes += text.length;
      progress(written.files, names.length);
    }
  } finally {
    await sink.close();
  }
  return written;
}

/** Where recordings go. */
interface Sink {
  write(name: NtuName, text: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

class FolderSink implements Sink {
  constructor(readonly folder: string, truth: string) {
    Deno.mkdirSync(`${folder}/skeletons`, { recursive: true });
    Deno.writeTextFileSync(`${folder}/truth.json`, truth);
  }

  async write(name: NtuName, text: Uint8Array): Promise<void> {
    await Deno.writeFile(`${this.folder}/skeletons/${formatNtuName(name)}.skeleton`, text);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** One archive at a time: names come in the order of their setups. */
class ArchiveSink implements Sink {
  #open: { readonly name: string; readonly zip: ZipWriter<unknown> } | undefined;
  #truth: string | undefined;

  constructor(readonly folder: string, truth: string) {
    this.#truth = truth;
  }

  async write(name: NtuName, text: Uint8Array): Promise<void> {
    const archive = ARCHIVES.find(({ last }) => name.setup <= last)!.name;
    if (this.#open?.name !== archive) {
      await this.close();
      const file = await Deno.create(`${this.folder}/${archive}`);
      const zip = new ZipWriter(file.writable, { useWebWorkers: false, level: 1, keepOrder: true });
      this.#open = { name: archive, zip };
      if (this.#truth !== undefined) {
        await zip.add("truth.json", new TextReader(this.#truth), DATED);
        this.#truth = undefined;
      }
    }
    const path = `${INSIDE}/${formatNtuName(name)}.skeleton`;
    await this.#open.zip.add(path, new Uint8ArrayReader(text.slice()), DATED);
  }

  async close(): Promise<void> {
    await this.#open?.zip.close();
    this.#open = undefined;
  }
}
