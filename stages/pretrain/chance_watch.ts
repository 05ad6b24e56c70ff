/**
 * Tells when a run is not learning: L_z that stays at chance after the queue has filled.
 *
 * @module
 */
import type { LogRow } from "./log_row.ts";

/** How near chance counts as "at chance", method section 11b. */
const NEAR = 0.02;

/** Whether a row's L_z lies within 2 % of its chance level, or above it, the queue being full. */
export function atChance(row: LogRow, queue: number, batch: number): boolean {
  return row.step * batch >= queue && row.loss_z >= (1 - NEAR) * row.chance_z;
}

/**
 * What to say after a row was added: a warning at the 1st, 2nd, 4th, 8th ... row in sequence that
 * is at chance, so that a long idle run is heard without drowning its log; a word when it is over.
 *
 * @param rows The log so far; the answer depends on nothing else, hence survives a resume.
 */
export function chanceMessage(
  rows: readonly LogRow[],
  queue: number,
  batch: number,
): { readonly level: "warn" | "info"; readonly message: string } | undefined {
  const last = rows.at(-1);
  if (last === undefined) return undefined;
  const before = idleRows(rows.slice(0, -1), queue, batch);
  if (!atChance(last, queue, batch)) {
    if (before === 0) return undefined;
    return { level: "info", message: `L_z is below chance: ${figure(last)} at step ${last.step}` };
  }
  const idle = before + 1;
  if ((idle & (idle - 1)) !== 0) return undefined;
  return {
    level: "warn",
    message:
      `L_z is ${figure(last)} at step ${last.step}, no more than 2 % below chance although ` +
      `the queue is full: nothing is being learnt yet (${idle} log ${idle === 1 ? "row" : "rows"})`,
  };
}

function idleRows(rows: readonly LogRow[], queue: number, batch: number): number {
  let count = 0;
  while (count < rows.length && atChance(rows[rows.length - 1 - count]!, queue, batch)) count++;
  return count;
}

function figure(row: LogRow): string {
  return `${row.loss_z.toFixed(4)} (chance ${row.chance_z.toFixed(4)})`;
}
