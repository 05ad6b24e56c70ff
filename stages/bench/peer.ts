/**
 * The PyTorch implementation that training is measured against: `peer/torch_peer.py`, run with the
 * system's own Python, in the same run on the same machine.
 *
 * @module
 */
import type { TrainingSize } from "./training.ts";

const SCRIPT = new URL("../../peer/torch_peer.py", import.meta.url).pathname;

/** Debian's own interpreter first: other ones do not see Debian's PyTorch. */
const INTERPRETERS = ["/usr/bin/python3", "python3"];

/** What to do where there is no PyTorch. */
export const INSTALL_PEER = "no PyTorch to measure against: install it with " +
  "apt-get install python3-torch libopenblas0-pthread (Debian's own python3 then has it)";

/** What the peer can be asked to do; `eval-one` evaluates clips of which only the first body is there. */
export type PeerRun = "train" | "eval" | "eval-one";

/** What it does that with. */
export interface PeerOptions extends TrainingSize {
  readonly threads: number;
}

/** The first interpreter that can import torch, if any. */
export async function findPeer(): Promise<string | undefined> {
  for (const interpreter of INTERPRETERS) {
    try {
      const { success } = await new Deno.Command(interpreter, {
        args: ["-c", "import torch, numpy"],
        stdout: "null",
        stderr: "null",
      }).output();
      if (success) return interpreter;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}

/** The peer as a process that waits for its turns: it and we must not compute at the same time. */
export class Peer {
  /** Such as `pytorch 1.13.0a0`. */
  readonly name: string;
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;

  private constructor(
    name: string,
    process: Deno.ChildProcess,
    lines: ReadableStreamDefaultReader<string>,
  ) {
    this.name = name;
    this.#process = process;
    this.#input = process.stdin.getWriter();
    this.#lines = lines;
  }

  /**
   * Starts it on the CPU.
   *
   * @throws {Error} If it ends at once.
   */
  static async start(interpreter: string, options: PeerOptions): Promise<Peer> {
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const process = new Deno.Command(interpreter, {
      args: [SCRIPT, "turns", ...args],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const lines = process.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(lineBreaks())
      .getReader();
    const { peer } = await answer<{ peer: string }>(lines);
    return new Peer(peer, process, lines);
  }

  /**
   * Runs something once.
   *
   * @returns Seconds, by its own clock.
   * @throws {Error} If it has ended.
   */
  async seconds(run: PeerRun): Promise<number> {
    await this.#input.write(new TextEncoder().encode(`${run}\n`));
    return (await answer<{ seconds: number }>(this.#lines)).seconds;
  }

  /** Ends it. */
  async close(): Promise<void> {
    await this.#input.close();
    await this.#lines.cancel();
    await this.#process.status;
  }
}

async function answer<T>(lines: ReadableStreamDefaultReader<string>): Promise<T> {
  const { done, value } = await lines.read();
  if (done) throw new Error(`${SCRIPT} ended`);
  return JSON.parse(value) as T;
}

/** Text in pieces -> lines. */
function lineBreaks(): TransformStream<string, string> {
  let rest = "";
  return new TransformStream({
    transform(piece, controller) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop()!;
      for (const line of lines) controller.enqueue(line);
    },
  });
}
