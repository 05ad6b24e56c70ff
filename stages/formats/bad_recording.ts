/**
 * What is wrong with one recording, so that a report can list it and the others go on.
 *
 * @module
 */
import { UnusableInput } from "./unusable_input.ts";

/** A recording that cannot be used: which file, where in it, and why. */
export class BadRecording extends UnusableInput {
  override readonly name: string = "BadRecording";
  /** The file's name. */
  readonly file: string;
  /** Line in the file, from 1; absent where the fault is not in a line. */
  readonly line: number | undefined;
  /** What was expected and what was found. */
  readonly reason: string;

  /**
   * @param line Absent where the fault is in the name or in the file as a whole.
   * @param column From 1, for formats with long lines.
   */
  constructor(file: string, reason: string, line?: number, column?: number) {
    const place = [file, line, column].filter((part) => part !== undefined).join(":");
    super(`${place}: ${reason}`);
    this.file = file;
    this.line = line;
    this.reason = column === undefined ? reason : `column ${column}: ${reason}`;
  }
}
