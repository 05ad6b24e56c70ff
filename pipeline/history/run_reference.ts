/**
 * How a user names a run: by its id, its number, or as `latest` and `latest~N`.
 *
 * @module
 */
import { listRuns, type OnDamage } from "./last_run.ts";
import { readRun, type RunRecord } from "./run_record.ts";
import type { Store } from "../store/store.ts";
import { UsageError } from "../usage_error.ts";

/** A run that was named. */
export interface NamedRun extends RunRecord {
  /** Its place among all runs of the store, the first of which is 1. */
  readonly number: number;
}

/**
 * Finds the run that a user names.
 *
 * @param text An id or its beginning (with a letter in it), a number from `log`, `latest`, `latest~N`.
 * @param concerns Which runs `latest` counts (default: all).
 * @param onDamage Told the files that were passed over.
 * @throws {UsageError} If there is none, or several of that beginning.
 */
export function runNamed(
  store: Store,
  text: string,
  concerns: (experiment: string, file: string) => boolean = () => true,
  onDamage: OnDamage = () => {},
): NamedRun {
  const back = /^latest(?:~(\d+))?$/.exec(text);
  const number = /^\d{1,7}$/.test(text) ? Number(text) : undefined;
  const found = [];
  let counted = 0;
  let last: number | undefined;
  for (const run of listRuns(store, onDamage)) {
    last ??= run.number;
    if (back) {
      if (!concerns(run.experiment, run.file) || counted++ < Number(back[1] ?? 0)) continue;
      found.push(run);
      break;
    }
    if (number === undefined ? run.id.startsWith(text) : run.number === number) found.push(run);
    if (run.id === text) {
      found.splice(0, found.length, run);
      break;
    }
  }
  const [head, other] = found;
  if (!head) {
    throw new UsageError(
      last === undefined
        ? `nothing was run yet with the store ${store.root}; begin with: deno task run FILE`
        : `there is no run ${
          JSON.stringify(text)
        }; name it by its id or its number (1 to ${last}; ` +
          `deno task log shows both), or as latest or latest~1`,
    );
  }
  if (other) {
    const ids = found.map(({ id }) => id).join(", ");
    throw new UsageError(`${JSON.stringify(text)} begins several runs: ${ids}`);
  }
  const run = readRun(store, head.path);
  if (!run) {
    throw new UsageError(
      `the run record ${head.path} is damaged: which stages it had is not known`,
    );
  }
  return { ...run, number: head.number };
}
