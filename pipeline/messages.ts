/**
 * What a child process and the runner say to each other, one JSON object a line. Types, and the mark
 * by which the runner tells such a line from anything else that ends up on standard output.
 *
 * @module
 */
import type { Backend, Facts, LogLevel } from "./stage.ts";

/** Begins every line of the protocol: the ASCII record separator, as in JSON text sequences. */
export const MARK = "\x1e";

/** What a stage's process is told when it starts. */
export interface WorkerJob {
  /** The stage's id, for its log. */
  readonly stage: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly backend?: Backend;
  /** The class of the device that its results are kept by. */
  readonly deviceClass?: string;
  readonly allowSoftware: boolean;
  readonly strict: boolean;
  /** Threads that it may have; as many as there are cores if absent. */
  readonly threads?: number;
  /** Paths of the inputs by name. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Folders of the outputs by name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** It may start processes. */
  readonly mayRun: boolean;
  /** The folder of this action's checkpoints. */
  readonly checkpoints: string;
}

/** What a stage's process says. */
export type WorkerMessage =
  | {
    readonly type: "progress";
    readonly done: number;
    readonly total: number;
    readonly unit: string;
  }
  | { readonly type: "log"; readonly level: LogLevel; readonly message: string }
  | { readonly type: "metric"; readonly name: string; readonly value: number }
  | { readonly type: "facts"; readonly output: string; readonly facts: Facts }
  | { readonly type: "checkpoint"; readonly number: number }
  /** Said just before the last message: the most memory that the process had. */
  | { readonly type: "usage"; readonly peakMemoryMiB: number }
  /** The stage tried what the audit does not tell of. */
  | { readonly type: "trespass"; readonly permission: string; readonly value: string }
  /** The stage asked whether bad input is fatal. */
  | { readonly type: "strict-read" }
  | { readonly type: "done" }
  | { readonly type: "stopped" }
  | {
    readonly type: "error";
    readonly message: string;
    /** Empty where the message says all there is to say. */
    readonly stack: string;
    /** Another attempt may do: what failed was a device. */
    readonly again?: boolean;
  };
