/**
 * What is wrong with an experiment file, told the way a person would: the place, what was expected,
 * what was found, and the line itself with a caret under the spot.
 *
 * @module
 */
import type { Position } from "../types.ts";

/** One thing that is wrong, and where. */
export interface Complaint {
  /** Where it is. */
  readonly position: Position;
  /** What was expected, what was found, and what to do. */
  readonly message: string;
}

/** The prefix of {@link Position.file} for a value that was given on the command line. */
export const SET_PREFIX = "--set ";

/** The prefix of {@link Position.file} for a cell that was asked for on the command line. */
export const CELL_PREFIX = "--cell ";

/** Whether a place is an option of the command line and not a file. */
function isOption({ file }: Position): boolean {
  return file.startsWith(SET_PREFIX) || file.startsWith(CELL_PREFIX);
}

/**
 * A position in words: `file:line:column`, the file alone for line 0 (the file as a whole), or the
 * option it came from.
 *
 * @param position The place.
 */
export function placeOf(position: Position): string {
  if (isOption(position) || position.line === 0) return position.file;
  return `${position.file}:${position.line}:${position.column}`;
}

/**
 * The source line of a position with a caret under its column.
 *
 * @param text The whole text of the position's file.
 * @param position The place.
 * @returns Two lines, or nothing if the text has no such line.
 */
function excerpt(text: string, position: Position): string {
  const line = text.split(/\r?\n/)[position.line - 1];
  if (line === undefined) return "";
  // Far into a long line, show the part around the spot.
  const from = position.column > 80 ? position.column - 60 : 0;
  const shown = line.slice(from, from + 100).replaceAll("\t", " ");
  const number = String(position.line).padStart(5);
  const caret = " ".repeat(Math.max(0, position.column - 1 - from)) + "^";
  return `${number} | ${shown}\n${" ".repeat(number.length)} | ${caret}`;
}

/** Everything that is wrong with an experiment, together. Its message is meant for the user. */
export class ExperimentError extends Error {
  /** Tells it from other errors. */
  override readonly name = "ExperimentError";
  /** In the order of their places. */
  readonly complaints: readonly Complaint[];

  /**
   * Words all of it, each with its lines.
   *
   * @param complaints What is wrong, at least one; shown in the order of their places.
   * @param textOf The text of a file of a position, where it is still known.
   */
  constructor(
    complaints: readonly Complaint[],
    textOf: (file: string) => string | undefined = readIfThere,
  ) {
    const sorted = [...complaints].sort((a, b) =>
      a.position.file < b.position.file
        ? -1
        : a.position.file > b.position.file
        ? 1
        : a.position.line - b.position.line || a.position.column - b.position.column
    );
    const blocks = sorted.map(({ position, message }) => {
      const head = `${placeOf(position)}: ${message}`;
      if (isOption(position)) return head;
      const text = textOf(position.file);
      const lines = text === undefined ? "" : excerpt(text, position);
      return lines === "" ? head : `${head}\n${lines}`;
    });
    super(blocks.join("\n\n"));
    this.complaints = sorted;
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return Deno.readTextFileSync(file);
  } catch {
    return undefined;
  }
}
