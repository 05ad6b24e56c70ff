/**
 * The log of a job: the whole of it in a file, the last lines at hand.
 *
 * @module
 */

import type { WorkerMessage } from "../messages.ts";

/** How many lines are kept at hand. */
const TAIL = 40;

/** Writes a log. A log that cannot be written (a full disk) never takes its job down with it. */
export class JobLog {
  readonly #file: Deno.FsFile | undefined;
  readonly #tail: string[] = [];
  readonly #encoder = new TextEncoder();

  constructor(path: string) {
    try {
      this.#file = Deno.openSync(path, { write: true, create: true, append: true });
    } catch {
      this.#file = undefined;
    }
  }

  /** Adds a message, which may have several lines. */
  add(level: string, message: string): void {
    this.#tail.push(...message.split("\n"));
    this.#tail.splice(0, this.#tail.length - TAIL);
    this.addToFile(level, message);
  }

  /** Adds a message to the file alone: the error that ends a job is shown by itself. */
  addToFile(level: string, message: string): void {
    const time = new Date().toISOString();
    for (const line of message.split("\n")) {
      try {
        this.#file?.writeSync(this.#encoder.encode(`${time} ${level.padEnd(5)} ${line}\n`));
      } catch {
        continue;
      }
    }
  }

  /** The last lines, as they were said. */
  tail(): readonly string[] {
    return [...this.#tail];
  }

  /** Closes the file. */
  close(): void {
    this.#file?.close();
  }
}

/** The log's last lines, where they can explain more than the message that ended the job. */
export function tailOf(log: JobLog, last: WorkerMessage | undefined): readonly string[] {
  return last?.type === "error" && last.stack === "" ? [] : log.tail();
}
