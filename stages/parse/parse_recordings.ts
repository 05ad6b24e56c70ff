/**
 * The loop of every parse stage: from recordings in a folder or archive to the artifact `raw_clips`,
 * one clip in memory at a time. One bad recording never stops the good ones.
 *
 * @module
 */
import { BadRecording } from "../formats/bad_recording.ts";
import { counted } from "../formats/counted.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import { openRecordings, type RecordingFile } from "../formats/recording_source.ts";
import { JOINTS } from "../skeleton/joints.ts";
import type { StageContext } from "../../pipeline/stage.ts";
import { balancedSubset } from "./balanced_subset.ts";
import { ParseReport } from "./parse_report.ts";
import { type IndexedClip, type IndexHead, RawClipsWriter } from "./raw_clips_writer.ts";
import type { ClipIdentity, RecordingForm } from "./recording_form.ts";

/** Recordings between two reports of progress. */
const PROGRESS_STRIDE = 16;

/** What the loop leaves to a data set's stage. */
export interface ParseJob {
  readonly form: RecordingForm;
  /** Take up to so many clips of each class, evenly over subjects and cameras. */
  readonly perClass: number | undefined;
  /**
   * Classes and their names, once all clips are known.
   *
   * @param other Reads another file of the source by its base name.
   */
  classes(
    clips: readonly IndexedClip[],
    other: (name: string) => Promise<Uint8Array | undefined>,
  ): Promise<Pick<IndexHead, "classes" | "class_names">>;
}

interface NamedFile {
  readonly file: RecordingFile;
  readonly name: string;
  readonly identity: ClipIdentity;
}

/**
 * Reads the input `recordings` and writes the output `raw`.
 *
 * @throws {BadRecording} In strict mode, for the first bad recording.
 * @throws {UnusableInput} If there are no recordings, or none is left.
 */
export async function parseRecordings(
  ctx: Pick<
    StageContext,
    | "strict"
    | "input"
    | "output"
    | "log"
    | "progress"
    | "metric"
    | "facts"
    | "stopping"
    | "stopped"
  >,
  job: ParseJob,
): Promise<void> {
  const { form } = job;
  const source = await openRecordings(ctx.input("recordings"), form.extension);
  const writer = new RawClipsWriter(ctx.output("raw"), form.bodies);
  const report = new ParseReport(ctx.strict, (message) => ctx.log("warn", message));
  try {
    const wanted = identified(source.files, form, report);
    const taken = job.perClass === undefined ? wanted : balancedSubset(wanted, job.perClass);
    report.leftOut += wanted.length - taken.length;
    let done = 0;
    for await (const { named, bytes } of readAhead(taken)) {
      await takeClip(writer, report, form, named, bytes);
      if (++done % PROGRESS_STRIDE === 0 || done === taken.length) {
        ctx.progress(done, taken.length, "clips");
        if (ctx.stopping) ctx.stopped();
      }
    }
    if (writer.clips.length === 0) {
      throw new UnusableInput(
        `none of ${
          counted(source.files.length, "recording")
        } can be used:\n${report.firstReasons()}`,
      );
    }
    const head = await job.classes(writer.clips, source.other);
    await writer.finish({ dataset: form.dataset, ...head }, {
      files: source.files.length,
      clips: writer.clips.length,
      excluded: report.excluded,
      notes: report.notes,
      left_out: report.leftOut,
      other_files: source.others,
    });
    finish(ctx, form, report, {
      files: source.files.length,
      clips: writer.clips.length,
      classes: head.classes,
    });
  } finally {
    await writer.abandon();
    await source.close();
  }
}

function finish(
  ctx: Pick<StageContext, "metric" | "facts" | "log">,
  { dataset, bodies }: RecordingForm,
  { excluded, bad }: ParseReport,
  counts: { readonly files: number; readonly clips: number; readonly classes: number },
): void {
  ctx.metric("clips", counts.clips);
  ctx.metric("excluded", excluded.length);
  ctx.facts("raw", { dataset, bodies, joints: JOINTS, ...counts });
  if (excluded.length > 0) {
    ctx.log(
      bad > 0 ? "warn" : "info",
      `${counted(counts.clips, "clip")} taken, ${excluded.length} excluded (${bad} bad); ` +
        "report.json of this stage's output gives the reasons",
    );
  }
}

function identified(
  files: readonly RecordingFile[],
  form: RecordingForm,
  report: ParseReport,
): NamedFile[] {
  const wanted: NamedFile[] = [];
  for (const file of files) {
    const name = file.name.slice(0, -form.extension.length);
    const reading = form.identify(name);
    if (reading.kind === "clip") wanted.push({ file, name, identity: reading.identity });
    else if (reading.kind === "bad") report.exclude(new BadRecording(file.name, reading.reason));
    else if (reading.kind === "excluded") report.leave(file.name, reading.reason);
    else report.leftOut++;
  }
  return wanted;
}

async function takeClip(
  writer: RawClipsWriter,
  report: ParseReport,
  form: RecordingForm,
  { file, name, identity }: NamedFile,
  bytes: Uint8Array | Error,
): Promise<void> {
  let clip;
  try {
    if (bytes instanceof Error) {
      throw new BadRecording(file.name, `cannot be read: ${bytes.message}`);
    }
    clip = form.read(bytes, file.name, identity);
    if (clip.frames > writer.longestClip) {
      throw new BadRecording(
        file.name,
        `expected at most ${writer.longestClip} frames, found ${clip.frames}`,
      );
    }
  } catch (error) {
    if (!(error instanceof BadRecording)) throw error;
    report.exclude(error);
    return;
  }
  if (clip.note !== undefined) report.notes.push({ name: file.name, note: clip.note });
  await writer.append(name, identity, clip.positions);
}

/** Reads each file while the one before it is being worked on. */
async function* readAhead(
  files: readonly NamedFile[],
): AsyncGenerator<{ named: NamedFile; bytes: Uint8Array | Error }> {
  const read = (named: NamedFile | undefined) => named?.file.read().catch((error: Error) => error);
  let next = read(files[0]);
  for (const [i, named] of files.entries()) {
    const bytes = (await next)!;
    next = read(files[i + 1]);
    yield { named, bytes };
  }
}
