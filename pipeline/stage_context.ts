/**
 * The context that a stage is handed, made from a job and a way to send messages.
 *
 * @module
 */
import { currentCheckpoint, saveCheckpoint } from "./running/checkpoint.ts";
import { DISK_FULL, isDiskFull } from "./full_disk.ts";
import type { WorkerJob, WorkerMessage } from "./messages.ts";
import type { StageContext, StageMain } from "./stage.ts";

/** Thrown by {@link StageContext.stopped}. */
class Stopped extends Error {
  override readonly name = "Stopped";
}

/** How often progress is said at most, in milliseconds. */
const PROGRESS_MS = 100;

/** What connects a stage to its runner. */
export interface StageLink {
  send(message: WorkerMessage): void;
  /** Whether the user asked to stop. */
  stopping(): boolean;
}

/**
 * Runs a stage's main function to its end and says what it came to, in one last message.
 *
 * @param load Loads the entry module.
 */
export async function runStage(
  job: WorkerJob,
  link: StageLink,
  load: () => Promise<{ readonly default?: unknown }>,
): Promise<void> {
  const state = { stopped: false };
  try {
    const main = (await load()).default;
    if (typeof main !== "function") {
      throw new Error("Its entry module has no default export that is a function.");
    }
    await (main as StageMain)(contextOf(job, link, state));
    link.send({ type: state.stopped ? "stopped" : "done" });
  } catch (error) {
    if (error instanceof Stopped || state.stopped) link.send({ type: "stopped" });
    else link.send(failure(error));
  }
}

/**
 * What is said of an error: its message to the user, its stack to the log. The error of a person's
 * mistake (it has `forUser` set) has no stack: its message says all there is to say. After one with
 * `tryAgain` set, such as the loss of a device, another attempt is made.
 */
export function failure(error: unknown): WorkerMessage {
  if (!(error instanceof Error)) return { type: "error", message: String(error), stack: "" };
  if (isDiskFull(error)) {
    return { type: "error", message: `${DISK_FULL} (${error.message})`, stack: "" };
  }
  const { forUser, tryAgain } = error as { forUser?: boolean; tryAgain?: boolean };
  const stack = forUser === true ? "" : error.stack ?? "";
  const again = tryAgain === true ? { again: true } : {};
  return { type: "error", message: error.message || error.name, stack, ...again };
}

function contextOf(
  job: WorkerJob,
  link: StageLink,
  state: { stopped: boolean },
): StageContext<unknown> {
  let saidAt = -Infinity;
  let strictSaid = false;
  let saving: Promise<unknown> = Promise.resolve();
  return {
    params: job.params,
    ...(job.backend ? { backend: job.backend } : {}),
    ...(job.deviceClass === undefined ? {} : { deviceClass: job.deviceClass }),
    allowSoftware: job.allowSoftware,
    ...(job.threads === undefined ? {} : { threads: job.threads }),
    get strict() {
      if (!strictSaid) link.send({ type: "strict-read" });
      strictSaid = true;
      return job.strict;
    },
    inputNames: Object.keys(job.inputs).sort(),
    input: (name) => pathOf(job.inputs, name, "input"),
    output: (name) => pathOf(job.outputs, name, "output"),
    log: (level, message) => link.send({ type: "log", level, message }),
    progress(done, total, unit) {
      const now = performance.now();
      if (now - saidAt < PROGRESS_MS && done < total) return;
      saidAt = now;
      link.send({ type: "progress", done, total, unit });
    },
    metric(name, value) {
      if (!Number.isFinite(value)) {
        throw new Error(`The metric "${name}" is ${value}; it must be a finite number.`);
      }
      link.send({ type: "metric", name, value });
    },
    facts(output, facts) {
      pathOf(job.outputs, output, "output");
      link.send({ type: "facts", output, facts });
    },
    checkpoint(write) {
      const save = saving.then(async () => {
        const number = await saveCheckpoint(job.checkpoints, write);
        link.send({ type: "checkpoint", number });
      });
      saving = save.catch(() => {});
      return save;
    },
    resume: () => currentCheckpoint(job.checkpoints)?.path,
    get stopping() {
      return link.stopping();
    },
    breathe: () => new Promise((resolve) => setTimeout(resolve, 0)),
    stopped() {
      state.stopped = true;
      throw new Stopped("The user asked to stop.");
    },
  };
}

function pathOf(paths: Readonly<Record<string, string>>, name: string, kind: string): string {
  if (Object.hasOwn(paths, name)) return paths[name]!;
  const names = Object.keys(paths).sort().join(", ") || "none";
  throw new Error(`The stage has no ${kind} "${name}"; it was given ${names}.`);
}
