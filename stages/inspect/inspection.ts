/**
 * What was found out about a file or folder. Plain data, for text and for JSON.
 *
 * @module
 */
import { BadRecording } from "../formats/bad_recording.ts";
import type { StripClip } from "./skeleton_strip.ts";

/** A figure: its name, its value for JSON, and its value in words where that is not the value itself. */
export interface Fact {
  readonly name: string;
  readonly value: unknown;
  readonly text?: string;
}

/** Something that is wrong. */
export interface Problem {
  /** The file, where it is not the one that was asked about. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  readonly reason: string;
}

/** What was found out. */
export interface Inspection {
  /** What it is, with its article: `an NTU RGB+D recording`. */
  readonly what: string;
  readonly facts: readonly Fact[];
  /** Remarks that are no faults, in sentences. */
  readonly notes: readonly string[];
  /** In the order found. */
  readonly problems: readonly Problem[];
  /** Clips to draw, if any can be. */
  readonly figures: readonly StripClip[];
}

/** How to look. */
export interface Looking {
  /** Look at everything, where else a sample would do. */
  readonly all: boolean;
  /** Told how far it is. */
  readonly progress: (done: number, total: number, unit: string) => void;
}

/** An inspection in the making. */
export class Findings {
  readonly facts: Fact[] = [];
  readonly notes: string[] = [];
  readonly problems: Problem[] = [];
  readonly figures: StripClip[] = [];

  constructor(public what: string) {}

  /** Adds a figure. */
  fact(name: string, value: unknown, text?: string): this {
    this.facts.push({ name, value, ...(text === undefined ? {} : { text }) });
    return this;
  }

  /** Adds a fault. */
  problem(reason: string, place: { readonly file?: string; readonly line?: number } = {}): void {
    this.problems.push({ reason, ...place });
  }

  /**
   * Adds a fault that was thrown.
   *
   * @param file The file asked about, which the message need not name again.
   */
  fault(error: unknown, file: string): void {
    this.problems.push(problemOf(error, file));
  }
}

/** A thrown fault as a problem; what is not meant for people is thrown again. */
export function problemOf(error: unknown, file: string): Problem {
  if (error instanceof BadRecording) {
    return {
      reason: error.reason,
      ...(error.file === file ? {} : { file: error.file }),
      ...(error.line === undefined ? {} : { line: error.line }),
    };
  }
  if (!isFault(error)) throw error;
  return { reason: error.message.replace(`${file}: `, "") };
}

/** Names of errors that say in their message what is wrong with a file. */
const FAULTS = new Set(["NpyError", "SafetensorsError", "SyntaxError"]);

function isFault(error: unknown): error is Error {
  return error instanceof Error &&
    (FAULTS.has(error.name) || (error as { forUser?: unknown }).forUser === true ||
      error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied);
}
