/**
 * The PyTorch implementation that training is measured against: `peer/torch_peer.py`, run with the
 * system's own Python, in the same run on the same machine.
 *
 * @module
 */

const SCRIPT = new URL("../../peer/torch_peer.py", import.meta.url).pathname;

/** Debian's own interpreter first: other ones do not see Debian's PyTorch. */
const INTERPRETERS = ["/usr/bin/python3", "python3"];

/** What to do where there is no PyTorch. */
export const INSTALL_PEER = "no PyTorch to measure against: install it with " +
  "apt-get install python3-torch libopenblas0-pthread (Debian's own python3 then has it)";

/** One run of the peer. */
export interface PeerRates {
  /** Such as `pytorch 1.13.0a0`. */
  readonly peer: string;
  /** Clips a second of each counted step. */
  readonly train_runs: readonly number[];
  /** Clips a second of each counted evaluation pass. */
  readonly eval_runs: readonly number[];
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

/**
 * Runs the peer's benchmark on the CPU, with all its threads unless told otherwise.
 *
 * @throws {Error} If it fails, with the end of what it said.
 */
export async function runPeer(
  interpreter: string,
  { width, batch, queue, runs, threads = navigator.hardwareConcurrency }: {
    width: number;
    batch: number;
    queue: number;
    runs: number;
    threads?: number;
  },
): Promise<PeerRates> {
  const args = Object.entries({ width, batch, queue, runs, threads })
    .flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { success, stdout, stderr } = await new Deno.Command(interpreter, {
    args: [SCRIPT, "bench", ...args],
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (!success) throw new Error(`${SCRIPT} failed: ${text(stderr).split("\n").at(-1)}`);
  return JSON.parse(text(stdout)) as PeerRates;
}
