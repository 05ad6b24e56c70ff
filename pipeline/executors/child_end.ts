/**
 * What is said of a child process that ended before its stage was done.
 *
 * @module
 */

/** How a child ended, and what is known beside. */
export interface ChildEnd {
  /** As the system tells it. */
  readonly status: Deno.CommandStatus;
  /** Of the stage's definition. */
  readonly stage: string;
  /** Memory that the stage declares. */
  readonly declaredMiB: number;
  /** The limit of its JavaScript heap. */
  readonly heapMiB: number;
  /** Memory that it had used when it was last looked at. */
  readonly peakMiB: number | undefined;
  /** The last lines of its log. */
  readonly tail: readonly string[];
  /** Whether the kernel ended a process for want of memory meanwhile; undefined where nobody knows. */
  readonly kernelKilled: boolean | undefined;
  /** Whether it had said before that the stage was done. */
  readonly done?: boolean;
  /** Whether the runner makes another attempt. */
  readonly again?: boolean;
}

/** Signals by which a process ends that crashed, and nobody killed. */
const CRASHES = ["SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV", "SIGSYS", "SIGTRAP"];

/** Whether a process crashed: by a signal of its own making, or because the engine gave up. */
export function isCrash({ signal }: Deno.CommandStatus, tail: readonly string[]): boolean {
  if (tail.some((line) => OUT_OF_HEAP.test(line))) return false;
  return CRASHES.includes(signal ?? "") || tail.some((line) => line.includes(PANIC));
}

/** What the engine says when it gives up. */
const PANIC = "Deno has panicked";

/** What it says when there is no room for JavaScript values. */
const OUT_OF_HEAP = /JavaScript heap out of memory|Fatal JavaScript out of memory/;

/** Says how it ended, and what to do about it. */
export function explainEnd(end: ChildEnd): string {
  const { status, stage, declaredMiB, heapMiB, peakMiB, tail, kernelKilled, done, again } = end;
  const used = peakMiB === undefined ? "" : `; it had used ${peakMiB} MiB`;
  const how = status.signal ? `was killed by ${status.signal}` : `ended with status ${status.code}`;
  const when = done === true
    ? "after the stage was done, so that its output may not be whole"
    : "before the stage was done";
  const what = `Its process ${how} ${when}${used}.`;
  const declare = (mib: number) =>
    `set in the definition of ${stage}: resources: { ..., memoryMiB: ${mib} }`;
  if (tail.some((line) => OUT_OF_HEAP.test(line))) {
    return `${what} It ran out of memory for JavaScript values, of which it may have ${heapMiB} MiB. ` +
      `Keep less at a time, or ${declare(2 * heapMiB)}`;
  }
  if (status.signal === "SIGKILL") {
    const more = Math.max(2 * declaredMiB, Math.ceil((peakMiB ?? 0) / 1000) * 1000);
    const advice = `The stage declares ${declaredMiB} MiB: if it needs more, ${declare(more)} ` +
      `- so that fewer run beside it; or start fewer side by side with --jobs`;
    if (kernelKilled) {
      return `${what} The machine ran out of memory meanwhile, and the kernel ended a process. ${advice}`;
    }
    const who = kernelKilled === false
      ? "The machine did not run out of memory: somebody killed it."
      : "Somebody killed it, or the kernel did because the machine's memory ran out.";
    return `${what} ${who} ${kernelKilled === false ? "Run again." : advice}`;
  }
  if (status.signal || isCrash(status, tail)) {
    const crashed =
      `${what} It crashed: a fault in Deno, in a graphics driver or in native code, or ` +
      "memory that could not be had.";
    if (again === true) return crashed;
    return `${crashed} The next run tries again, from its last checkpoint if it saved one.`;
  }
  return `${what} Something in it called Deno.exit(); a stage ends by returning, or by throwing an ` +
    `error that says what is wrong.`;
}

/** How often the kernel ended a process for want of memory, where it tells. */
export function kernelKills(): number | undefined {
  try {
    const count = /^oom_kill (\d+)$/m.exec(Deno.readTextFileSync("/proc/vmstat"))?.[1];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}
