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
  /** Where it computes (default: on the CPU). */
  readonly device?: PeerDevice;
}

/** Where the peer computes. */
export type PeerDevice = "cpu" | "cuda";

/** Fails where the peer could not run. */
const TRIALS: Readonly<Record<PeerDevice, string>> = {
  cpu: "import torch, numpy",
  cuda: "import torch, numpy; assert torch.cuda.is_available()",
};

/** The first interpreter that can import torch, and compute on a device with it, if any. */
export async function findPeer(device: PeerDevice = "cpu"): Promise<string | undefined> {
  for (const interpreter of INTERPRETERS) {
    try {
      const { success } = await new Deno.Command(interpreter, {
        args: ["-c", TRIALS[device]],
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

  readonly #args: readonly string[];

  private constructor(
    name: string,
    process: Deno.ChildProcess,
    lines: ReadableStreamDefaultReader<string>,
    args: readonly string[],
  ) {
    this.name = name;
    this.#args = args;
    this.#process = process;
    this.#input = process.stdin.getWriter();
    this.#lines = lines;
  }

  /**
   * Starts it.
   *
   * @throws {Error} If it ends at once.
   */
  static start(interpreter: string, options: PeerOptions): Promise<Peer> {
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    return Peer.spawn(interpreter, [SCRIPT, "turns", ...args]);
  }

  /**
   * Starts a program that says, as a line of JSON, what it is, and then answers each line that it is sent
   * with one.
   *
   * @throws {Error} If it ends at once.
   */
  static async spawn(command: string, args: readonly string[]): Promise<Peer> {
    const process = new Deno.Command(command, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const lines = process.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(lineBreaks())
      .getReader();
    const { peer } = await answer<{ peer: string }>(lines, args);
    return new Peer(peer, process, lines, args);
  }

  /**
   * Runs something once.
   *
   * @returns Seconds, by its own clock.
   * @throws {Error} If it has ended.
   */
  async seconds(run: PeerRun): Promise<number> {
    return (await this.ask<{ seconds: number }>(run)).seconds;
  }

  /**
   * Sends it a line.
   *
   * @returns Its answer.
   * @throws {Error} If it has ended.
   */
  async ask<T>(line: string): Promise<T> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
    return await answer<T>(this.#lines, this.#args);
  }

  /** Ends it. */
  async close(): Promise<void> {
    await this.#input.close();
    await this.#lines.cancel();
    await this.#process.status;
  }
}

async function answer<T>(
  lines: ReadableStreamDefaultReader<string>,
  args: readonly string[],
): Promise<T> {
  const { done, value } = await lines.read();
  if (done) throw new Error(`the peer ended before it had answered: ${args.join(" ")}`);
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
