/**
 * Parses made-up videos of PKU-MMD as a stage would, with small shards. Also a program, so that it can
 * be killed: `pku_program.ts RECORDINGS HOME THREADS`.
 *
 * @module
 */
import { currentCheckpoint, saveCheckpoint } from "../../../pipeline/running/checkpoint.ts";
import { parsePkuParams } from "../../../stages/parse/pku/definition.ts";
import { parsePkuRecordings } from "../../../stages/parse/pku/entry.ts";
import { FakeContext } from "../pretrain/fake_context.ts";
import { splitText, videoLines } from "./pku_fixture.ts";

/** How many videos {@link videos} makes. */
export const VIDEOS = 25;

/** Videos of different lengths; some have damaged lines or numbers, actions behind their end, or no body. */
export function videos(): Record<string, string> {
  const files: Record<string, string> = {};
  const names: string[] = [];
  for (let i = 0; i < VIDEOS; i++) {
    const name = `${String(2 + Math.floor(i / 3)).padStart(4, "0")}-${"LMR"[i % 3]}`;
    names.push(name);
    const frames = 12 + 5 * (i % 7);
    const lines = videoLines(i + 1, frames);
    if (i % 9 === 4) lines[3] = "1 2 3";
    if (i % 6 === 1) lines[5] = lines[5]!.replace(/\S+/, "nan");
    if (i % 8 === 2) lines.fill(new Array(150).fill("0").join(" "), 0, 3);
    files[`skeleton/${name}.txt`] = lines.join(i % 2 === 0 ? "\n" : "\r\n");
    files[`label/${name}.txt`] = `7,1,3,2\n3,4,${frames - 4},1\n7,6,9,2\n` +
      `${1 + i},${frames - 3},${frames + (i % 5 === 3 ? 4 : 0)},2\n`;
  }
  files["split/cross_subject.txt"] = splitText(names.slice(0, 15), names.slice(15));
  return files;
}

/** What a run is asked for. */
export interface PkuRun {
  readonly threads: number;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly strict?: boolean;
  /** End without a word after so many videos. */
  readonly killAfter?: number;
  /** Milliseconds that each video takes longer. */
  readonly pause?: number;
}

/**
 * Parses into `HOME/out/raw`, going on from a checkpoint in `home` if there is one.
 *
 * @returns How many videos were done when the first of this run was.
 */
export async function parse(
  recordings: string,
  home: string,
  { threads, params = {}, strict = false, killAfter = Infinity, pause = 0 }: PkuRun,
): Promise<number> {
  const ctx = await FakeContext.begin({
    params: parsePkuParams.parse(params),
    home,
    inputs: { recordings },
    outputs: ["raw"],
    killAfter,
  });
  const checkpoints = `${home}/checkpoints`;
  await Deno.mkdir(checkpoints, { recursive: true });
  await parsePkuRecordings(
    Object.assign(ctx, {
      threads,
      strict,
      // As the runner saves them, so that a kill at any moment leaves a whole one.
      checkpoint: async (write: (folder: string) => Promise<void>) => {
        await saveCheckpoint(checkpoints, write);
      },
      resume: () => currentCheckpoint(checkpoints)?.path,
      breathe: async () => {
        if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
        await FakeContext.prototype.breathe.call(ctx);
      },
    }),
    SHARD_ROWS,
  );
  return ctx.progressed[0]![0];
}

/** A shard of so many frames holds some clips of two or three videos, and ends amid one. */
const SHARD_ROWS = 60;

if (import.meta.main) {
  const [recordings, home, threads] = Deno.args as [string, string, string];
  await parse(recordings, home, { threads: Number(threads), pause: 40 });
}
