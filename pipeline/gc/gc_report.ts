/**
 * What a collection came to, or would come to, as text and as JSON.
 *
 * @module
 */
import { bytes, duration } from "../screen/duration.ts";
import type { GcSummary } from "./gc.ts";
import type { UnreadableExperiment } from "./gc_experiments.ts";
import { REASONS } from "./gc_plan.ts";
import { plainTable } from "../screen/plain_table.ts";
import type { Store } from "../store/store.ts";

/** The report for people. */
export function gcText(store: Store, summary: GcSummary): string {
  const { deleted, kept, going, unreadable, damagedRuns, failed, intermediateSeconds } = summary;
  const parts: string[] = [];
  if (unreadable.length > 0) parts.push(unreadableText(unreadable));
  if (damagedRuns.length > 0) {
    parts.push(
      `runs that cannot be read, and are kept for nothing\n` +
        damagedRuns.map((path) => `  ${path}\n`).join(""),
    );
  }
  const having = kept.filter(({ results }) => results > 0);
  if (having.length > 0) {
    const rows = having.map(({ root, results, bytes: n }) => [
      root,
      String(results),
      n === 0 ? "(counted above)" : bytes(n),
    ]);
    const rest = kept.length - having.length;
    const none = rest === 0 ? "" : `and ${rest} more that have no results\n`;
    parts.push(`${plainTable([["kept for", "results", "bytes"], ...rows])}\n${none}`);
  }
  if (going.length > 0) {
    const rows = going.map(({ reason, count, bytes: n, what }) => [
      REASONS[reason],
      String(count),
      bytes(n),
      what,
    ]);
    const head = [deleted ? "removed" : "would go", "count", "bytes", "most of it"];
    parts.push(`${plainTable([head, ...rows])}\n`);
  }
  const total = bytes(freed(summary));
  parts.push(
    going.length === 0
      ? `${store.root}: nothing to remove\n`
      : deleted
      ? `${store.root}: ${total} freed\n`
      : `${store.root}: ${total} would be freed; to do it, add --delete\n`,
  );
  if (intermediateSeconds > 0) {
    parts.push(
      `the intermediates took ${
        duration(intermediateSeconds)
      } to compute; what needs them has them ` +
        `computed again\n`,
    );
  }
  if (failed.length > 0) {
    parts.push(`could not be removed\n${failed.map((line) => `  ${line}\n`).join("")}`);
  }
  return parts.join("\n");
}

/** The report for programs. */
export function gcJson(store: Store, summary: GcSummary): string {
  const { removals, ...rest } = summary;
  const body = {
    store: store.root,
    ...rest,
    freed: freed(summary),
    removed: removals.map(({ reason, path }) => ({ reason, path })),
  };
  return `${JSON.stringify(body, undefined, 2)}\n`;
}

/** Bytes that are freed altogether. */
function freed({ going }: GcSummary): number {
  return going.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** What cannot be planned, by what is wrong with it. */
function unreadableText(unreadable: readonly UnreadableExperiment[]): string {
  const places = new Map<string, string[]>();
  for (const { place, reason } of unreadable) {
    const line = oneLine(reason);
    places.set(line, [...places.get(line) ?? [], place]);
  }
  const nameless = unreadable.some(({ name }) => name === undefined);
  const head = nameless
    ? "cannot be read; with --delete nothing is removed while that is so"
    : "cannot be planned as they stand; all that they computed is kept";
  return `${head}\n${
    [...places].map(([reason, names]) =>
      `  ${reason}\n${names.map((name) => `    ${name}\n`).join("")}`
    ).join("")
  }`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ");
}
