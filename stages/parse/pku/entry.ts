/**
 * Runs the stage `parse_pku`.
 *
 * @module
 */
import type { StageContext } from "../../../pipeline/stage.ts";
import { splitsFacts } from "../../clips/shipped_splits.ts";
import { counted } from "../../formats/counted.ts";
import { PKU_NAME_FORM } from "../../formats/pku_name.ts";
import { openFiles, type RecordingFile } from "../../formats/recording_source.ts";
import { UnusableInput } from "../../formats/unusable_input.ts";
import { JOINTS } from "../../skeleton/joints.ts";
import { ParseReport } from "../parse_report.ts";
import { RawClipsWriter } from "../raw_clips_writer.ts";
import { census } from "./census.ts";
import { type SyntheticTruth, syntheticTruth } from "../synthetic_truth.ts";
import type { ParsePkuParams } from "./definition.ts";
import { PKU_CLASS_NAMES } from "./pku_class_names.ts";
import { planClips } from "./planned_clips.ts";
import { sortPkuFiles } from "./pku_files.ts";
import { takeVideos } from "./take_videos.ts";
import { clipSplits, readVideoSplits } from "./video_splits.ts";

/** Reads the input `recordings` and writes the output `raw`. */
export default function parsePku(ctx: StageContext<ParsePkuParams>): Promise<void> {
  return parsePkuRecordings(ctx);
}

/**
 * Reads the input `recordings` and writes the output `raw`.
 *
 * @param shardRows Rows of a full shard (default: 128 MiB of them).
 * @throws {import("../../formats/bad_recording.ts").BadRecording} In strict mode, for the first fault.
 * @throws {UnusableInput} If there are no videos, or no clip is left.
 */
export async function parsePkuRecordings(
  ctx: StageContext<ParsePkuParams>,
  shardRows?: number,
): Promise<void> {
  const { cut, bodies, per_class: perClass } = ctx.params;
  const path = ctx.input("recordings");
  const source = await openFiles(path);
  const writer = new RawClipsWriter(ctx.output("raw"), bodies, shardRows);
  const report = new ParseReport(ctx.strict, (message) => ctx.log("warn", message));
  try {
    const truth = await truthOf(source.files);
    const class_names = truth?.names ?? PKU_CLASS_NAMES;
    const classes = class_names.length;
    const { part, videos, splits: splitFiles, otherPart, others, strangers } = await sortPkuFiles(
      source.files,
      ctx.params.part,
    ).catch((error) => {
      throw error instanceof UnusableInput ? new UnusableInput(`${path}: ${error.message}`) : error;
    });
    for (const { path } of strangers) {
      const note = `left alone: expected the name of a video such as ${PKU_NAME_FORM}`;
      report.notes.push({ name: path, note });
    }
    const videoSplits = await readVideoSplits(splitFiles, part, report);
    const plan = await planClips(videos, { cut, classes, perClass }, report);
    await takeVideos(ctx, plan.videos, { writer, report, survey: undefined });
    if (writer.clips.length === 0) {
      throw new UnusableInput(
        `${path}: no clip can be had from ${counted(videos.length, "video")}:\n` +
          report.firstReasons(),
      );
    }
    const videoOf = new Map(
      plan.videos.flatMap((video) => video.clips.map((clip) => [clip.name, video.name])),
    );
    const splits = clipSplits(videoSplits, writer.clips.map(({ name }) => videoOf.get(name)!));
    const filmed = videos.filter(({ skeleton }) => skeleton !== undefined);
    if (truth === undefined) {
      const found = {
        part,
        videos: filmed.map(({ name }) => name),
        rows: plan.rows,
        splits: videoSplits,
        clips: perClass === undefined ? splits : undefined,
      };
      for (const { serious, text } of census(found)) {
        report.notes.push({ name: `PKU-MMD part ${part}`, note: text });
        ctx.log(serious ? "warn" : "info", text);
      }
    }
    const head = { dataset: "pku" as const, classes, class_names, splits, ...truth?.marks };
    await writer.finish(head, {
      files: filmed.length,
      clips: writer.clips.length,
      excluded: report.excluded,
      notes: report.notes,
      left_out: report.leftOut,
      other_files: others,
      part,
      other_part: otherPart,
      labelled: plan.rows,
      split_files: Object.fromEntries(videoSplits.map(({ protocol, file }) => [protocol, file])),
    });
    state(ctx, writer.clips.length, report);
    ctx.facts("raw", {
      dataset: "pku",
      bodies,
      joints: JOINTS,
      files: filmed.length,
      clips: writer.clips.length,
      classes,
      ...splitsFacts(splits),
    });
  } finally {
    await writer.abandon();
    await source.close();
  }
}

function state(ctx: StageContext<ParsePkuParams>, clips: number, report: ParseReport): void {
  const { excluded, bad } = report;
  ctx.metric("clips", clips);
  ctx.metric("excluded", excluded.length);
  if (excluded.length === 0) return;
  ctx.log(
    bad > 0 ? "warn" : "info",
    `${counted(clips, "clip")} taken, ${excluded.length} excluded (${bad} bad); ` +
      "report.json of this stage's output gives the reasons",
  );
}

/** What synthetic recordings say of themselves; `undefined` for recordings of people. */
async function truthOf(files: readonly RecordingFile[]): Promise<SyntheticTruth | undefined> {
  const [file, ...more] = files.filter(({ name }) => name === "truth.json");
  if (file === undefined || more.length > 0) return undefined;
  return syntheticTruth(await file.read(), "synth_pku_truth/1");
}
