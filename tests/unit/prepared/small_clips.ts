/**
 * A small `raw_clips` artifact to write and read again.
 *
 * @module
 */
import type { DatasetName } from "../../../stages/clips/raw_clips.ts";
import { openRawClips } from "../../../stages/clips/raw_clips.ts";
import type { ShippedSplits } from "../../../stages/clips/shipped_splits.ts";
import { RawClipsWriter } from "../../../stages/parse/raw_clips_writer.ts";

/** Classes of the clips of {@link writeSmallClips}. */
export const CLASSES = 5;

/** NTU's names, of two subjects and three cameras. */
export const NAMES = Array.from(
  { length: 12 },
  (_, i) => `S001C00${i % 3 + 1}P00${i % 2 + 2}R00${1 + (i > 5 ? 1 : 0)}A00${i % CLASSES + 1}`,
).sort();

/** Odd clips train, even ones test, the last is on neither side. */
export const SPLITS: ShippedSplits = {
  given: { train: [1, 3, 5, 7, 9], test: [0, 2, 4, 6, 8, 10] },
};

/** A clip's coordinates (F, bodies, 25, 3): clip 4 has a gap, every third one a second body. */
export function positionsOf(clip: number, bodies: number): Float32Array {
  const frames = 3 + clip;
  return Float32Array.from({ length: frames * bodies * 75 }, (_, at) => {
    const frame = Math.floor(at / (bodies * 75));
    const body = Math.floor(at / 75) % bodies;
    if ((clip === 4 && frame === 2) || (body === 1 && clip % 3 !== 0)) return 0;
    return Math.fround(Math.sin(at * 0.37 + clip) + 2 + body);
  });
}

/** Writes the artifact into an empty folder. */
export async function writeSmallClips(
  folder: string,
  { bodies = 2, names = NAMES, dataset = "ntu" as DatasetName, splits = SPLITS } = {},
): Promise<void> {
  const writer = new RawClipsWriter(folder, bodies);
  for (const [i, name] of names.entries()) {
    const identity = {
      label: Number(name.slice(-3)) - 1 || 0,
      subject: Number(name.slice(9, 12)) || 0,
      camera: Number(name.slice(5, 8)) || 0,
      setup: Number(name.slice(1, 4)) || 0,
      replication: Number(name.slice(13, 16)) || 0,
    };
    await writer.append(name, identity, positionsOf(i, bodies));
  }
  const head = { dataset, classes: CLASSES, class_names: [], splits };
  await writer.finish(head, { clips: names.length });
}

/** Everything an artifact says and holds, for comparing. */
export async function contentOf(folder: string) {
  await using raw = await openRawClips(folder);
  const { dataset, classes, bodies, splits, clips } = raw.index;
  const content = [];
  for (const clip of clips) {
    const { name, label, subject, camera, setup, replication, frames } = clip;
    const positions = await raw.read(clip);
    content.push({ name, label, subject, camera, setup, replication, frames, positions });
  }
  return { dataset, classes, bodies, splits, clips: content };
}
