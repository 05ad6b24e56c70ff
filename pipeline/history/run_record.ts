/**
 * What is remembered of a run, under `runs/` in the store.
 *
 * `runs/TIME-ID.json` has a first line that says what the run came to, and a line for each stage that
 * was not cached. Which stages there were, with their keys, is kept once for all runs that had the same
 * (`runs/stages/DIGEST.json`): a run of ten thousand cached stages adds a few hundred bytes. Outputs
 * and figures are those of the keys' results.
 *
 * @module
 */
import { sha256 } from "../fingerprint.ts";
import type { ActionManifest } from "../manifest.ts";
import { readJson } from "../store/json_file.ts";
import { exists } from "../store/blobs.ts";
import type { Store } from "../store/store.ts";
import type { RunSummary, StageStatus } from "../types.ts";

/** What a run came to. */
export interface RunHead {
  /** Of the file. */
  readonly format: "run/2";
  /** Eight hex digits. */
  readonly id: string;
  /** The experiment's name. */
  readonly experiment: string;
  /** The experiment file's absolute path. */
  readonly file: string;
  /** ISO 8601, UTC. */
  readonly started: string;
  /** How it ended. */
  readonly status: RunSummary["status"];
  /** Wall time. */
  readonly seconds: number;
  /** How many stages ended in which way. */
  readonly counts: Readonly<Partial<Record<StageStatus, number>>>;
  /** What the user looks at first, by `STAGE.METRIC`. */
  readonly headline: Readonly<Record<string, number>>;
  /** The class of device it computed on, where some stage does. */
  readonly device?: string;
  /** The digest of the list of its stages. */
  readonly list: string;
}

/** A stage of a remembered run. */
export interface RunRow {
  /** Its name in the experiment. */
  readonly id: string;
  /** The name of its definition. */
  readonly uses: string;
  /** How it ended. */
  readonly status: StageStatus;
  /** Absent when it never became known. */
  readonly key?: string;
  /** Wall seconds of that run's own work on it. */
  readonly seconds: number;
  /** Why it failed, or which failed stage made it be skipped. */
  readonly reason?: string;
  /** The attempt at its key that the run made; its log is called after it. */
  readonly attempt?: number;
  /** What it was to be computed from, where it came to no result that would say so. */
  readonly manifest?: ActionManifest;
}

/** A remembered run. */
export interface RunRecord extends RunHead {
  /** In the order of the graph. */
  readonly stages: readonly RunRow[];
}

type Listed = readonly (readonly [id: string, uses: string, key: string | null])[];

/** What only the run itself knows. */
export interface RunFacts {
  /** The experiment file's absolute path. */
  readonly file: string;
  /** When it began. */
  readonly started: Date;
  /** See {@link RunHead}. */
  readonly headline: Readonly<Record<string, number>>;
  /** See {@link RunHead}. */
  readonly device: string | undefined;
  /** Of stages that came to no result, by id. */
  readonly manifests: ReadonlyMap<string, ActionManifest>;
}

/**
 * Writes a run down; the file's name begins with its start in UTC, so that names sort by time.
 *
 * @returns The run's id, and the digest of the list of its stages.
 */
export async function writeRun(
  store: Store,
  summary: RunSummary,
  facts: RunFacts,
): Promise<{ readonly id: string; readonly list: string }> {
  const id = crypto.randomUUID().slice(0, 8);
  const listed: Listed = summary.stages.map(({ id, uses, key = null }) => [id, uses, key]);
  const text = `[\n${listed.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`;
  const list = sha256(text);
  const counts: Partial<Record<StageStatus, number>> = {};
  for (const { status } of summary.stages) counts[status] = (counts[status] ?? 0) + 1;
  const head: RunHead = {
    format: "run/2",
    id,
    experiment: summary.experiment,
    file: facts.file,
    started: facts.started.toISOString(),
    status: summary.status,
    seconds: summary.seconds,
    counts,
    headline: facts.headline,
    ...(facts.device === undefined ? {} : { device: facts.device }),
    list,
  };
  const rows = summary.stages
    .filter(({ status }) => status !== "cached")
    .map(({ id, status, seconds, reason, logFile }) => ({
      id,
      status,
      seconds,
      reason,
      attempt: attemptOf(logFile),
      manifest: facts.manifests.get(id),
    }));
  if (!exists(listFile(store, list))) {
    await Deno.mkdir(`${store.root}/runs/stages`, { recursive: true });
    await store.write(listFile(store, list), text);
  }
  const time = head.started.replaceAll(/[:.]/g, "-");
  await store.write(
    `${store.root}/runs/${time}-${id}.json`,
    `{"run":${JSON.stringify(head)},\n"stages":[\n${
      rows.map((row) => JSON.stringify(row)).join(",\n")
    }\n]}\n`,
  );
  return { id, list };
}

/**
 * Reads what a run came to, and no more of the file than that.
 *
 * @param path The run's file.
 * @returns Undefined where the file is gone, damaged or of another version.
 */
export function readRunHead(path: string): RunHead | undefined {
  try {
    const { run } = JSON.parse(`${firstLine(path).replace(/,$/, "")}}`) as { run: RunHead };
    return run.format === "run/2" && Array.isArray(run.counts) === false ? run : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads a whole run.
 *
 * @param path The run's file.
 * @returns Undefined where the file or the list of its stages is gone or damaged.
 */
export function readRun(store: Store, path: string): RunRecord | undefined {
  try {
    const { run, stages } = readJson<{ run: RunHead; stages: Omit<RunRow, "uses" | "key">[] }>(
      path,
    )!;
    const listed = readJson<Listed>(listFile(store, run.list))!;
    const rows = new Map(stages.map((row) => [row.id, row]));
    return {
      ...run,
      stages: listed.map(([id, uses, key]) => ({
        ...rows.get(id) ?? { id, status: "cached", seconds: 0 },
        uses,
        ...(key === null ? {} : { key }),
      })),
    };
  } catch {
    return undefined;
  }
}

function listFile(store: Store, digest: string): string {
  return `${store.root}/runs/stages/${digest}.json`;
}

function attemptOf(logFile: string | undefined): number | undefined {
  const found = /-(\d+)\.log$/.exec(logFile ?? "");
  return found ? Number(found[1]) : undefined;
}

/** A file's text up to its first line break. */
export function firstLine(path: string): string {
  using file = Deno.openSync(path);
  const decoder = new TextDecoder();
  const block = new Uint8Array(4096);
  let text = "";
  for (let n = file.readSync(block); n !== null; n = file.readSync(block)) {
    text += decoder.decode(block.subarray(0, n), { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
  return text;
}
