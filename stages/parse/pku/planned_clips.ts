/**
 * The clips that label files ask for, before any video is read.
 *
 * @module
 */
import { BadRecording } from "../../formats/bad_recording.ts";
import { counted } from "../../formats/counted.ts";
import { type PkuLabel, readPkuLabels } from "../../formats/pku_labels.ts";
import { pkuClipName, pkuClipPrefix } from "../../formats/pku_name.ts";
import type { FrameSpan } from "../../formats/pku_skeleton.ts";
import type { RecordingFile } from "../../formats/recording_source.ts";
import { balancedSubset } from "../balanced_subset.ts";
import type { ParseReport } from "../parse_report.ts";
import type { ClipIdentity } from "../recording_form.ts";
import { type Cut, cutSpan } from "./cut.ts";
import { smallFile } from "./pieces.ts";
import type { VideoFiles } from "./pku_files.ts";

/** A clip to be cut out of a video. */
export interface PlannedClip {
  readonly name: string;
  readonly identity: ClipIdentity;
  readonly label: PkuLabel;
  readonly span: FrameSpan;
}

/** A video with the clips to be cut out of it. */
export interface PlannedVideo {
  readonly name: string;
  readonly skeleton: RecordingFile;
  readonly labels: RecordingFile;
  /** In lexicographic order of names. */
  readonly clips: readonly PlannedClip[];
}

/** No label file has more bytes. */
const MOST_LABEL_BYTES = 1 << 21;

/** What {@link planClips} is asked for. */
export interface PlanOptions {
  readonly cut: Cut;
  readonly classes: number;
  readonly perClass: number | undefined;
}

/** What label files ask for. */
export interface Plan {
  /** In lexicographic order of their clips' names; videos without clips are left out. */
  readonly videos: readonly PlannedVideo[];
  /** Rows that can be used, before a subset was taken. */
  readonly rows: number;
}

/**
 * Reads all label files.
 *
 * @param report Receives videos without labels, labels without a video, and faulty rows.
 */
export async function planClips(
  videos: readonly VideoFiles[],
  options: PlanOptions,
  report: ParseReport,
): Promise<Plan> {
  const planned: PlannedVideo[] = [];
  for (const video of [...videos].sort(byClipNames)) {
    const { name, skeleton, labels } = video;
    if (skeleton === undefined || labels === undefined) {
      report.exclude(incomplete(video));
      continue;
    }
    const clips = await clipsOf(video, labels, options, report);
    if (clips.length > 0) planned.push({ name, skeleton, labels, clips });
  }
  const all = planned.flatMap(({ clips }) => clips);
  if (options.perClass === undefined) return { videos: planned, rows: all.length };
  const taken = new Set(balancedSubset(all, options.perClass));
  report.leftOut += all.length - taken.size;
  const subset = planned.map((video) => ({
    ...video,
    clips: video.clips.filter((clip) => taken.has(clip)),
  }));
  return { videos: subset.filter(({ clips }) => clips.length > 0), rows: all.length };
}

function byClipNames(a: VideoFiles, b: VideoFiles): number {
  return pkuClipPrefix(a.parsed) < pkuClipPrefix(b.parsed) ? -1 : 1;
}

function incomplete({ name, skeleton, labels }: VideoFiles): BadRecording {
  return skeleton === undefined
    ? new BadRecording(
      labels!.path,
      `labels of video ${name}, which has no skeleton file: get the skeletons again, or remove these`,
    )
    : new BadRecording(
      skeleton.path,
      `no label file for video ${name} among these files: nothing says what happens in it`,
    );
}

async function clipsOf(
  { parsed }: VideoFiles,
  file: RecordingFile,
  { cut, classes }: PlanOptions,
  report: ParseReport,
): Promise<PlannedClip[]> {
  let read;
  try {
    read = readPkuLabels(await bytesOf(file), file.path, classes);
  } catch (error) {
    if (!(error instanceof BadRecording)) throw error;
    report.exclude(error);
    return [];
  }
  for (const fault of read.faults) report.exclude(fault);
  if (read.labels.length === 0 && read.faults.length === 0) {
    report.notes.push({ name: file.path, note: "the label file has no rows" });
  }
  const clips: PlannedClip[] = [];
  for (const label of read.labels) {
    const span = cutSpan(cut, label.start, label.end);
    if (span === undefined) {
      const reason = `no frame is left of an action of ${
        counted(label.end - label.start + 1, "frame")
      } under the cut ${cut}`;
      report.exclude(new BadRecording(file.path, reason, label.line));
      continue;
    }
    clips.push({
      name: pkuClipName(parsed, label.label, label.row),
      identity: {
        label: label.label,
        subject: parsed.subject,
        camera: parsed.camera,
        setup: parsed.video,
        replication: label.row,
      },
      label,
      span,
    });
  }
  return clips.sort((a, b) => a.name < b.name ? -1 : 1);
}

async function bytesOf(file: RecordingFile): Promise<Uint8Array> {
  try {
    return await smallFile(file, MOST_LABEL_BYTES);
  } catch (error) {
    throw new BadRecording(file.path, `cannot be read: ${(error as Error).message}`);
  }
}
