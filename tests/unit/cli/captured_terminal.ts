/** A terminal that keeps what is written to it, for tests. */
import type { Terminal } from "../../../pipeline/verb.ts";

/** Standard output and error as texts. */
export class CapturedTerminal implements Terminal {
  stdout = "";
  stderr = "";
  readonly live: boolean;
  readonly columns: number;

  constructor(options: { live?: boolean; columns?: number } = {}) {
    this.live = options.live ?? false;
    this.columns = options.columns ?? 80;
  }

  out(text: string): void {
    this.stdout += text;
  }

  err(text: string): void {
    this.stderr += text;
  }
}
