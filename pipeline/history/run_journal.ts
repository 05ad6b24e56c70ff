/**
 * The results that a run under way relies on, so that `gc` in another process leaves them: a run is
 * written down only when it ends (see run_record.ts), and until then it may have found or made results
 * that no experiment file leads to.
 *
 * `runs/TIME-ID.open` has a first line that says which run it is, then a key a line. It goes when the
 * run is written down. What a killed run left counts as one of the last runs of its experiment. A run
 * that finds everything cached keeps none.
 *
 * @module
 */
import { type Lease, tryClaim } from "../running/lease.ts";
import { exists } from "../store/blobs.ts";
import { named, type StoredFile } from "../store/inventory.ts";
import type { Store } from "../store/store.ts";
import type { Experiment, RunEvent } from "../types.ts";

/** A run that goes on, or was cut short. */
export interface OpenRun {
  /** The run's id: eight hex digits. */
  readonly id: string;
  /** The experiment's name. */
  readonly experiment: string;
  /** When it began: ISO 8601, UTC. */
  readonly started: string;
  /** Of results it found or made, and of those it began to compute. */
  readonly keys: readonly string[];
  /** The file of the journal. */
  readonly file: StoredFile;
}

/** Keeps the journal of one run. */
export class RunJournal {
  readonly #path: string;
  readonly #lease: Lease | undefined;
  #keys: string[] = [];

  private constructor(path: string, lease: Lease | undefined) {
    this.#path = path;
    this.#lease = lease;
  }

  /**
   * Begins the journal of a run that has something to compute.
   *
   * @throws {StoreError} If it cannot be written.
   */
  static async begin(store: Store, { name: experiment }: Experiment): Promise<RunJournal> {
    const id = crypto.randomUUID().slice(0, 8);
    const started = new Date().toISOString();
    const path = `${store.root}/runs/${started.replaceAll(/[:.]/g, "-")}-${id}.open`;
    // The lease first: a journal without one is that of a run that ended.
    const lease = await tryClaim(store, leaseName(id));
    const head = { format: "open-run/1", id, experiment, started };
    await store.write(path, `${JSON.stringify(head)}\n`);
    return new RunJournal(path, lease);
  }

  /** Notes the keys that an event of the run speaks of. */
  hear(event: RunEvent): void {
    const key = event.type === "stage-start"
      ? event.key
      : event.type === "stage-cached" || event.type === "stage-done"
      ? event.stage.key
      : undefined;
    if (key === undefined) return;
    this.#keys.push(key);
    // What is cached is written together, before the first stage begins to rely on it.
    if (event.type === "stage-cached" && this.#keys.length < 1000) return;
    try {
      Deno.writeTextFileSync(this.#path, this.#keys.map((key) => `${key}\n`).join(""), {
        append: true,
        create: false,
      });
      this.#keys = [];
    } catch {
      return; // Without its journal a run may lose results to a `gc`, and nothing else.
    }
  }

  /** The run is written down, or nothing came of it. */
  async end(): Promise<void> {
    await Deno.remove(this.#path).catch(() => {});
    await this.#lease?.release();
  }
}

/** The journals of a store, oldest first; what is no journal is passed over. */
export function openRuns({ root }: Store): OpenRun[] {
  return named(`${root}/runs`, /\.open$/, (_, file) => file).flatMap((file) => {
    try {
      const [head, ...keys] = Deno.readTextFileSync(file.path).split("\n");
      const { id, experiment, started } = JSON.parse(head!) as OpenRun;
      // The last line may have been cut off.
      return [{ id, experiment, started, keys: keys.filter((key) => key.length === 64), file }];
    } catch {
      return [];
    }
  });
}

/** Whether a run whose journal is there goes on, unless its lease is that of a dead owner. */
export function mayGoOn(store: Store, { id }: OpenRun): boolean {
  return exists(`${store.root}/leases/${leaseName(id)}`);
}

function leaseName(id: string): string {
  return `run-${id}`;
}
