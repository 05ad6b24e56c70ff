/**
 * A frame of lines at the bottom of a terminal that is drawn over and over.
 *
 * @module
 */
import { createLogUpdate } from "log-update";
import type { Frame } from "./progress.ts";
import type { Terminal } from "../verb.ts";

/** Rows of the terminal; 24 where it claims to have none. */
function rows(): number {
  try {
    return Deno.consoleSize().rows || 24;
  } catch {
    return 24;
  }
}

/**
 * A frame on standard error. Ask for one only where the terminal is live: a pipe would get the
 * cursor's movements as text.
 *
 * @param terminal The terminal; the frame goes the same way as its lines, so that they keep order.
 */
export function liveFrame(terminal: Terminal): Frame {
  const stream = {
    isTTY: true,
    get columns(): number {
      return terminal.columns;
    },
    get rows(): number {
      return rows();
    },
    write(text: string): boolean {
      terminal.err(text);
      return true;
    },
  };
  // Of a stream, log-update uses no more than these.
  const update = createLogUpdate(
    stream as unknown as Parameters<typeof createLogUpdate>[0],
    { showCursor: true, defaultWidth: 80 },
  );
  return { draw: (text) => update(text), clear: () => update.clear() };
}
