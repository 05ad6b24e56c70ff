/**
 * The outputs of a result as tables show them.
 *
 * @module
 */
import type { OutputSummary } from "../types.ts";
import type { ActionRecord } from "./record.ts";

/** One a row, in the record's order; none where there is no result. */
export function outputSummaries(record: ActionRecord | undefined): OutputSummary[] {
  return Object.entries(record?.outputs ?? {}).map(([name, { type, digest, bytes }]) => ({
    name,
    type,
    digest,
    bytes,
  }));
}
