/**
 * The plain Python reader that `bench data` measures beside: `peer/skeleton_reader.py`, run with Debian's
 * own interpreter.
 *
 * @module
 */
import { TextLines } from "./text_lines.ts";

const SCRIPT = new URL("../../peer/skeleton_reader.py", import.meta.url).pathname;

/** Debian's own interpreter: what most people read these files with. */
export const PYTHON = "/usr/bin/python3";

/** What to do where it is not there. */
export const INSTALL_PYTHON =
  `no ${PYTHON} to measure against: install it with apt-get install python3`;

/** One reading of all recordings. */
export interface PeerReading {
  readonly seconds: number;
  readonly bytes: number;
  readonly clips: number;
  /** Sum over clips of the height of the first body's head in the last frame. */
  readonly checksum: number;
}

/** The reader as a process that waits for its turns. */
export class DataPeer {
  /** Such as `python 3.11, a dict per joint`. */
  readonly name: string;
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: TextLines;

  private constructor(name: string, process: Deno.ChildProcess, lines: TextLines) {
    this.name = name;
    this.#process = process;
    this.#input = process.stdin.getWriter();
    this.#lines = lines;
  }

  /**
   * Starts it.
   *
   * @param folder Where the recordings are.
   * @returns Undefined where there is no Python.
   */
  static async start(folder: string): Promise<DataPeer | undefined> {
    let process: Deno.ChildProcess;
    try {
      process = new Deno.Command(PYTHON, {
        args: [SCRIPT, folder],
        stdin: "piped",
        stdout: "piped",
      }).spawn();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
    const lines = new TextLines(process.stdout);
    const { peer } = JSON.parse(await lines.next()) as { peer: string };
    return new DataPeer(peer, process, lines);
  }

  /** Has it read all recordings once; seconds are by its own clock. */
  async read(): Promise<PeerReading> {
    await this.#input.write(new TextEncoder().encode("read\n"));
    return JSON.parse(await this.#lines.next()) as PeerReading;
  }

  /** Ends it. */
  async close(): Promise<void> {
    await this.#input.close();
    await this.#lines.close();
    await this.#process.status;
  }
}
