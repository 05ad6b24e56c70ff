/**
 * The split files that come with PKU-MMD: which videos train and which test.
 *
 * @module
 */
import type { ShippedSplits } from "../../clips/shipped_splits.ts";
import { BadRecording } from "../../formats/bad_recording.ts";
import { parsePkuName, type PkuPart } from "../../formats/pku_name.ts";
import { type PkuSplitList, readPkuSplitList } from "../../formats/pku_split_list.ts";
import type { RecordingFile } from "../../formats/recording_source.ts";
import { UnusableInput } from "../../formats/unusable_input.ts";
import type { ParseReport } from "../parse_report.ts";
import { smallFile } from "./pieces.ts";

/** A split file of the part in hand. */
export interface VideoSplit {
  /** `xsub`, `xview`, or the file's own name. */
  readonly protocol: string;
  /** Where it lies in the recordings. */
  readonly file: string;
  readonly train: ReadonlySet<string>;
  readonly test: ReadonlySet<string>;
}

const MOST_BYTES = 1 << 23;

/**
 * Reads all split files that speak of videos of one part.
 *
 * @param report Receives files and entries that cannot be used.
 * @throws {UnusableInput} If two files say different things about one protocol.
 */
export async function readVideoSplits(
  files: readonly RecordingFile[],
  part: PkuPart,
  report: ParseReport,
): Promise<VideoSplit[]> {
  const splits = new Map<string, VideoSplit>();
  for (const file of files) {
    const list = await listOf(file, report);
    if (list === undefined) continue;
    const own = (names: readonly string[]) =>
      new Set(names.filter((name) => parsePkuName(name)?.part === part));
    const split = {
      protocol: protocolOf(file.name),
      file: file.path,
      train: own(list.train),
      test: own(list.test),
    };
    for (const fault of list.faults) report.exclude(fault);
    if (split.train.size + split.test.size === 0) {
      report.notes.push({ name: file.path, note: `lists no video of part ${part}` });
      continue;
    }
    const before = splits.get(split.protocol);
    if (
      before !== undefined && !(same(before.train, split.train) && same(before.test, split.test))
    ) {
      throw new UnusableInput(
        `two split files for ${split.protocol} of part ${part} differ: ${before.file} and ` +
          `${split.file}; keep one of them`,
      );
    }
    splits.set(split.protocol, before ?? split);
  }
  return [...splits.values()].sort((a, b) => a.protocol < b.protocol ? -1 : 1);
}

/**
 * The splits of clips.
 *
 * @param videos The video of each clip, in the order of clips.
 */
export function clipSplits(
  splits: readonly VideoSplit[],
  videos: readonly string[],
): ShippedSplits {
  const side = (names: ReadonlySet<string>) =>
    videos.flatMap((video, clip) => names.has(video) ? [clip] : []);
  return Object.fromEntries(
    splits.map(({ protocol, train, test }) => [protocol, { train: side(train), test: side(test) }]),
  );
}

/** `cross-subject.txt`, `cross_subject_v2.txt`, `xsub.txt` ... are all `xsub`. */
export function protocolOf(name: string): string {
  const stem = name.replace(/\.[^.]*$/, "");
  if (/subject|xsub/i.test(stem)) return "xsub";
  if (/view/i.test(stem)) return "xview";
  return stem.replaceAll(/[^A-Za-z0-9_]+/g, "_").replace(/^_+/, "") || "split";
}

async function listOf(
  file: RecordingFile,
  report: ParseReport,
): Promise<PkuSplitList | undefined> {
  try {
    return readPkuSplitList(await bytesOf(file), file.path);
  } catch (error) {
    if (!(error instanceof BadRecording)) throw error;
    report.exclude(error);
    return undefined;
  }
}

async function bytesOf(file: RecordingFile): Promise<Uint8Array> {
  try {
    return await smallFile(file, MOST_BYTES);
  } catch (error) {
    throw new BadRecording(file.path, `cannot be read: ${(error as Error).message}`);
  }
}

function same(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && a.isSubsetOf(b);
}
