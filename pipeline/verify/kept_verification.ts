/**
 * What verifying leaves in the store: `verified/KEY/` with `verdict.json` (how often the action was
 * recomputed, and what came of it) and, after a mismatch, `differing/` with the recomputed outputs
 * that differ, the log, and `difference.json`. A later mismatch of the same action takes its place. `failed.log` is
 * the log of a recomputation that failed.
 *
 * None of it is ever used as a result; it may be deleted at any time.
 *
 * @module
 */
import { dirname } from "node:path";
import { readJson } from "../store/json_file.ts";
import { temporaryName } from "../store/disk.ts";
import type { ActionRecord, Store } from "../store/store.ts";
import type { StageDifference } from "./verification.ts";

/** How an action's recomputations came out. */
export interface Verdict {
  /** The form of the file. */
  readonly format: "verdict/1";
  /** How often it was recomputed with the same bytes, metrics and facts. */
  readonly same: number;
  /** How often with others. */
  readonly differing: number;
  /** The latest recomputation: when (ISO 8601, UTC), and how it came out. */
  readonly last: { readonly when: string; readonly state: "same" | "differs" };
}

/** What is kept of a mismatch. */
export interface Mismatch {
  /** The published result. */
  readonly record: ActionRecord;
  /** Folders of the recomputed outputs by name; those that differ are moved away. */
  readonly folders: Readonly<Record<string, string>>;
  /** All that differs. */
  readonly differences: readonly StageDifference[];
  /** The recomputed figures by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The log of the recomputation; it is moved away. */
  readonly logFile: string;
}

/** The folder of what verifying an action left. */
export function verificationFolder(store: Store, key: string): string {
  return `${store.root}/verified/${key}`;
}

/** How an action's recomputations came out; undefined if it was never verified. */
export function readVerdict(store: Store, key: string): Verdict | undefined {
  try {
    const verdict = readJson<Verdict>(`${verificationFolder(store, key)}/verdict.json`);
    return verdict?.format === "verdict/1" ? verdict : undefined;
  } catch {
    return undefined;
  }
}

/** Counts a recomputation. */
export async function countVerdict(
  store: Store,
  key: string,
  state: "same" | "differs",
): Promise<void> {
  const { same = 0, differing = 0 } = readVerdict(store, key) ?? {};
  const verdict: Verdict = {
    format: "verdict/1",
    same: same + (state === "same" ? 1 : 0),
    differing: differing + (state === "differs" ? 1 : 0),
    last: { when: new Date().toISOString(), state },
  };
  const folder = verificationFolder(store, key);
  await Deno.mkdir(folder, { recursive: true });
  await store.write(`${folder}/verdict.json`, `${JSON.stringify(verdict)}\n`);
}

/**
 * Keeps a mismatch. Only the holder of the verification's lease may.
 *
 * @returns The folder with the recomputed outputs, one folder each.
 */
export async function keepMismatch(
  store: Store,
  { record, folders, differences, metrics, logFile }: Mismatch,
): Promise<string> {
  const place = `${verificationFolder(store, record.key)}/differing`;
  const made = temporaryName(place);
  await Deno.mkdir(made, { recursive: true });
  for (const { kind, name } of differences) {
    if (kind === "output") await Deno.rename(folders[name]!, `${made}/${name}`);
  }
  const { experiment, stage } = record.provenance;
  await Deno.writeTextFile(
    `${made}/difference.json`,
    `${
      JSON.stringify(
        {
          format: "difference/1",
          key: record.key,
          experiment,
          stage,
          when: new Date().toISOString(),
          published: { started: record.provenance.started, metrics: record.metrics },
          recomputed: { metrics },
          differences,
        },
        undefined,
        2,
      )
    }\n`,
  );
  await Deno.rename(logFile, `${made}/log.txt`);
  await Deno.remove(place, { recursive: true }).catch(() => {});
  await Deno.rename(made, place);
  await tidy(dirname(place));
  return place;
}

/** Keeps the log of a recomputation that failed, in place of the one before; returns its path. */
export async function keepLog(store: Store, key: string, logFile: string): Promise<string> {
  const folder = verificationFolder(store, key);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.rename(logFile, `${folder}/failed.log`);
  return `${folder}/failed.log`;
}

/** Removes what a killed verification left half-made. */
async function tidy(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (/^differing\..*\.tmp$/.test(name)) {
      await Deno.remove(`${folder}/${name}`, { recursive: true });
    }
  }
}
