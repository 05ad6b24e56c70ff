/** Calls a verb as the command line would, for tests. */
import type { Call, Verb } from "../../../pipeline/verb.ts";
import { CapturedTerminal } from "../cli/captured_terminal.ts";

/**
 * Runs a verb, and returns its exit status and what it said.
 *
 * @param args Arguments by name.
 * @param values Options with a value by name.
 * @param flags Options without one.
 * @param more Whatever else the verb asks of its call.
 */
export async function callVerb(
  verb: Verb,
  args: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
  more: Partial<Call> = {},
) {
  const terminal = new CapturedTerminal();
  const given: Pick<Call, "args" | "flag" | "value" | "list" | "rest" | "terminal"> = {
    ...more,
    args,
    flag: (name) => flags.includes(name),
    value: (name) => values[name],
    list: () => [],
    rest: [],
    terminal,
  };
  const status = await verb.run(given as Call);
  return { status, out: terminal.stdout, err: terminal.stderr };
}
