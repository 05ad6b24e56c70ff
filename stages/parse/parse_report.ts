/**
 * What a parse stage says about the recordings it did not take.
 *
 * @module
 */
import { BadRecording } from "../formats/bad_recording.ts";

/** A recording that is not among the clips. */
export interface Exclusion {
  /** The file's name. */
  readonly name: string;
  readonly line?: number;
  readonly reason: string;
}

/** What a report gathers, as JSON. */
export type SavedReport = Pick<ParseReport, "excluded" | "notes" | "bad" | "leftOut">;

/** Collects exclusions; in strict mode the first bad recording is an error instead. */
export class ParseReport {
  readonly excluded: Exclusion[] = [];
  /** Remarks on clips that were taken. */
  readonly notes: { readonly name: string; readonly note: string }[] = [];
  /** How many of the excluded are bad, rather than listed or unwanted. */
  bad = 0;
  /** Recordings that belong to another data set or to no part of a subset. */
  leftOut = 0;
  readonly #strict: boolean;
  readonly #warn: (message: string) => void;

  /** @param warn Told of every bad recording, up to the first few. */
  constructor(strict: boolean, warn: (message: string) => void) {
    this.#strict = strict;
    this.#warn = warn;
  }

  /**
   * Excludes a bad recording.
   *
   * @throws {BadRecording} The same error, in strict mode.
   */
  exclude(error: BadRecording): void {
    if (this.#strict) throw error;
    if (this.bad < 5) this.#warn(`excluded ${error.message}`);
    if (this.bad === 5) this.#warn("more recordings are excluded: report.json lists them all");
    this.bad++;
    this.excluded.push({
      name: error.file,
      reason: error.reason,
      ...(error.line === undefined ? {} : { line: error.line }),
    });
  }

  /** Excludes a recording that is not wanted, which is no fault. */
  leave(name: string, reason: string): void {
    this.excluded.push({ name, reason });
  }

  /** What was gathered so far. */
  save(): SavedReport {
    const { excluded, notes, bad, leftOut } = this;
    return { excluded, notes, bad, leftOut };
  }

  /** Takes {@link save}'s answer in place of what was gathered. */
  restore(saved: SavedReport): void {
    this.excluded.splice(0, Infinity, ...saved.excluded);
    this.notes.splice(0, Infinity, ...saved.notes);
    this.bad = saved.bad;
    this.leftOut = saved.leftOut;
  }

  /** The first reasons as lines of text, for an error that has to explain why nothing is left. */
  firstReasons(): string {
    const lines = this.excluded.slice(0, 5).map(({ name, line, reason }) =>
      `  ${line === undefined ? name : `${name}:${line}`}: ${reason}`
    );
    if (this.excluded.length > lines.length) {
      lines.push(`  and ${this.excluded.length - lines.length} more`);
    }
    return lines.join("\n");
  }
}
