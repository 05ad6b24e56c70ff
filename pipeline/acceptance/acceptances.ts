/**
 * The acceptances of a store: all of them, and taking one back.
 *
 * @module
 */
import { storedRecords } from "../store/inventory.ts";
import type { Acceptance } from "../store/record.ts";
import type { Store } from "../store/store.ts";
import { whileCollecting } from "../store_guard.ts";
import { UsageError } from "../usage_error.ts";

/** An acceptance, with the action that it is about. */
export interface ListedAcceptance extends Acceptance {
  /** The action that a result was accepted for. */
  readonly key: string;
  /** The experiment and the stage that computed the result. */
  readonly experiment: string;
  /** The stage that computed the result. */
  readonly stage: string;
}

/** All acceptances of a store, latest first. */
export function listAcceptances(store: Store): ListedAcceptance[] {
  return [...storedRecords(store)].flatMap(({ file, record }) => {
    if (!file.main || !record?.accepted) return [];
    const { experiment, stage } = record.provenance;
    return [{ key: file.key, experiment, stage, ...record.accepted }];
  }).sort((a, b) => a.when < b.when ? 1 : -1);
}

/**
 * Takes an acceptance back: its record goes, so that the action is computed when it is next needed.
 *
 * @param key The action's key, or the first digits of it.
 * @throws {UsageError} If no acceptance, or more than one, has such a key.
 */
export async function revokeAcceptance(store: Store, key: string): Promise<ListedAcceptance> {
  await store.assertWritable();
  const listed = listAcceptances(store);
  const found = listed.filter((acceptance) => acceptance.key.startsWith(key.toLowerCase()));
  const [only] = found;
  if (!only || found.length > 1) {
    const which = found.length > 1
      ? `${found.length} acceptances have keys that begin with ${key}; give more digits`
      : `no acceptance has a key that begins with ${key}`;
    throw new UsageError(`--revoke: ${which}. All of them: deno task accept --list`);
  }
  await whileCollecting(store, async () => await Deno.remove(store.actionPath(only.key)));
  return only;
}
