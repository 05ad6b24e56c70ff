/**
 * Parses made-up recordings as a stage would, with small shards and checkpoints in a folder. Also a
 * program, so that it can be killed: `parse_program.ts RECORDINGS RAW CHECKPOINTS THREADS`.
 *
 * @module
 */
import { currentCheckpoint, saveCheckpoint } from "../../../pipeline/running/checkpoint.ts";
import { formatNtuName } from "../../../stages/formats/ntu_name.ts";
import { parseNtuParams } from "../../../stages/parse/ntu/definition.ts";
import { ntuForm } from "../../../stages/parse/ntu/ntu_form.ts";
import { NtuSurvey } from "../../../stages/parse/ntu/ntu_survey.ts";
import { NTU_WORKER } from "../../../stages/parse/ntu/ntu_worker_url.ts";
import { type ParseContext, parseRecordings } from "../../../stages/parse/parse_recordings.ts";
import { skeletonLines, textOf } from "../formats/skeleton_fixture.ts";

const CLIPS = 230;

/** Recordings of different lengths, some of them damaged. */
export async function fill(folder: string): Promise<void> {
  await Deno.mkdir(folder);
  for (let i = 0; i < CLIPS; i++) {
    const name = formatNtuName({
      setup: 1 + i % 3,
      camera: 1 + i % 2,
      performer: 1 + i % 7,
      replication: 1,
      action: 1 + Math.floor(i / 4),
    });
    const bodies = Array.from({ length: 3 + i % 11 }, (_, frame) => (i + frame) % 4 === 3 ? 3 : 1);
    const lines = skeletonLines(bodies);
    if (i % 37 === 5) lines.splice(30 + i, 3);
    const text = textOf(lines, i % 2 === 0 ? "\n" : "\r\n");
    await Deno.writeFile(`${folder}/${name}.skeleton`, text);
  }
}

/** Parses as a stage would, with checkpoints in a folder; may be stopped after some recordings. */
export async function parse(
  path: string,
  raw: string,
  {
    threads = 1,
    checkpoints = "",
    stopAfter = Infinity,
    params = {} as unknown,
    strict = false,
    pause = 0,
    shardRows = 150,
  },
): Promise<readonly [number, number][]> {
  await Deno.mkdir(raw);
  const seen: [number, number][] = [];
  const parsed = parseNtuParams.parse(params);
  const ctx: ParseContext = {
    strict,
    threads,
    input: () => path,
    output: () => raw,
    log: () => {},
    progress: (done, total) => {
      seen.push([done, total]);
      if (pause > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
      if (done >= stopAfter) throw new Error("killed");
    },
    metric: () => {},
    facts: () => {},
    checkpoint: async (write) => {
      if (checkpoints !== "") await saveCheckpoint(checkpoints, write);
    },
    resume: () => checkpoints === "" ? undefined : currentCheckpoint(checkpoints)?.path,
    stopping: false,
    stopped: () => {
      throw new Error("stopped");
    },
  };
  await parseRecordings(ctx, {
    form: ntuForm(parsed),
    perClass: undefined,
    classes: () => Promise.resolve({ classes: 60, class_names: [] }),
    survey: new NtuSurvey(parsed),
    workers: { entry: NTU_WORKER, params: parsed },
    shardRows,
  });
  return seen;
}

if (import.meta.main) {
  const [path, raw, checkpoints, threads] = Deno.args as [string, string, string, string];
  await parse(path, raw, { checkpoints, threads: Number(threads), pause: 40 });
}
