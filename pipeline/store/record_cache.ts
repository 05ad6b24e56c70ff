/**
 * The records that an experiment's last plan found, together in one file, so that the next plan opens
 * one file instead of one for each stage.
 *
 * A record is taken from here only while the stamp of its own file is what it was, by the same rule
 * as digests of files (see file_stamp.ts): a record that was removed, replaced or edited is seen. Kept
 * in this machine's cache; lost without harm.
 *
 * @module
 */
import { isSettled, stampOf } from "../file_stamp.ts";
import { sha256 } from "../fingerprint.ts";
import type { ActionRecord } from "./record.ts";
import type { Store } from "./store.ts";

interface Kept {
  readonly stamp: string;
  /** The record as JSON, parsed when it is asked for. */
  readonly text: string;
}

/** Reads records for the plans of one experiment. */
export class RecordCache {
  readonly #store: Store;
  readonly #file: string;
  readonly #before: ReadonlyMap<string, Kept>;
  readonly #asked = new Map<string, Kept>();
  #learnt = false;

  /**
   * Opens what an experiment's last plan remembered.
   *
   * @param experiment Its name; each has a file of its own.
   * @param rehash Trust nothing remembered.
   */
  constructor(store: Store, experiment: string, rehash = false) {
    this.#store = store;
    this.#file = `${store.local}/records-${sha256(experiment).slice(0, 16)}.txt`;
    this.#before = rehash ? new Map() : read(this.#file);
  }

  /**
   * The record of an action, or undefined if it was never computed.
   *
   * @throws {StoreError} If it is damaged.
   */
  read(key: string): ActionRecord | undefined {
    const info = status(this.#store.actionPath(key));
    if (info === undefined) return undefined;
    const stamp = stampOf(info);
    const kept = this.#asked.get(key) ?? this.#before.get(key);
    if (kept?.stamp === stamp) {
      const record = parsed(kept.text);
      if (record) this.#asked.set(key, kept);
      if (record) return record;
    }
    const now = Date.now();
    const record = this.#store.readAction(key);
    if (record && isSettled(info, now)) {
      this.#asked.set(key, { stamp, text: JSON.stringify(record) });
      this.#learnt = true;
    }
    return record;
  }

  /** Writes down the records that were asked for. A failure to do so costs time later, no more. */
  save(): void {
    if (!this.#learnt) return;
    const lines = [...this.#asked].map(([key, { stamp, text }]) => `${key} ${stamp} ${text}\n`);
    const temporary = `${this.#file}.${Deno.pid}.tmp`;
    try {
      Deno.writeTextFileSync(temporary, lines.join(""));
      Deno.renameSync(temporary, this.#file);
      this.#learnt = false;
    } catch {
      // A store that may only be read.
    }
  }
}

function status(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** A record, unless its line was cut off. */
function parsed(text: string): ActionRecord | undefined {
  try {
    return JSON.parse(text) as ActionRecord;
  } catch {
    return undefined;
  }
}

/** Lines of `KEY STAMP JSON`. */
function read(file: string): Map<string, Kept> {
  const kept = new Map<string, Kept>();
  let text;
  try {
    text = Deno.readTextFileSync(file);
  } catch {
    return kept;
  }
  for (const line of text.split("\n")) {
    const key = line.indexOf(" ");
    const stamp = line.indexOf(" ", key + 1);
    if (stamp < 0) continue;
    kept.set(line.slice(0, key), {
      stamp: line.slice(key + 1, stamp),
      text: line.slice(stamp + 1),
    });
  }
  return kept;
}
