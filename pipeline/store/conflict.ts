/**
 * Two results of one action with different bytes.
 *
 * @module
 */
import { fingerprint } from "../fingerprint.ts";
import type { ActionRecord } from "./record.ts";

/** A second result that is not the first. */
export interface OtherBytes {
  /** Names the second result. */
  readonly digest: string;
  /** What to say, with the paths of the two records. */
  readonly message: (first: string, second: string) => string;
}

/** Holds a second result of an action against the first; undefined where their bytes are the same. */
export function otherBytes(first: ActionRecord, second: ActionRecord): OtherBytes | undefined {
  const digest = digestOfAll(second);
  if (digestOfAll(first) === digest) return undefined;
  const names = differing(first, second).join(", ");
  return {
    digest,
    message: (path, other) =>
      first.accepted
        ? refuted(first, names)
        : `The same action gave different bytes: ${names}. Both results are kept: ${path} and ${other}.`,
  };
}

function digestOfAll(record: ActionRecord): string {
  return fingerprint(
    Object.fromEntries(Object.entries(record.outputs).map(([name, o]) => [name, o.digest])),
  );
}

function differing(a: ActionRecord, b: ActionRecord): string[] {
  return Object.keys(b.outputs)
    .filter((name) => a.outputs[name]?.digest !== b.outputs[name]!.digest)
    .map((name) =>
      `${name} ${a.outputs[name]?.digest.slice(0, 12)} / ${b.outputs[name]!.digest.slice(0, 12)}`
    );
}

/** What to say when an action whose result was accepted is computed after all, and differs. */
function refuted({ key, accepted }: ActionRecord, names: string): string {
  const { from, who, why } = accepted!;
  return `Computed, it gives other bytes than the result of ${
    from.slice(0, 12)
  } that ${who} accepted ` +
    `for it ("${why}"): ${names}. Take that back, and run again: ` +
    `deno task accept --revoke ${key.slice(0, 12)}`;
}
