/**
 * Recomputes one published action from its stored inputs and compares. The published result is only
 * read; the work is done in a scratch folder of its own (`scratch/verify-KEY`), under a lease of its
 * own, without the checkpoints of the action's runs: neither hinders the other.
 *
 * @module
 */
import { type ComputationHooks, compute } from "../running/computation.ts";
import type { Submission } from "../executors/executor.ts";
import type { GraphNode } from "../graph.ts";
import { claim, type Lease } from "../running/lease.ts";
import { countVerdict, keepLog, keepMismatch } from "./kept_verification.ts";
import { differencesFrom } from "./output_difference.ts";
import type { Planning, Resolved } from "../planning.ts";
import { beginAttempt, endScratch, logPath } from "../running/scratch.ts";
import { explained } from "../store/disk.ts";
import type { ActionRecord, Store } from "../store/store.ts";
import { whileUsing } from "../store_guard.ts";
import type { FileComparer } from "../types.ts";
import type { VerifiedStage } from "./verification.ts";

/** What a recomputation needs and tells. */
export interface RecomputationHooks extends Omit<ComputationHooks, "lease"> {
  /** How often to recompute; a mismatch ends it early. */
  readonly times: number;
  /** Put published bytes that are gone or damaged back, if they come out the same. */
  readonly repair: boolean;
  /** Says how two files differ; without it, bytes are compared. */
  readonly compareFiles: FileComparer | undefined;
  /** True ends the wait for another process that verifies the same action. */
  readonly stopped: () => boolean;
  /** Told before each recomputation, with its number from 1. */
  readonly onStart: (time: number) => void;
}

/** What came of it: a row of the verification but for the stage's name, type and time. */
export type RecomputationResult = Omit<VerifiedStage, "id" | "uses" | "seconds">;

/** The name of an action's verification among scratch folders, leases and logs. */
export function verificationName(key: string): string {
  return `verify-${key}`;
}

/** Recomputes and compares. Never rejects: whatever goes wrong is said in the result. */
export async function recompute(
  planning: Planning,
  node: GraphNode,
  resolved: Resolved,
  record: ActionRecord,
  hooks: RecomputationHooks,
): Promise<RecomputationResult> {
  const { store } = planning.options;
  const { key } = resolved;
  const name = verificationName(key);
  let lease: Lease | undefined;
  try {
    lease = await claim(store, name, { settled: hooks.stopped });
    if (!lease) return { state: "stopped", key, recomputed: 0, differences: [] };
    for (let time = 1;; time++) {
      hooks.onStart(time);
      const result = await once(planning, node, resolved, record, { ...hooks, lease }, time);
      if (result.state !== "same" || time === hooks.times) return result;
    }
  } catch (error) {
    const note = (explained(error, store.root) as Error).message;
    return { state: "could not run", key, recomputed: 0, note, differences: [] };
  } finally {
    if (lease?.isHeld()) await endScratch(store, name);
    await lease?.release();
  }
}

async function once(
  planning: Planning,
  node: GraphNode,
  resolved: Resolved,
  record: ActionRecord,
  hooks: RecomputationHooks & { readonly lease: Lease },
  time: number,
): Promise<RecomputationResult> {
  const { store } = planning.options;
  const { key } = resolved;
  const name = verificationName(key);
  await removeTraces(store, name);
  const attempt = await whileUsing(
    store,
    () => beginAttempt(store, name, node, resolved.manifest),
  );
  const { logFile } = attempt;
  let submitted: Submission | undefined;
  hooks.lease.onLost(() => submitted?.cancel());
  const { outcome, said } = await compute(planning, node, resolved, attempt, {
    ...hooks,
    onSubmitted(submission) {
      submitted = submission;
      hooks.onSubmitted(submission);
    },
  });
  const before = { key, recomputed: time - 1, differences: [] };
  if (!hooks.lease.isHeld()) {
    const note = "the machine slept for so long that another process took its place; verify again";
    return { ...before, state: "could not run", note };
  }
  if (hooks.stopped() || outcome.status === "stopped") {
    await Deno.remove(logFile);
    return { ...before, state: "stopped" };
  }
  if (outcome.status === "failed") {
    return {
      ...before,
      state: "could not run",
      note: outcome.message,
      logFile: await keepLog(store, key, logFile),
      logTail: submitted?.logTail() ?? [],
    };
  }
  const folders = attempt.outputs;
  const differences = await differencesFrom(record, { folders, said }, store, hooks.compareFiles);
  if (differences.length > 0) {
    const damaged = await damagedInput(node, resolved, store);
    if (damaged !== undefined) {
      await Deno.remove(logFile);
      return { ...before, state: "could not run", note: damaged };
    }
    const { metrics } = said;
    const kept = await keepMismatch(store, { record, folders, differences, metrics, logFile });
    await countVerdict(store, key, "differs");
    return {
      key,
      recomputed: time,
      differences,
      kept,
      state: "differs",
      ...noted(acceptance(record)),
    };
  }
  const bytes = await bytesNote(record, folders, store, hooks.repair);
  await Deno.remove(logFile);
  await countVerdict(store, key, "same");
  const note = noted(acceptance(record), bytes);
  return { key, recomputed: time, differences, state: "same", ...note };
}

