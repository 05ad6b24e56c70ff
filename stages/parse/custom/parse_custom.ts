/**
 * From a user's own arrays and their table to the artifact `raw_clips`, a few clips in memory at a time. A
 * run that was killed goes on after the last complete shard.
 *
 * @module
 */
import type { StageContext } from "../../../pipeline/stage.ts";
import { type ShippedSplits, splitsFacts } from "../../clips/shipped_splits.ts";
import { BadRecording } from "../../formats/bad_recording.ts";
import { counted } from "../../formats/counted.ts";
import { openFiles, type RecordingFile } from "../../formats/recording_source.ts";
import { UnusableInput } from "../../formats/unusable_input.ts";
import { JOINTS } from "../../skeleton/joints.ts";
import { balancedSubset } from "../balanced_subset.ts";
import { resumeParse, saveParse } from "../parse_checkpoint.ts";
import { type Outcome, parseOutcomes } from "../parse_outcomes.ts";
import { ParseReport } from "../parse_report.ts";
import { RawClipsWriter } from "../raw_clips_writer.ts";
import { type ClipList, LARGEST_LIST, noTable, readClipList } from "./clip_list.ts";
import { LARGEST_ARRAY, tooLarge } from "./clip_array.ts";
import { customForm } from "./custom_form.ts";
import { CUSTOM_WORKER } from "./custom_worker_url.ts";
import type { ParseCustomParams } from "./definition.ts";
import { type ListedFile, listedFiles, listFile } from "./listed_files.ts";
import { RootedSurvey } from "./rooted_survey.ts";

/** Recordings between two reports of progress. */
const PROGRESS_STRIDE = 16;

/** What is filled clip by clip. */
interface Growing {
  readonly writer: RawClipsWriter;
  readonly report: ParseReport;
  readonly survey: RootedSurvey;
}

/**
 * Reads the input `recordings` and writes the output `raw`.
 *
 * @param shardRows Rows of a full shard (default: 128 MiB of them).
 * @throws {BadRecording} In strict mode, for the first row or file that cannot be used.
 * @throws {UnusableInput} If there is no table, or no clip is left.
 */
export async function parseCustomRecordings(
  ctx: StageContext<ParseCustomParams>,
  shardRows?: number,
): Promise<void> {
  const { params } = ctx;
  const source = await openFiles(ctx.input("recordings"));
  const writer = new RawClipsWriter(ctx.output("raw"), params.bodies, shardRows);
  const report = new ParseReport(ctx.strict, (message) => ctx.log("warn", message));
  const growing = { writer, report, survey: new RootedSurvey() };
  try {
    const list = listFile(source.files, params.list, ctx.input("recordings"));
    const listBytes = await sizeOf(list);
    if (listBytes > LARGEST_LIST) throw new UnusableInput(noTable(list.path, listBytes));
    const table = readClipList(await list.read(), list.path);
    const listed = listedFiles(table, list, source.files, params);
    for (const fault of [...table.faults, ...listed.faults]) report.exclude(fault);
    for (const file of listed.unlisted) report.leave(file.path, `not listed in ${list.path}`);
    for (const column of table.unread) {
      report.notes.push({ name: list.path, note: `the column ${column} is not read` });
    }
    const small = await withoutLarge(listed.clips, report);
    const wanted = params.per_class === undefined ? small : balancedSubset(small, params.per_class);
    report.leftOut = small.length - wanted.length;
    await takeAll(ctx, growing, wanted);
    if (writer.clips.length === 0) {
      throw new UnusableInput(
        table.clips.length + table.faults.length === 0
          ? `${list.path}: the table lists no clip`
          : `none of ${
            counted(table.clips.length + table.faults.length, "listed clip")
          } can be used:\n${report.firstReasons()}`,
      );
    }
    const splits = splitsOf(table, writer);
    const { classes, class_names } = listed;
    await writer.finish({
      dataset: "custom",
      classes,
      class_names,
      ...(splits === undefined ? {} : { splits }),
    }, {
      files: listed.clips.length + listed.unlisted.length,
      clips: writer.clips.length,
      excluded: report.excluded,
      notes: report.notes,
      left_out: report.leftOut,
      other_files: source.files.length - listed.clips.length - listed.unlisted.length,
      words: listed.words,
      ...growing.survey.finish().report,
    });
    ctx.facts("raw", {
      dataset: "custom",
      joints: JOINTS,
      bodies: params.bodies,
      classes,
      clips: writer.clips.length,
      ...splitsFacts(splits),
    });
    say(ctx, growing);
  } finally {
    await writer.abandon();
    await source.close();
  }
}

