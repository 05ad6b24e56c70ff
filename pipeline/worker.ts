/**
 * The child process in which one stage runs.
 *
 * Standard output carries messages to the runner, each line marked; what the stage prints by itself is
 * log. Standard input is the runner's voice, and its life line: a Worker reads it, so that the process
 * hears of its parent's end also while the main thread is busy for minutes, and kills the process then.
 * (Killing oneself takes no permission; `Deno.exit()` in a Worker would end the Worker alone.)
 *
 * @module
 */
import process from "node:process";
import { format } from "node:util";
import { MARK, type WorkerJob, type WorkerMessage } from "./messages.ts";
import { sealProcess } from "./running/sealed_process.ts";
import { failure, runStage } from "./stage_context.ts";

const LIFE_LINE = `
  const block = new Uint8Array(256);
  const decoder = new TextDecoder();
  let text = "";
  while (true) {
    let count = null;
    try { count = await Deno.stdin.read(block); } catch { /* the end as well */ }
    if (count === null) Deno.kill(Deno.pid, "SIGKILL");
    text += decoder.decode(block.subarray(0, count), { stream: true });
    const lines = text.split("\\n");
    text = lines.pop();
    for (const line of lines) self.postMessage(line);
  }`;

const encoder = new TextEncoder();

/** Characters of a message that are said; a longer one would be cut on the way. */
const LONGEST = 1 << 16;

function send(message: WorkerMessage): void {
  if (message.type === "done" || message.type === "stopped" || message.type === "error") {
    // KiB: what the system counted for this process, however short it lived.
    put({ type: "usage", peakMemoryMiB: Math.ceil(process.resourceUsage().maxRSS / 1024) });
  }
  put(
    "message" in message && message.message.length > LONGEST
      ? { ...message, message: `${message.message.slice(0, LONGEST)} ...` }
      : message,
  );
}

function put(message: WorkerMessage): void {
  const bytes = encoder.encode(`${MARK}${JSON.stringify(message)}\n`);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

/**
 * Runs a stage in this process, and ends the process.
 *
 * @param job What to do.
 * @param load Loads the entry module; given as a function with a literal `import()`, so that it takes
 * no permission and its failure is the stage's.
 */
export async function work(
  job: WorkerJob,
  load: () => Promise<{ readonly default?: unknown }>,
): Promise<never> {
  let stopping = false;
  const lifeLine = new Worker(`data:text/javascript,${encodeURIComponent(LIFE_LINE)}`, {
    type: "module",
  });
  lifeLine.onmessage = ({ data }) => {
    if (data === "stop") stopping = true;
  };
  for (const level of ["debug", "log", "info", "warn", "error", "trace"] as const) {
    console[level] = (...values: unknown[]) => {
      send({
        type: "log",
        level: level === "debug" || level === "trace" ? "debug" : "info",
        message: format(...values),
      });
    };
  }
  const fail = (error: unknown): never => {
    send(failure(error));
    Deno.exit(1);
  };
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    fail(event.reason);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    fail(event.error ?? event.message);
  });
  const report = (permission: string, value: string) =>
    put({ type: "trespass", permission, value });
  sealProcess(report, job.mayRun);
  await runStage(job, { send, stopping: () => stopping }, load);
  Deno.exit(0);
}
