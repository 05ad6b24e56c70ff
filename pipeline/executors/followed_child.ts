/**
 * A stage's child process, followed from its start to its end: what it says, what it touches, how much
 * memory it has.
 *
 * @module
 */
import process from "node:process";
import { MARK, type WorkerMessage } from "../messages.ts";
import type { AuditTrail, Trespass } from "./audit.ts";
import type { Job, Outcome, Submission } from "./executor.ts";
import { type JobLog, tailOf } from "./job_log.ts";
import { LineSplitter } from "./lines.ts";
import { explainTrespass } from "./trespass_wording.ts";

/** How often a child's memory and its accesses are looked at, in milliseconds. */
const SAMPLE_MS = 1000;

/** What following a child takes. */
export interface Following {
  /** Takes what it says. */
  readonly log: JobLog;
  /** Tells what it touches. */
  readonly trail: AuditTrail;
  /** Told what the stage says, in order. */
  readonly onMessage: (message: WorkerMessage) => void;
  /** Says how a child ended that had not said so itself, or ended badly after it had done its work. */
  readonly explain: (
    status: Deno.CommandStatus,
    peakMiB: number | undefined,
    tail: readonly string[],
    done: boolean,
  ) => { readonly message: string; readonly again: boolean };
}

/** A message that ends a stage. */
type LastMessage = Extract<WorkerMessage, { type: "done" | "stopped" | "error" }>;

/** A child process under way. */
export class FollowedChild implements Submission {
  readonly #job: Job;
  readonly #child: Deno.ChildProcess;
  readonly #following: Following;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #ended: Promise<Outcome>;
  #last: LastMessage | undefined;
  #peakMiB: number | undefined;
  #trespass: Trespass | undefined;
  #isOver = false;

  /** Follows a child that was just started. */
  constructor(job: Job, child: Deno.ChildProcess, following: Following) {
    this.#job = job;
    this.#child = child;
    this.#following = following;
    this.#stdin = child.stdin.getWriter();
    this.#ended = this.#follow();
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** See {@link Submission.wait}. */
  wait(): Promise<Outcome> {
    return this.#ended;
  }

  /** See {@link Submission.stop}. */
  stop(): void {
    this.#stdin.write(new TextEncoder().encode("stop\n")).catch(() => {});
  }

  /** See {@link Submission.cancel}. */
  cancel(): void {
    if (this.#isOver) return; // Another process may have its id by now.
    try {
      process.kill(-this.#child.pid, "SIGKILL");
    } catch {
      return; // It has just ended.
    }
  }

  /** See {@link Submission.logTail}. */
  logTail(): readonly string[] {
    return this.#trespass ? [] : tailOf(this.#following.log, this.#last);
  }

  async #follow(): Promise<Outcome> {
    const { log } = this.#following;
    const { stdout, stderr, status } = this.#child;
    const sampling = setInterval(() => this.#sample(), SAMPLE_MS);
    try {
      const out = eachLine(stdout, (line) => this.#hearLine(line));
      const err = eachLine(stderr, (line) => log.add("err", line));
      void status.then(() => this.#isOver = true);
      const [ended] = await Promise.all([status, out, err]);
      return this.#outcome(ended);
    } catch (error) {
      this.cancel();
      await status;
      return { status: "failed", message: `The runner lost it: ${(error as Error).message}` };
    } finally {
      clearInterval(sampling);
      this.#stdin.close().catch(() => {});
      log.close();
    }
  }

  /** Messages are marked; all else that is printed, in whatever form, is log. */
  #hearLine(line: string): void {
    const at = line.indexOf(MARK);
    const message = at < 0 ? undefined : parse(line.slice(at + 1));
    const printed = message ? line.slice(0, at) : line;
    if (printed !== "") this.#following.log.add("out", printed);
    if (message) this.#hear(message);
  }

  #hear(message: WorkerMessage): void {
    const { log, onMessage } = this.#following;
    let said = message;
    if (said.type === "log") {
      said = { ...said, message: this.#named(said.message) };
      log.add(said.level, said.message);
    } else if (said.type === "error") {
      const { stack } = said;
      said = this.#last = { ...said, message: this.#named(said.message) };
      log.addToFile("error", this.#named(stack || said.message));
    } else if (said.type === "done" || said.type === "stopped") this.#last = said;
    else if (said.type === "usage") this.#peakMiB = said.peakMemoryMiB;
    else if (said.type === "trespass") this.#refuse(said);
    onMessage(said);
  }

  #named(text: string): string {
    for (const [path, name] of this.#job.names) text = text.replaceAll(path, name);
    return text;
  }

  #sample(): void {
    this.#peakMiB = peakMemoryMiB(this.#child.pid) ?? this.#peakMiB;
    const trespass = this.#following.trail.look();
    if (trespass) this.#refuse(trespass);
  }

  /** What it makes from now on is of no use. */
  #refuse(trespass: Trespass): void {
    this.#trespass ??= trespass;
    this.cancel();
  }

  #outcome(status: Deno.CommandStatus): Outcome {
    const { log, trail, explain } = this.#following;
    const trespass = this.#trespass ??= trail.look();
    if (trespass) {
      const message = explainTrespass(this.#job, trespass);
      log.addToFile("error", message);
      return { status: "failed", message };
    }
    const last = this.#last;
    if (last?.type === "error") {
      return { status: "failed", message: last.message, again: last.again === true };
    }
    if (last?.type === "stopped") return { status: "stopped" };
    const peakMemoryMiB = this.#peakMiB;
    if (last?.type === "done" && status.success) {
      return { status: "done", ...(peakMemoryMiB === undefined ? {} : { peakMemoryMiB }) };
    }
    return { status: "failed", ...explain(status, peakMemoryMiB, log.tail(), last !== undefined) };
  }
}

function parse(text: string): WorkerMessage | undefined {
  try {
    const message = JSON.parse(text) as WorkerMessage;
    return typeof message?.type === "string" ? message : undefined;
  } catch {
    return undefined; // The stage printed the mark itself.
  }
}

async function eachLine(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (line: string) => void,
): Promise<void> {
  const splitter = new LineSplitter();
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    for (const line of splitter.push(piece)) take(line);
  }
  for (const line of splitter.end()) take(line);
}

/** Peak resident memory of a live process, where the system tells. */
function peakMemoryMiB(pid: number): number | undefined {
  try {
    const kib = /^VmHWM:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
    return kib === undefined ? undefined : Math.ceil(Number(kib) / 1024);
  } catch {
    return undefined;
  }
}
