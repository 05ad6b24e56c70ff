/**
 * A frame of lines at the bottom of a terminal that is drawn over and over.
 *
 * @module
 */
import process from "node:process";
import { createLogUpdate } from "log-update";
import type { Frame } from "./progress.ts";

/** A frame on standard error. Ask for one only when standard error is a terminal. */
export function stderrFrame(): Frame {
  const update = createLogUpdate(process.stderr, { showCursor: true, defaultWidth: 80 });
  return { draw: (text) => update(text), clear: () => update.clear() };
}
