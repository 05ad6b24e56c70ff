/**
 * A small PKU-MMD of hand-made numbers: every coordinate says which frame it is of.
 *
 * @module
 */
import { readJson } from "../../../stages/formats/json_text.ts";
import { openRawClips, type RawIndex } from "../../../stages/clips/raw_clips.ts";
import { parsePkuParams } from "../../../stages/parse/pku/definition.ts";
import parsePku from "../../../stages/parse/pku/entry.ts";
import { runStage, type StageRun } from "./stage_run.ts";

/** The number at a place of the fixture's frames; frames and columns from 0. Body 2 is there in odd frames. */
export function valueAt(video: number, frame: number, column: number): number {
  if (column >= 75 && frame % 2 === 0) return 0;
  return Math.fround(video + frame / 1000 + column / 100_000);
}

/** The lines of a video. */
export function videoLines(video: number, frames: number): string[] {
  return Array.from(
    { length: frames },
    (_, frame) =>
      Array.from({ length: 150 }, (_, column) => valueAt(video, frame, column)).join(" "),
  );
}

/** The text of a video. */
export function videoText(video: number, frames: number): string {
  return videoLines(video, frames).join("\n") + "\n";
}

/** A split file as published. */
export function splitText(train: readonly string[], test: readonly string[]): string {
  return `Training videos: \n${train.map((name) => `${name}, `).join("")}\n` +
    `Validataion videos: \n${test.join(", ")},\n`;
}

/** Files by path: two videos of 40 and 50 frames with three actions each, and both splits. */
export const SMALL_PKU: Readonly<Record<string, string>> = {
  "Data/PKU_Skeleton_Renew/0002-L.txt": videoText(1, 40),
  "Data/PKU_Skeleton_Renew/0002-M.txt": videoText(2, 40),
  "Data/PKU_Skeleton_Renew/0010-R.txt": videoText(3, 50),
  "Label/Train_Label_PKU_final/0002-L.txt": "7,3,12,2\n3,15,20,1\n7,30,40,2\n",
  "Label/Train_Label_PKU_final/0002-M.txt": "7,4,12,2\r\n3,15,21,1\r\n7,30,39,2",
  "Label/Train_Label_PKU_final/0010-R.txt": "51,1,50,2\n",
  "Split/cross-subject.txt": splitText(["0002-L", "0002-M"], ["0010-R"]),
  "Split/cross-view.txt": splitText(["0002-M", "0010-R"], ["0002-L"]),
};

/** What the parse stage made. */
export interface ParsedPku extends StageRun {
  readonly index: RawIndex;
  readonly report: PkuReport;
  /** Coordinates (F, M, 25, 3) of a clip. */
  read(name: string): Promise<Float32Array>;
}

/** `report.json`. */
export interface PkuReport {
  readonly files: number;
  readonly clips: number;
  readonly labelled: number;
  readonly part: number;
  readonly other_part: number;
  readonly left_out: number;
  readonly other_files: number;
  readonly excluded: readonly {
    readonly name: string;
    readonly line?: number;
    readonly reason: string;
  }[];
  readonly notes: readonly { readonly name: string; readonly note: string }[];
}

/** Writes files below a folder. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const at = `${folder}/${path}`;
    await Deno.mkdir(at.slice(0, at.lastIndexOf("/")), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(at, content);
    else await Deno.writeFile(at, content);
  }
}

/** Runs the stage on a folder or archive, into a new folder beside it. */
export async function parse(
  recordings: string,
  params: Record<string, unknown> = {},
  strict = false,
): Promise<ParsedPku> {
  const out = await Deno.makeTempDir({ dir: recordings.slice(0, recordings.lastIndexOf("/")) });
  const given = parsePkuParams.parse(params);
  const run = await runStage(parsePku, given, { recordings }, { raw: out }, strict);
  const index = await readJson<RawIndex>(`${out}/index.json`);
  return {
    ...run,
    index,
    report: await readJson<PkuReport>(`${out}/report.json`),
    read: async (name) => {
      await using raw = await openRawClips(out);
      return await raw.read(index.clips.find((clip) => clip.name === name)!);
    },
  };
}
