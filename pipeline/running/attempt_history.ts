/**
 * How the attempts at a key ended: the last line of an attempt's log, which the runner writes. An
 * attempt without one was cut off together with its runner; the next attempt writes that down.
 *
 * @module
 */

/** How an attempt ended. */
export interface EndedAttempt {
  /** Of the attempts at its key, from 1. */
  readonly number: number;
  /** `failed: ...`, `stopped`, `killed ...`, `lost ...`; `done` where bytes that went were made again. */
  readonly ended: string;
}

/** Marks the line, in the place where other lines have their level. */
const LEVEL = "end  ";

/** Bytes at the end of a log in which its last line is looked for. */
const TAIL = 4096;

/** Attempts that are looked back at, at most. */
const MOST = 100;

const CUT_OFF = "killed: its runner ended without a word";

/** Writes down how an attempt ended. A log that cannot be written loses the line, and nothing else. */
export function writeEnd(logFile: string, ended: string): void {
  write(logFile, LEVEL, ended);
}

/** Writes down what is to be known of an attempt that begins. */
export function writeNote(logFile: string, note: string): void {
  write(logFile, "note ", note);
}

/** Writes down that the attempts before a number which did not end were cut off. */
export function endUnfinished(logFile: (number: number) => string, before: number): void {
  for (let number = before - 1; number > 0 && number >= before - MOST; number--) {
    const path = logFile(number);
    const tail = tailOf(path);
    if (tail === undefined) continue;
    if (endIn(tail) !== undefined) return;
    writeEnd(path, CUT_OFF);
  }
}

/** How the attempts before a number ended, oldest first, as far as their logs are there. */
export function earlierAttempts(
  logFile: (number: number) => string,
  before: number,
): EndedAttempt[] {
  const found: EndedAttempt[] = [];
  for (let number = Math.max(1, before - MOST); number < before; number++) {
    const tail = tailOf(logFile(number));
    if (tail !== undefined) found.push({ number, ended: endIn(tail) ?? CUT_OFF });
  }
  return found;
}

function write(logFile: string, level: string, text: string): void {
  const line = text.replaceAll(/\s+/g, " ").slice(0, 500);
  try {
    Deno.writeTextFileSync(logFile, `${new Date().toISOString()} ${level} ${line}\n`, {
      append: true,
      create: false,
    });
  } catch {
    return;
  }
}

function endIn(tail: string): string | undefined {
  const last = tail.trimEnd().split("\n").at(-1)!;
  return new RegExp(`^\\S+ ${LEVEL} (.*)$`).exec(last)?.[1];
}

function tailOf(path: string): string | undefined {
  try {
    using file = Deno.openSync(path);
    const { size } = file.statSync();
    file.seekSync(Math.max(0, size - TAIL), Deno.SeekMode.Start);
    const bytes = new Uint8Array(TAIL);
    return new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes) ?? 0));
  } catch {
    return undefined;
  }
}
