/**
 * The WebGPU adapter of this machine, asked for in a child process: a crash there is a sentence here.
 *
 * @module
 */
import type { ProbeResult } from "./adapter_probe.ts";
import { cardMemory } from "./card_memory.ts";
import { driverVersion } from "./driver_version.ts";

/** An adapter, and its driver where the system tells. */
export type AdapterReport =
  | { readonly found: false; readonly reason: string }
  | (Extract<ProbeResult, { readonly found: true }> & {
    readonly driver?: string;
    /** MiB of its own memory, where the system tells. */
    readonly memoryMiB?: number;
  });

/** Seconds that the first adapter request of a slow driver may take. */
const PATIENCE = 30;

/** Vulkan looks into this folder and complains on standard error when it is not named. */
export function runtimeFolder(): string {
  return Deno.env.get("XDG_RUNTIME_DIR") ?? "/tmp";
}

/** The last line of what a child wrote that says something: no stack frame, no known noise. */
function lastLine(text: string): string | undefined {
  return text.split("\n").filter((line) => /^\S/.test(line) && !line.includes("XDG_RUNTIME_DIR"))
    .at(-1);
}

/**
 * Asks for the adapter that stages would get.
 *
 * @param probe The program to run; another one in tests.
 * @returns The adapter, or why there is none. Never throws.
 */
export async function adapterReport(
  probe: string = new URL("./adapter_probe.ts", import.meta.url).href,
): Promise<AdapterReport> {
  const none = (reason: string): AdapterReport => ({ found: false, reason });
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--no-lock", probe],
      env: { XDG_RUNTIME_DIR: runtimeFolder(), NO_COLOR: "1", RUST_BACKTRACE: "0" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(PATIENCE * 1000),
    }).output();
  } catch (error) {
    return none(`asking for an adapter failed: ${error instanceof Error ? error.message : error}`);
  }
  const said = lastLine(new TextDecoder().decode(output.stderr));
  if (output.signal === "SIGTERM") return none(`the driver gave no answer in ${PATIENCE} s`);
  if (!output.success) {
    const how = output.signal === null ? `status ${output.code}` : `signal ${output.signal}`;
    return none(
      `asking for an adapter ended the process (${how}${said === undefined ? "" : `: ${said}`})`,
    );
  }
  let result: ProbeResult;
  try {
    result = JSON.parse(new TextDecoder().decode(output.stdout)) as ProbeResult;
  } catch {
    return none(`the adapter request printed something unexpected${said ? `: ${said}` : ""}`);
  }
  if (!result.found) return result;
  const driver = driverVersion(result.vendor, result.description);
  const memoryMiB = result.software ? undefined : await cardMemory(result.description);
  return {
    ...result,
    ...(driver === undefined ? {} : { driver }),
    ...(memoryMiB === undefined ? {} : { memoryMiB }),
  };
}
