/**
 * A terminal that remembers what was said on it, so that a call with `--json` which fails in words
 * still leaves one JSON document.
 *
 * @module
 */
import type { Terminal } from "../verb.ts";

/** Passes everything on, and remembers whether there were results, and what was said besides. */
export class HeardTerminal implements Terminal {
  /** Whether anything went to standard output. */
  printed = false;
  /** All that went to standard error. */
  said = "";
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  out(text: string): void {
    this.printed ||= text !== "";
    this.#terminal.out(text);
  }

  err(text: string): void {
    this.said += text;
    this.#terminal.err(text);
  }

  get live(): boolean {
    return this.#terminal.live;
  }

  get outLive(): boolean {
    return this.#terminal.outLive === true;
  }

  get columns(): number {
    return this.#terminal.columns;
  }
}
