/**
 * A video as it is handed to whoever cuts it, in this thread or another.
 *
 * @module
 */
import type { RecordingFile } from "../../formats/recording_source.ts";
import { type PackedFile, unpackFile } from "../../formats/zip_data.ts";
import { type CutParams, type CutVideo, cutVideo, type VideoToCut } from "./cut_video.ts";
import { plainPieces } from "./pieces.ts";

/** A video and where its bytes are. */
export interface VideoTask extends VideoToCut {
  /** The skeleton file's path, or its bytes as they lie in an archive. */
  readonly from: string | PackedFile;
}

/** A file in an archive that unpacks to more is read piece by piece; videos have some 10 MB. */
export const LARGEST_UNPACKED = 2 ** 26;

/** Whether all of a file's bytes may be in memory. */
export function fitsMemory({ size }: RecordingFile): boolean {
  return size !== undefined && size <= LARGEST_UNPACKED;
}

/** Cuts a video. */
export function cutTask(task: VideoTask, params: CutParams): Promise<CutVideo> {
  const { from } = task;
  return cutVideo(task, () => typeof from === "string" ? plainPieces(from) : whole(from), params);
}

async function* whole(packed: PackedFile): AsyncGenerator<Uint8Array> {
  yield unpackFile(packed);
}
