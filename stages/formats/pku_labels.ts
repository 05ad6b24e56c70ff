/**
 * Reads the label files of PKU-MMD (method section 1.4): a row `class,start,end,confidence` for each
 * action of a video, everything from 1.
 *
 * @module
 */
import { BadRecording } from "./bad_recording.ts";
import { encodingFault, withoutMark } from "./text_encoding.ts";

/** Classes of the published data set. */
export const PKU_CLASSES = 51;

/** Rows beyond this are no labels of one video. The published ones have some twenty. */
export const MOST_ROWS = 400;

/** Bytes beyond this are no label file. */
const MOST_BYTES = 1 << 20;

/** One action of a video. */
export interface PkuLabel {
  /** Line in the file, from 1. */
  readonly line: number;
  /** Number of its row, from 1: lines without text do not count, faulty rows do. */
  readonly row: number;
  /** Class, from 0. */
  readonly label: number;
  /** First and last frame, from 1; the last is not before the first. */
  readonly start: number;
  readonly end: number;
}

/** What a label file says. */
export interface PkuLabels {
  readonly labels: readonly PkuLabel[];
  /** Rows that cannot be used; they do not cost the others. */
  readonly faults: readonly BadRecording[];
}

/**
 * Reads a whole label file.
 *
 * @param file What to call it in an error.
 * @param classes Number of classes.
 * @throws {BadRecording} If it is no text, or far too long for labels.
 */
export function readPkuLabels(bytes: Uint8Array, file: string, classes = PKU_CLASSES): PkuLabels {
  const fault = encodingFault(bytes);
  if (fault !== undefined) throw new BadRecording(file, fault);
  if (bytes.length > MOST_BYTES) {
    throw new BadRecording(
      file,
      `expected at most ${MOST_BYTES} bytes of labels, found ${bytes.length}: is it a skeleton file?`,
    );
  }
  const labels: PkuLabel[] = [];
  const faults: BadRecording[] = [];
  let row = 0;
  for (const [i, text] of new TextDecoder().decode(withoutMark(bytes)).split("\n").entries()) {
    if (text.trim() === "") continue;
    const line = i + 1;
    if (++row > MOST_ROWS) {
      throw new BadRecording(file, `expected at most ${MOST_ROWS} rows for one video`, line);
    }
    const reading = readRow(text, classes);
    if (typeof reading === "string") faults.push(new BadRecording(file, reading, line));
    else labels.push({ line, row, ...reading });
  }
  return { labels, faults };
}

/** The row, or what is wrong with it. */
function readRow(
  text: string,
  classes: number,
): Pick<PkuLabel, "label" | "start" | "end"> | string {
  const fields = text.split(",").map((field) => field.trim());
  if (fields.length !== 4) {
    return `expected class,start,end,confidence, found ${quoted(text)}`;
  }
  const numbers: number[] = [];
  for (const [i, name] of ["class", "start", "end", "confidence"].entries()) {
    const field = fields[i]!;
    // A row of whole numbers, though tools that save arrays may write them as 7.0.
    if (!/^\d{1,9}(\.0*)?$/.test(field)) {
      return `expected the ${name} as a whole number, found ${quoted(field)}`;
    }
    numbers.push(Number(field));
  }
  const [action, start, end] = numbers as [number, number, number, number];
  if (action < 1 || action > classes) {
    return `expected a class from 1 to ${classes}, found ${action}`;
  }
  if (start < 1) return "expected a start from 1 on, since frames count from 1, found 0";
  if (end < start) return `expected an end from ${start} on, where the action starts, found ${end}`;
  return { label: action - 1, start, end };
}

function quoted(text: string): string {
  const shown = text.trim().slice(0, 40).replaceAll(/[^\x20-\x7e]/g, "?");
  return shown === "" ? "nothing" : `"${shown}"`;
}
