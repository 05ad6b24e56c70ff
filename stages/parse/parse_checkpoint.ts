/**
 * Going on after a kill: a checkpoint holds the shards that are complete, and where the loop was after
 * the last of them.
 *
 * @module
 */
import { readJson } from "../formats/json_text.ts";
import type { StageContext } from "../../pipeline/stage.ts";
import type { ParseReport, SavedReport } from "./parse_report.ts";
import { type IndexedClip, type RawClipsWriter, rawShardName } from "./raw_clips_writer.ts";
import type { ClipSurvey } from "./recording_form.ts";

/** Where the loop was. */
interface ParseState {
  readonly format: "parse_state/1";
  /** Recordings that are done. */
  readonly done: number;
  readonly shards: number;
  readonly clips: readonly IndexedClip[];
  readonly report: SavedReport;
  readonly survey: unknown;
}

/** What is saved. */
export interface ParseProgress {
  readonly writer: RawClipsWriter;
  readonly report: ParseReport;
  readonly survey: ClipSurvey | undefined;
}

/**
 * Saves a checkpoint. All shards must be complete.
 *
 * @param done Recordings that are done.
 */
export async function saveParse(
  ctx: Pick<StageContext, "checkpoint" | "output">,
  { writer, report, survey }: ParseProgress,
  done: number,
): Promise<void> {
  const raw = ctx.output("raw");
  const state: ParseState = {
    format: "parse_state/1",
    done,
    shards: writer.shards,
    clips: writer.clips,
    report: report.save(),
    survey: survey?.save() ?? null,
  };
  await ctx.checkpoint(async (folder) => {
    for (let shard = 0; shard < state.shards; shard++) {
      await shared(`${raw}/${rawShardName(shard)}`, `${folder}/${rawShardName(shard)}`);
    }
    await Deno.writeTextFile(`${folder}/state.json`, JSON.stringify(state));
  });
}

/**
 * Takes up a checkpoint, if there is one.
 *
 * @returns Recordings that are done.
 */
export async function resumeParse(
  ctx: Pick<StageContext, "resume" | "output">,
  { writer, report, survey }: ParseProgress,
): Promise<number> {
  const folder = ctx.resume();
  if (folder === undefined) return 0;
  const state = await readJson<ParseState>(`${folder}/state.json`);
  for (let shard = 0; shard < state.shards; shard++) {
    const name = rawShardName(shard);
    await shared(`${folder}/${name}`, `${ctx.output("raw")}/${name}`);
  }
  writer.restore(state.clips, state.shards);
  report.restore(state.report);
  survey?.restore(state.survey);
  return state.done;
}

/** Has a complete shard, which nobody changes any more, lie in a second place; where links cannot be, as a copy. */
async function shared(from: string, to: string): Promise<void> {
  try {
    await Deno.link(from, to);
  } catch {
    await Deno.copyFile(from, to);
  }
}
