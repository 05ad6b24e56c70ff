/**
 * Time that processors have spent on this process, on all its threads: a software adapter computes there, and a
 * machine with other work to do makes steps take longer, but not more of that.
 *
 * @module
 */
import { cpuUsage } from "node:process";

/** Seconds since the process began. */
export function processorSeconds(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
}
