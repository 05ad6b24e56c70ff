/**
 * Tells when a run is not learning: L_z that stays at chance after the queue has filled.
 *
 * @module
 */
import { counted } from "../formats/counted.ts";
import type { LogRow } from "./log_row.ts";

/** How near chance counts as "at chance", method section 11b. */
const NEAR = 0.02;

/** Whether a row's L_z lies within 2 % of its chance level, or above it, the queue being full. */
export function atChance(row: LogRow, queue: number, batch: number): boolean {
  return row.step * batch >= queue && row.loss_z >= (1 - NEAR) * row.chance_z;
}

/**
 * What to say after a row was added: a warning at the 1st, 2nd, 4th, 8th ... row that is at chance,
 * so that a long idle run is heard without drowning its log, also when single rows dip below.
 *
 * @param rows The log so far; the answer depends on nothing else, hence survives a resume.
 */
export function chanceMessage(
  rows: readonly LogRow[],
  queue: number,
  batch: number,
): string | undefined {
  const last = rows.at(-1);
  if (last === undefined || !atChance(last, queue, batch)) return undefined;
  const idle = rows.filter((row) => atChance(row, queue, batch)).length;
  if ((idle & (idle - 1)) !== 0) return undefined;
  const where = last.loss_z > last.chance_z ? "above chance" : "less than 2 % below chance";
  return `L_z is ${figure(last)} at step ${last.step}, ${where} although the queue is full: ` +
    `nothing is being learnt yet (${counted(idle, "log row")} so far)`;
}

function figure(row: LogRow): string {
  return `${row.loss_z.toFixed(4)} (chance ${row.chance_z.toFixed(4)})`;
}