/**
 * Removes what earlier verifications left that were killed: scratch folders under whose leases nobody
 * works.
 */
export async function removeLeftovers(store: Store): Promise<void> {
  const left = [...Deno.readDirSync(`${store.root}/scratch`)]
    .flatMap(({ name }) => /^verify-[0-9a-f]{64}/.exec(name) ?? []);
  for (const name of new Set(left)) {
    let looks = 0;
    const lease = await claim(store, name, { settled: () => ++looks > 2 });
    if (!lease) continue;
    await removeTraces(store, name);
    await lease.release();
  }
}

/** Removes what an earlier verification of an action left that was killed. */
async function removeTraces(store: Store, name: string): Promise<void> {
  for (const entry of [...Deno.readDirSync(`${store.root}/scratch`)]) {
    if (!entry.name.startsWith(name)) continue;
    await Deno.remove(`${store.root}/scratch/${entry.name}`, { recursive: true });
  }
  for (let attempt = 1;; attempt++) {
    try {
      await Deno.remove(logPath(store, name, attempt));
    } catch {
      return;
    }
  }
}

/** Inputs that are not what their digests say explain any difference. */
async function damagedInput(
  node: GraphNode,
  { manifest }: Resolved,
  store: Store,
): Promise<string | undefined> {
  for (const { name, binding } of node.inputs) {
    if (binding.kind === "external") continue;
    const digest = manifest.inputs[name]!.slice("tree:".length);
    for (const entry of store.readTree(digest) ?? []) {
      if (await store.isSound(entry)) continue;
      return `The stored bytes of its input "${name}" (${entry.name} of ${binding.stage}.` +
        `${binding.output}) are damaged, so nothing was compared. Set them aside with ` +
        `"deno task verify --blobs --repair", then put them back with ` +
        `"deno task verify FILE ${binding.stage} --repair".`;
    }
  }
  return undefined;
}

/** What is to be said of the published bytes of a result that came out the same. */
async function bytesNote(
  record: ActionRecord,
  folders: Readonly<Record<string, string>>,
  store: Store,
  repair: boolean,
): Promise<string> {
  const missing = Object.entries(record.outputs).filter(([, { digest }]) =>
    !store.hasBytes(digest)
  );
  if (repair) {
    await whileUsing(store, async () => {
      for (const [name, { type }] of Object.entries(record.outputs)) {
        await store.takeTree(folders[name]!, type);
      }
    });
  }
  if (missing.length === 0) return "";
  const names = missing.map(([name]) => name).join(", ");
  return repair
    ? `bytes put back: ${names}`
    : `the published bytes of ${names} are gone; put them back with --repair`;
}

function acceptance({ accepted }: ActionRecord): string {
  if (!accepted) return "";
  const { from, who, why } = accepted;
  return `the published result is that of ${from.slice(0, 12)}, accepted by ${who} ("${why}")`;
}

function noted(...parts: readonly string[]): { note?: string } {
  const note = parts.filter((part) => part !== "").join("; ");
  return note === "" ? {} : { note };
}
