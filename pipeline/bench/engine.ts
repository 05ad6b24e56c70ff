/**
 * A benchmark in a process whose V8 is started as it is for stages that compute with the kernels.
 *
 * @module
 */
import { engineFlags, MARK } from "../executors/engine_flags.ts";

/** The command line. */
const MAIN = import.meta.resolve("../../main.ts");

/**
 * Runs this program again with the flags for `simd`, with the same arguments and its own output.
 *
 * @returns Its exit status; undefined where V8 has been started so already, or needs no flags, or where the program is
 * another (a test).
 */
export async function againWithFlags(): Promise<number | undefined> {
  const flags = engineFlags("simd");
  if (flags.length === 0 || MARK in globalThis || Deno.mainModule !== MAIN) return undefined;
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-RWES", "--allow-run", "--no-prompt", `--v8-flags=${flags.join(",")}`],
      ...[Deno.mainModule, ...Deno.args],
    ],
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  return code;
}
