/**
 * The loop of every parse stage: from recordings in folders and archives to the artifact `raw_clips`, a
 * few clips in memory at a time. One bad recording never stops the good ones, and a run that was killed
 * goes on after the last complete shard.
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
import { type ParseProgress, resumeParse, saveParse } from "./parse_checkpoint.ts";
import { type NamedFile, type Outcome, parseOutcomes } from "./parse_outcomes.ts";
import type { ParseWorkerSource } from "./parse_pool.ts";
import { ParseReport } from "./parse_report.ts";
import { type IndexedClip, type IndexHead, RawClipsWriter } from "./raw_clips_writer.ts";
import type { ClipFrames, ClipSurvey, RecordingForm, SurveyFindings } from "./recording_form.ts";

/** Recordings between two reports of progress. */
const PROGRESS_STRIDE = 16;

/** What the loop leaves to a data set's stage. */
export interface ParseJob {
  readonly form: RecordingForm;
  /** Take up to so many clips of each class, evenly over subjects and cameras. */
  readonly perClass: number | undefined;
  /** Names of the inputs that hold recordings (default: `recordings`). */
  readonly inputs?: readonly string[];
  /**
   * Classes and their names, once all clips are known.
   *
   * @param other Reads another file of the source by its base name.
   */
  classes(
    clips: readonly IndexedClip[],
    other: (name: string) => Promise<Uint8Array | undefined>,
  ): Promise<Pick<IndexHead, "classes" | "class_names" | "synthetic" | "mutual">>;
  /** What parses in other threads; absent where one is enough. */
  readonly workers?: ParseWorkerSource;
  /** What is to be found out beside the clips. */
  readonly survey?: ClipSurvey;
  /** Rows of a full shard (default: 128 MiB of them). */
  readonly shardRows?: number;
}

/** What the loop needs of a stage's context. */
export type ParseContext = Pick<
  StageContext,
  | "strict"
  | "threads"
  | "input"
  | "output"
  | "log"
  | "progress"
  | "metric"
  | "facts"
  | "checkpoint"
  | "resume"
  | "stopping"
  | "stopped"
>;

/**
 * Reads the inputs, each of them a folder or an archive, and writes the output `raw`.
 *
 * @throws {BadRecording} In strict mode, for the first bad recording.
 * @throws {UnusableInput} If there are no recordings, or none is left; in strict mode also if something
 * is wrong with them as a whole.
 */
export async function parseRecordings(ctx: ParseContext, job: ParseJob): Promise<void> {
  const { form, survey } = job;
  const source = await openRecordings(
    (job.inputs ?? ["recordings"]).map(ctx.input),
    form.extension,
  );
  const writer = new RawClipsWriter(ctx.output("raw"), form.bodies, job.shardRows);
  const report = new ParseReport(ctx.strict, (message) => ctx.log("warn", message));
  const progress = { writer, report, survey };
  try {
    const wanted = identified(source.files, form, report);
    const fault = survey?.begin(wanted);
    if (fault !== undefined && ctx.strict) throw new UnusableInput(fault);
    if (fault !== undefined) ctx.log("warn", fault);
    const taken = job.perClass === undefined ? wanted : balancedSubset(wanted, job.perClass);
    report.leftOut += wanted.length - taken.length;
    await takeAll(ctx, job, progress, taken);
    if (writer.clips.length === 0) {
      throw new UnusableInput(
        `none of ${
          counted(source.files.length, "recording")
        } can be used:\n${report.firstReasons()}`,
      );
    }
    const head = await job.classes(writer.clips, source.other);
    const findings = survey?.finish();
    await writer.finish({ dataset: form.dataset, ...head }, {
      files: source.files.length,
      clips: writer.clips.length,
      excluded: report.excluded,
      notes: report.notes,
      left_out: report.leftOut,
      other_files: source.others,
      ...findings?.report,
    });
    finish(ctx, form, report, findings, {
      files: source.files.length,
      clips: writer.clips.length,
      classes: head.classes,
    });
  } finally {
    await writer.abandon();
    await source.close();
  }
}

/** From the first recording that is not done to the last, with a checkpoint after each full shard. */
async function takeAll(
  ctx: ParseContext,
  { form, workers }: ParseJob,
  progress: ParseProgress,
  taken: readonly NamedFile[],
): Promise<void> {
  let done = await resumeParse(ctx, progress);
  const { threads = navigator.hardwareConcurrency } = ctx;
  const left = done === 0 ? taken : taken.slice(done);
  for await (const outcome of parseOutcomes(left, form, { threads, source: workers })) {
    const clip = storable(progress, outcome);
    if (clip !== undefined) {
      if (progress.writer.fillsShard(clip.frames)) {
        await progress.writer.closeShard();
        await saveParse(ctx, progress, done);
      }
      await takeClip(progress, outcome.named, clip);
    }
    if (++done % PROGRESS_STRIDE === 0 || done === taken.length) {
      ctx.progress(done, taken.length, "clips");
      if (ctx.stopping) ctx.stopped();
    }
  }
}

/** The clip of a recording, unless it is excluded. */
function storable(
  { writer, report }: ParseProgress,
  { named: { file }, parsed }: Outcome,
): ClipFrames | undefined {
  if (parsed.kind === "bad") {
    report.exclude(new BadRecording(file.name, parsed.reason, parsed.line));
    return undefined;
  }
  if (parsed.clip.frames > writer.longestClip) {
    const reason = `expected at most ${writer.longestClip} frames, found ${parsed.clip.frames}`;
    report.exclude(new BadRecording(file.name, reason));
    return undefined;
  }
  return parsed.clip;
}

async function takeClip(
  { writer, report, survey }: ParseProgress,
  { name, identity, file }: NamedFile,
  clip: ClipFrames,
): Promise<void> {
  if (clip.note !== undefined) report.notes.push({ name: file.name, note: clip.note });
  survey?.add({ name, identity }, clip);
  await writer.append(name, identity, clip.positions);
}

function finish(
  ctx: ParseContext,
  { dataset, bodies }: RecordingForm,
  { excluded, bad }: ParseReport,
  findings: SurveyFindings | undefined,
  counts: { readonly files: number; readonly clips: number; readonly classes: number },
): void {
  const metrics = { clips: counts.clips, excluded: excluded.length, ...findings?.metrics };
  for (const [name, value] of Object.entries(metrics)) ctx.metric(name, value);
  ctx.facts("raw", { dataset, bodies, joints: JOINTS, ...counts });
  for (const line of findings?.infos ?? []) ctx.log("info", line);
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
