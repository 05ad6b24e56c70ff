/**
 * Runs a stage in the runner's own process: for toy stages in tests of the scheduling alone. It has
 * every permission and cannot be killed.
 *
 * @module
 */
import { runStage } from "../stage_context.ts";
import type { WorkerMessage } from "../messages.ts";
import type { Executor, Outcome } from "./executor.ts";
import { JobLog, tailOf } from "./job_log.ts";

/** The runner's own process. */
export const inline: Executor = {
  name: "inline",
  submit(job, onMessage) {
    const log = new JobLog(job.logFile);
    let stopping = false;
    let last: WorkerMessage | undefined;
    const run = async (): Promise<Outcome> => {
      await runStage(job.worker, {
        stopping: () => stopping,
        send(message) {
          last = message;
          if (message.type === "log") log.add(message.level, message.message);
          if (message.type === "error") log.addToFile("error", message.stack || message.message);
          onMessage(message);
        },
      }, () => import(job.entry));
      log.close();
      if (last?.type === "error") {
        return { status: "failed", message: last.message, again: last.again === true };
      }
      return { status: last?.type === "stopped" ? "stopped" : "done" };
    };
    const ended = run();
    const stop = () => {
      stopping = true;
    };
    return Promise.resolve({
      wait: () => ended,
      stop,
      cancel: stop,
      logTail: () => tailOf(log, last),
    });
  },
};
