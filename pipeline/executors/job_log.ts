/**
 * The log of a job: its beginning and its end in a file, the last lines at hand.
 *
 * @module
 */

import type { WorkerMessage } from "../messages.ts";

/** How many lines are kept at hand. */
const TAIL = 40;

/** Bytes that a log may take on the disk, but for its last lines. */
const LARGEST = 64 << 20;

/** Characters of a line that are kept. */
const LONGEST_LINE = 16 << 10;

/** Writes a log. A log that cannot be written (a full disk) never takes its job down with it. */
export class JobLog {
  readonly #file: Deno.FsFile | undefined;
  readonly #largest: number;
  readonly #tail: string[] = [];
  readonly #encoder = new TextEncoder();
  /** Lines that are not in the file yet: those of one piece of output are written at once. */
  #pending = "";
  #written = 0;
  /** Once the file is full: the last lines, and how many came before them. */
  #rest: string[] | undefined;
  #restLines = 0;

  /**
   * Opens a log, or does without a file where none can be had.
   *
   * @param largest Bytes that the file may take, but for its last lines.
   */
  constructor(path: string, largest: number = LARGEST) {
    this.#largest = largest;
    try {
      this.#file = Deno.openSync(path, { write: true, create: true, append: true });
    } catch {
      this.#file = undefined;
    }
  }

  /** Adds a message, which may have several lines. */
  add(level: string, message: string): void {
    for (const line of message.split("\n")) this.#tail.push(shortened(line));
    if (this.#tail.length > 2 * TAIL) this.#tail.splice(0, this.#tail.length - TAIL);
    this.addToFile(level, message);
  }

  /** Adds a message to the file alone: the error that ends a job is shown by itself. */
  addToFile(level: string, message: string): void {
    const begin = `${new Date().toISOString()} ${level.padEnd(5)}`;
    for (const line of message.split("\n")) this.#put(`${begin} ${shortened(line)}\n`);
  }

  /** The last lines, as they were said. */
  tail(): readonly string[] {
    return this.#tail.slice(-TAIL);
  }

  /** Writes what is not written yet, and closes the file. */
  close(): void {
    if (this.#rest) {
      const left = this.#restLines - this.#rest.length;
      const cut = `${new Date().toISOString()} log   ${left} lines are left out here: ` +
        `the log had ${this.#written} bytes already\n`;
      this.#pending += (left > 0 ? cut : "") + this.#rest.join("");
      this.#rest = undefined;
    }
    this.#flush();
    this.#file?.close();
  }

  #put(line: string): void {
    if (this.#written >= this.#largest) {
      this.#rest ??= [];
      this.#restLines++;
      this.#rest.push(line);
      if (this.#rest.length > 2 * TAIL) this.#rest.splice(0, this.#rest.length - TAIL);
      return;
    }
    if (this.#pending === "") queueMicrotask(() => this.#flush());
    this.#pending += line;
    this.#written += line.length;
    if (this.#pending.length > 1 << 16) this.#flush();
  }

  #flush(): void {
    let bytes = this.#encoder.encode(this.#pending);
    this.#pending = "";
    try {
      while (bytes.length > 0 && this.#file) bytes = bytes.subarray(this.#file.writeSync(bytes));
    } catch {
      return; // The disk is full, or the file was closed.
    }
  }
}

/** The log's last lines, where they can explain more than the message that ended the job. */
export function tailOf(log: JobLog, last: WorkerMessage | undefined): readonly string[] {
  return last?.type === "error" && last.stack === "" ? [] : log.tail();
}

function shortened(line: string): string {
  if (line.length <= LONGEST_LINE) return line;
  return `${line.slice(0, LONGEST_LINE)} ... (${line.length - LONGEST_LINE} more characters)`;
}
