/**
 * Runs the stage `read_prepared`: clip after clip, with one clip's coordinates in memory.
 *
 * @module
 */
import type { StageContext } from "../../../pipeline/stage.ts";
import type { DatasetName } from "../../clips/raw_clips.ts";
import { type ShippedSplits, splitsFacts } from "../../clips/shipped_splits.ts";
import { BadRecording } from "../../formats/bad_recording.ts";
import { counted } from "../../formats/counted.ts";
import { UnusableInput } from "../../formats/unusable_input.ts";
import { ParseReport } from "../../parse/parse_report.ts";
import { RawClipsWriter } from "../../parse/raw_clips_writer.ts";
import { JOINTS } from "../../skeleton/joints.ts";
import type { PreparedSource } from "../prepared_source.ts";
import { ClipTaker } from "./clip_taker.ts";
import type { ReadPreparedParams } from "./definition.ts";
import { openPrepared } from "./open_prepared.ts";

/** Clips between two looks at the event loop. */
const BREATH = 64;

/** Reads the input `prepared` and writes the output `raw`. */
export default async function readPrepared(ctx: StageContext<ReadPreparedParams>): Promise<void> {
  const { params } = ctx;
  const source = await openPrepared(ctx.input("prepared"), params);
  const writer = new RawClipsWriter(ctx.output("raw"), params.bodies);
  const report = new ParseReport(ctx.strict, (message) => ctx.log("warn", message));
  const taker = new ClipTaker(params, writer, report);
  try {
    let done = 0;
    for await (const clip of source.clips()) {
      if (clip instanceof BadRecording) report.exclude(clip);
      else await taker.take(clip);
      if (++done % BREATH !== 0 && done !== source.total) continue;
      ctx.progress(done, source.total, "clips");
      await ctx.breathe();
      if (ctx.stopping) ctx.stopped();
    }
    await finish(ctx, source, taker, report, writer);
  } finally {
    await writer.abandon();
    await source.close();
  }
}

async function finish(
  ctx: StageContext<ReadPreparedParams>,
  source: PreparedSource,
  taker: ClipTaker,
  report: ParseReport,
  writer: RawClipsWriter,
): Promise<void> {
  const { clips } = writer;
  if (clips.length === 0) {
    throw new UnusableInput(
      `none of ${counted(source.total, "clip")} can be used:\n${report.firstReasons()}`,
    );
  }
  // Rows are found by the index, so that only the index need be in the order of names.
  clips.sort((a, b) => a.name < b.name ? -1 : 1);
  const dataset: DatasetName = ctx.params.dataset === "auto"
    ? (taker.allNtu ? "ntu" : "prepared")
    : ctx.params.dataset;
  const largest = clips.reduce((most, { label }) => Math.max(most, label), 0);
  const classes = ctx.params.classes ?? Math.max(source.classes ?? 0, largest + 1);
  const { splits, sizes } = splitsOf(source, clips.map(({ name }) => name));
  const remarks = [...source.notes, ...taker.remarks()];
  for (const remark of remarks) ctx.log("warn", remark);
  await writer.finish({ dataset, classes, class_names: [], splits, prepared: true }, {
    files: source.total,
    clips: clips.length,
    excluded: report.excluded,
    notes: report.notes,
    left_out: report.leftOut,
    other_files: 0,
    prepared: { form: source.form, remarks, splits: sizes, ...taker.counts() },
  });
  ctx.metric("clips", clips.length);
  ctx.metric("excluded", report.excluded.length);
  ctx.facts("raw", {
    dataset,
    bodies: ctx.params.bodies,
    joints: JOINTS,
    files: source.total,
    clips: clips.length,
    classes,
    ...splitsFacts(splits),
  });
  if (report.excluded.length > 0) {
    ctx.log(
      "warn",
      `${
        counted(clips.length, "clip")
      } taken, ${report.excluded.length} excluded; report.json of ` +
        "this stage's output gives the reasons",
    );
  }
}

/** The shipped splits by the clips' indices, and how many names had no clip that was taken. */
function splitsOf(
  source: PreparedSource,
  names: readonly string[],
): { splits: ShippedSplits; sizes: Readonly<Record<string, Readonly<Record<string, number>>>> } {
  const index = new Map(names.map((name, i) => [name, i]));
  const splits: Record<string, { train: number[]; test: number[] }> = {};
  const sizes: Record<string, Record<string, number>> = {};
  for (const [protocol, named] of source.splits()) {
    const side = (list: readonly string[]) =>
      [...new Set(list.map((name) => index.get(name)).filter((at) => at !== undefined))]
        .sort((a, b) => a - b);
    const train = side(named.train);
    const test = side(named.test);
    const trains = new Set(train);
    const both = test.find((at) => trains.has(at));
    if (both !== undefined) {
      throw new UnusableInput(
        `split ${protocol}: the clip ${
          names[both]
        } is among those that train and those that test: ` +
          "no figure measured with it would mean anything",
      );
    }
    splits[protocol] = { train, test };
    sizes[protocol] = {
      train: train.length,
      test: test.length,
      without_clip: named.train.length + named.test.length - train.length - test.length,
    };
  }
  return { splits, sizes };
}