/** Bytes of a file, unread; 0 for one that cannot be looked at, which shows when it is read. */
async function sizeOf({ plain, size = 0 }: RecordingFile): Promise<number> {
  return plain === undefined ? size : await Deno.stat(plain).then((info) => info.size, () => 0);
}

/** Excludes files that are no clip for their size alone, unread. */
async function withoutLarge(
  clips: readonly ListedFile[],
  report: ParseReport,
): Promise<readonly ListedFile[]> {
  const small: ListedFile[] = [];
  for (const clip of clips) {
    const size = await sizeOf(clip.file);
    if (size <= LARGEST_ARRAY) small.push(clip);
    else report.exclude(new BadRecording(clip.file.name, tooLarge(size)));
  }
  return small;
}

/** From the first clip that is not done to the last, with a checkpoint after each full shard. */
async function takeAll(
  ctx: StageContext<ParseCustomParams>,
  growing: Growing,
  wanted: readonly ListedFile[],
): Promise<void> {
  const { writer } = growing;
  let done = await resumeParse(ctx, growing);
  const threads = {
    threads: ctx.threads ?? navigator.hardwareConcurrency,
    source: { entry: CUSTOM_WORKER, params: ctx.params },
  };
  for await (const outcome of parseOutcomes(wanted.slice(done), customForm(ctx.params), threads)) {
    const clip = outcome.parsed.kind === "clip" ? outcome.parsed.clip : undefined;
    if (clip !== undefined && writer.fillsShard(clip.frames)) {
      await writer.closeShard();
      await saveParse(ctx, growing, done);
    }
    await take(growing, outcome);
    if (++done % PROGRESS_STRIDE === 0 || done === wanted.length) {
      ctx.progress(done, wanted.length, "clips");
      if (ctx.stopping) ctx.stopped();
    }
  }
}

async function take(
  { writer, report, survey }: Growing,
  { named, parsed }: Outcome,
): Promise<void> {
  const { name, identity, file } = named;
  if (parsed.kind === "bad") return report.exclude(new BadRecording(file.name, parsed.reason));
  const { clip } = parsed;
  if (clip.frames > writer.longestClip) {
    const reason = `expected at most ${writer.longestClip} frames, found ${clip.frames}`;
    return report.exclude(new BadRecording(file.name, reason));
  }
  if (clip.note !== undefined) report.notes.push({ name: file.name, note: clip.note });
  survey.add({ name, identity }, clip);
  await writer.append(name, identity, clip.positions);
}

/** The splits that the table's columns say, for the clips that were taken. */
function splitsOf(table: ClipList, writer: RawClipsWriter): ShippedSplits | undefined {
  if (table.protocols.length === 0) return undefined;
  const sidesOf = new Map(table.clips.map(({ name, sides }) => [name, sides]));
  const indices = (protocol: string, side: string) =>
    writer.clips.flatMap(({ name }, i) => sidesOf.get(name)!.get(protocol) === side ? [i] : []);
  return Object.fromEntries(
    table.protocols.map((protocol) => [
      protocol,
      { train: indices(protocol, "train"), test: indices(protocol, "test") },
    ]),
  );
}

function say(
  ctx: StageContext<ParseCustomParams>,
  { writer, report: { excluded, bad }, survey: { rooted } }: Growing,
): void {
  ctx.metric("clips", writer.clips.length);
  ctx.metric("excluded", excluded.length);
  if (excluded.length > 0) {
    ctx.log(
      bad > 0 ? "warn" : "info",
      `${counted(writer.clips.length, "clip")} taken, ${excluded.length} excluded (${bad} bad); ` +
        "report.json of this stage's output gives the reasons",
    );
  }
  if (rooted > 0) {
    ctx.log(
      "warn",
      `the spine base is at the origin in every frame of ${counted(rooted, "clip")}: give ` +
        'normalize "resize: linear", since the default counts frames by it and would find none',
    );
  }
}
