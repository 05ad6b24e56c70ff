/**
 * Runs a stage in a child process on this machine, with the permissions of its declaration and no
 * others: read its inputs, its own code and its checkpoints; write its outputs and its checkpoints. No
 * network, no processes, no environment.
 *
 * The child is detached, so that a Ctrl-C in the terminal reaches the runner alone; it hears of it by
 * its standard input. Its memory limit and process id are no part of any key.
 *
 * @module
 */
import process from "node:process";
import { dirname, relative } from "node:path";
import { TextLineStream } from "./lines.ts";
import { MARK, type WorkerMessage } from "../messages.ts";
import { explainTrespass, type Grants, trespasses } from "./audit.ts";
import { childEnvironment, denoCache } from "./child_environment.ts";
import type { Executor, Job, Outcome, Submission } from "./executor.ts";
import { JobLog, tailOf } from "./job_log.ts";

/** Deno's own default heap limit on a large machine: less would take from stages, and is not passed. */
const HEAP_MIB = 4096;

/** How often the peak memory of a child is looked at, in milliseconds. */
const SAMPLE_MS = 1000;

/** Child processes on this machine. */
export const local: Executor = {
  name: "local",
  async submit(job, onMessage) {
    const child = await spawn(job);
    return follow(job, child, onMessage);
  },
};

function grantsOf(job: Job): Grants {
  const { checkpoints } = job.worker;
  const own = [`${job.folder}/out`, `${job.folder}/tmp`, checkpoints];
  return { read: [`${job.folder}/in`, ...own, ...job.code], write: own };
}

async function spawn(job: Job): Promise<Deno.ChildProcess> {
  const main = `${job.folder}/main.ts`;
  const worker = new URL("../worker.ts", import.meta.url).href;
  await Deno.writeTextFile(
    main,
    `import { work } from ${JSON.stringify(worker)};\n` +
      `await work(${JSON.stringify(job.worker)}, () => import(${JSON.stringify(job.entry)}));\n`,
  );
  await Deno.mkdir(`${job.folder}/tmp`, { recursive: true, mode: 0o700 });
  const { read, write } = grantsOf(job);
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-check",
      "--cached-only",
      "--ignore-env",
      `--config=${job.project}/deno.json`,
      `--allow-read=${listed(read, job.folder)}`,
      `--allow-write=${listed(write, job.folder)}`,
      `--v8-flags=--max-old-space-size=${Math.max(HEAP_MIB, job.memoryMiB)}`,
      main,
    ],
    cwd: job.folder,
    clearEnv: true,
    env: childEnvironment(job.folder),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
}

/**
 * Paths as a permission takes them. A list cannot hold a comma, so the store's paths are given as seen
 * from the folder the child runs in; code whose own path has one stays unreadable.
 */
function listed(paths: readonly string[], folder: string): string {
  const store = dirname(folder);
  return paths
    .map((path) => path.startsWith(`${store}/`) ? relative(folder, path) : path)
    .filter((path) => !path.includes(","))
    .join(",");
}

function follow(
  job: Job,
  child: Deno.ChildProcess,
  onMessage: (message: WorkerMessage) => void,
): Submission {
  const log = new JobLog(job.logFile);
  const stdin = child.stdin.getWriter();
  const named = (text: string) => {
    for (const [path, name] of job.names) text = text.replaceAll(path, name);
    return text;
  };
  let last: Extract<WorkerMessage, { type: "done" | "stopped" | "error" }> | undefined;
  let peak: number | undefined;
  const sample = () => peak = peakMemoryMiB(child.pid) ?? peak;
  const sampling = setInterval(sample, SAMPLE_MS);

  const hear = (message: WorkerMessage) => {
    if (message.type === "log") {
      const said = { ...message, message: named(message.message) };
      log.add(said.level, said.message);
      return onMessage(said);
    }
    if (message.type === "error") {
      last = { ...message, message: named(message.message) };
      log.addToFile("error", named(message.stack || message.message));
    } else if (message.type === "done" || message.type === "stopped") {
      sample();
      last = message;
    }
    onMessage(message);
  };
  const out = eachLine(child.stdout, (line) => {
    const at = line.indexOf(MARK);
    const printed = at < 0 ? line : line.slice(0, at);
    if (printed !== "") log.add("out", printed);
    if (at >= 0) hear(JSON.parse(line.slice(at + 1)) as WorkerMessage);
  });
  const err = eachLine(child.stderr, (line) => log.add("err", line));

  const ended = (async (): Promise<Outcome> => {
    try {
      const [status] = await Promise.all([child.status, out, err]);
      return outcomeOf(job, status, last, peak, log);
    } catch (error) {
      return { status: "failed", message: `The runner lost it: ${(error as Error).message}` };
    } finally {
      clearInterval(sampling);
      stdin.close().catch(() => {});
      log.close();
    }
  })();
  return {
    pid: child.pid,
    wait: () => ended,
    stop: () => void stdin.write(new TextEncoder().encode("stop\n")).catch(() => {}),
    cancel() {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has ended already.
      }
    },
    logTail: () => tailOf(log, last),
  };
}

function outcomeOf(
  job: Job,
  status: Deno.CommandStatus,
  last: WorkerMessage | undefined,
  peak: number | undefined,
  log: JobLog,
): Outcome {
  const { stage } = job.worker;
  const [trespass] = trespasses(`${job.folder}/audit.jsonl`, grantsOf(job), denoCache());
  if (trespass) {
    const message = explainTrespass(stage, trespass);
    log.addToFile("error", message);
    return { status: "failed", message };
  }
  if (last?.type === "error") return { status: "failed", message: last.message };
  if (last?.type === "stopped") return { status: "stopped" };
  if (last?.type === "done" && status.success) {
    return { status: "done", ...(peak === undefined ? {} : { peakMemoryMiB: peak }) };
  }
  const how = status.signal ? `was killed by ${status.signal}` : `ended with status ${status.code}`;
  const memory = peak === undefined ? "" : `; it had used ${peak} MiB`;
  return {
    status: "failed",
    message: `Its process ${how} before the stage was done${memory}. A process that runs out of ` +
      `memory ends like this; the stage declares ${job.memoryMiB} MiB.`,
  };
}

async function eachLine(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (line: string) => void,
): Promise<void> {
  const lines = stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  for await (const line of lines) take(line);
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
