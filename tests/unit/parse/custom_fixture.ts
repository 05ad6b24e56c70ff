/**
 * Custom recordings for tests: arrays in any layout and type with a table, and what of them was read.
 *
 * @module
 */
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import { openRawClips, type RawClip, type RawIndex } from "../../../stages/clips/raw_clips.ts";
import { readJson } from "../../../stages/formats/json_text.ts";
import { encodeNpy } from "../../../stages/formats/npy.ts";
import { parseCustomParams } from "../../../stages/parse/custom/definition.ts";
import entry from "../../../stages/parse/custom/entry.ts";
import { runStage, type StageRun, temporaryFolder } from "./stage_run.ts";

/** A coordinate that tells where it came from. */
export function coordinate(clip: number, t: number, m: number, v: number, c: number): number {
  return clip + t / 8 + m * 4 + v / 64 + c / 256 + 1;
}

/** The sizes of a clip's axes. */
export type Sizes = Readonly<Record<"T" | "V" | "C" | "M", number> & { N?: number }>;

/** Numbers in the order of a layout such as `MTVC`. */
export function laidOut(
  layout: string,
  sizes: Sizes,
  value: (at: Readonly<Record<string, number>>) => number,
): { readonly data: Float64Array<ArrayBuffer>; readonly shape: readonly number[] } {
  const letters = [...layout] as (keyof Sizes)[];
  const shape = letters.map((letter) => sizes[letter]!);
  const data = new Float64Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < data.length; i++) {
    const at: Record<string, number> = { T: 0, V: 0, C: 0, M: 0 };
    let rest = i;
    for (const letter of letters.toReversed()) {
      at[letter] = rest % sizes[letter]!;
      rest = Math.floor(rest / sizes[letter]!);
    }
    data[i] = value(at);
  }
  return { data, shape };
}

/** The `.npy` file of clip number `clip`: float32 (T, 25, 3). */
export function clipFile(clip: number, frames: number): Uint8Array<ArrayBuffer> {
  const sizes = { T: frames, V: 25, C: 3, M: 1 };
  const { data, shape } = laidOut("TVC", sizes, ({ T, V, C }) => coordinate(clip, T!, 0, V!, C!));
  return encodeNpy(Float32Array.from(data), shape);
}

/** Files by their path inside the folder. */
export type Files = Readonly<Record<string, Uint8Array | string>>;

const bytesOf = (content: Uint8Array | string): Uint8Array =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;

/** Writes files into a folder. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = `${folder}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(path, bytesOf(content));
  }
}

/** Packs files into a zip archive. */
export async function zipped(files: Files): Promise<Uint8Array> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const [name, content] of Object.entries(files)) {
    await zip.add(name, new Uint8ArrayReader(bytesOf(content)));
  }
  return await zip.close();
}

/** What `report.json` says. */
export interface CustomReport {
  readonly files: number;
  readonly clips: number;
  readonly excluded: readonly { name: string; line?: number; reason: string }[];
  readonly notes: readonly { name: string; note: string }[];
  readonly left_out: number;
  readonly other_files: number;
  readonly words: Readonly<Record<string, readonly string[]>>;
  readonly rooted_clips: number;
}

/** What a run of the stage left. */
export interface ParsedCustom {
  readonly run: StageRun;
  readonly index: RawIndex;
  readonly report: CustomReport;
  /** The coordinates of each clip. */
  readonly positions: Readonly<Record<string, Float32Array>>;
}

/** Runs the stage on files in a folder, or in an archive where `archive` is set. */
export async function parseCustomFiles(
  files: Files,
  params: unknown = {},
  { strict = false, archive = false } = {},
): Promise<ParsedCustom> {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.mkdir(`${path}/in`);
  await Deno.mkdir(`${path}/raw`);
  if (archive) await Deno.writeFile(`${path}/in.zip`, await zipped(files));
  else await writeFiles(`${path}/in`, files);
  const run = await runStage(
    entry,
    parseCustomParams.parse(params),
    { recordings: archive ? `${path}/in.zip` : `${path}/in` },
    { raw: `${path}/raw` },
    strict,
  );
  await using raw = await openRawClips(`${path}/raw`);
  const positions: [string, Float32Array][] = [];
  for (const clip of raw.index.clips as readonly RawClip[]) {
    positions.push([clip.name, await raw.read(clip)]);
  }
  return {
    run,
    index: raw.index,
    report: await readJson<CustomReport>(`${path}/raw/report.json`),
    positions: Object.fromEntries(positions),
  };
}
