/**
 * Whether what a file holds is the record of an action: a file may be whole JSON and yet be none, after
 * a disk's fault or an edit by hand.
 *
 * @module
 */
import type { ActionRecord } from "./record.ts";

/** The parts of a record that whoever reads one goes on into. */
const PARTS = ["manifest", "outputs", "metrics", "facts", "provenance"] as const;

/**
 * What keeps a value from being the record of an action, or undefined if it is one.
 *
 * @param value What the file's JSON says.
 * @param key The key that the file is named after.
 */
export function recordFault(value: unknown, key: string): string | undefined {
  if (!isMap(value)) return "it is no record of an action";
  const record = value as unknown as ActionRecord;
  const { inputs } = isMap(record.manifest) ? record.manifest : {};
  const whole = PARTS.every((part) => isMap(record[part])) && isMap(inputs) &&
    Object.values(record.outputs).every((output) =>
      isMap(output) && typeof output.digest === "string"
    );
  if (!whole) return "it is no record of an action";
  return record.key === key ? undefined : `it is the record of another key, ${record.key}`;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
