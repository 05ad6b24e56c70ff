/**
 * The terminal this process writes to: results to standard output, the rest to standard error.
 *
 * @module
 */
import type { Terminal } from "../verb.ts";

const encoder = new TextEncoder();

/** Something to wait on that nobody wakes. */
const nothing = new Int32Array(new SharedArrayBuffer(4));

/** Nobody reads what is written: a pipe's reader went away (`| head`), or the terminal was closed. */
function isUnread(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || (error as { code?: string }).code === "EIO";
}

/** Writes all of a text; a reader that went away is no fault of ours. */
function writer(stream: { writeSync(bytes: Uint8Array): number }): (text: string) => void {
  let gone = false;
  return (text) => {
    let bytes = encoder.encode(text);
    while (bytes.length > 0 && !gone) {
      try {
        bytes = bytes.subarray(stream.writeSync(bytes));
      } catch (error) {
        if (error instanceof Deno.errors.WouldBlock) {
          // A full pipe whose reader takes its time: give it some, without burning a core.
          Atomics.wait(nothing, 0, 0, 2);
          continue;
        }
        if (!isUnread(error)) throw error;
        gone = true;
      }
    }
  };
}

/** Columns of the terminal; 80 where there is none or it claims to have none. */
export function terminalColumns(): number {
  try {
    const { columns } = Deno.consoleSize();
    return columns > 0 ? columns : 80;
  } catch {
    return 80;
  }
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const live = Deno.stderr.isTerminal();
  return {
    out: writer(Deno.stdout),
    err: writer(Deno.stderr),
    live: live && Deno.env.get("TERM") !== "dumb",
    outLive: Deno.stdout.isTerminal(),
    get columns(): number {
      return terminalColumns();
    },
  };
}
