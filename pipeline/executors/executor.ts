/**
 * Where stages run: the interface behind which a child process, the runner's own process or a cluster
 * look the same. An executor submits, waits, stops, cancels and gives logs - nothing more; keys, leases
 * and publishing are the runner's.
 *
 * @module
 */
import type { WorkerJob, WorkerMessage } from "../messages.ts";
import type { StageInstance } from "../types.ts";

/** Something to run. */
export interface Job {
  /** The stage in its experiment. */
  readonly instance: StageInstance;
  /** The experiment's file, for messages. */
  readonly experimentFile: string;
  /** URL of the entry module. */
  readonly entry: string;
  /** What its process is told. */
  readonly worker: WorkerJob;
  /** The attempt's own folder, in the store. */
  readonly folder: string;
  /** The folder of the store. */
  readonly store: string;
  /** Where its whole log goes. */
  readonly logFile: string;
  /** Absolute paths of its code closure's files. */
  readonly code: readonly string[];
  /** The folder with the project's `deno.json`. */
  readonly project: string;
  /** What its paths are called in messages to the user, such as `in/clips` -> `clips`. */
  readonly names: ReadonlyMap<string, string>;
}

/** How a job ended. */
export type Outcome =
  | { readonly status: "done"; readonly peakMemoryMiB?: number }
  | { readonly status: "stopped" }
  | {
    readonly status: "failed";
    readonly message: string;
    /** Another attempt may do: a device was lost, or a driver took the process down. */
    readonly again?: boolean;
  };

/** A job under way. */
export interface Submission {
  /** The process id, where there is one on this machine. */
  readonly pid?: number;
  /** Resolves when the job has ended and nothing of it can write any more. Never rejects. */
  wait(): Promise<Outcome>;
  /** Asks the stage to save a checkpoint and stop. */
  stop(): void;
  /** Ends the job at once, with all processes it started. */
  cancel(): void;
  /** The last lines of its log before what ended it; none where the failure's message says it all. */
  logTail(): readonly string[];
}

/** Runs jobs. */
export interface Executor {
  /** Such as `local`. */
  readonly name: string;
  /**
   * Starts a job.
   *
   * @param onMessage Told what the stage says, in order, until {@link Submission.wait} resolves.
   */
  submit(job: Job, onMessage: (message: WorkerMessage) => void): Promise<Submission>;
}
