/**
 * Programs and libraries outside the project that parts of it can use: asked for by running them,
 * each with a time limit, so that a broken one is a sentence and not a hang.
 *
 * @module
 */

/** A tool that was looked for. */
export interface Tool {
  readonly found: boolean;
  /** Its version, or why it does not work. */
  readonly detail: string;
}

/** Seconds that a tool may take to say its version; importing PyTorch can take several. */
const PATIENCE = 30;

/**
 * Runs a program and takes the first line it prints.
 *
 * @param program Its name or path.
 * @param args Its arguments.
 * @returns Found only if it ended well.
 */
export async function ask(program: string, args: readonly string[]): Promise<Tool> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(PATIENCE * 1000),
    }).output();
    const lines = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim().split("\n");
    if (success) return { found: true, detail: lines(stdout)[0] ?? "" };
    return { found: false, detail: lines(stderr).at(-1) || "it ended with an error" };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { found: false, detail: "not installed" };
    return { found: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

/** The first of several programs that works. */
async function askFirst(
  programs: readonly (readonly [string, readonly string[]])[],
): Promise<Tool> {
  let last: Tool = { found: false, detail: "not installed" };
  for (const [program, args] of programs) {
    last = await ask(program, args);
    if (last.found) return last;
  }
  return last;
}

/** Whether esbuild, which reads the stages' code for their keys, runs here. */
export async function askEsbuild(): Promise<Tool> {
  try {
    const esbuild: typeof import("esbuild") & { bundled?: string } = await import("esbuild");
    if (esbuild.bundled !== undefined) return { found: true, detail: esbuild.bundled };
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error("it gave no answer")), PATIENCE * 1000);
    try {
      await Promise.race([esbuild.transform("let a: number = 1", { loader: "ts" }), late.promise]);
      return { found: true, detail: esbuild.version };
    } finally {
      clearTimeout(timer);
      await esbuild.stop();
    }
  } catch (error) {
    return { found: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

/** Chromium, for tests of pages. */
export function askChromium(): Promise<Tool> {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  return askFirst(names.map((name) => [name, ["--version"]] as const));
}

/** Slurm's `sbatch`. */
export function askSlurm(): Promise<Tool> {
  return ask("sbatch", ["--version"]);
}

/** PyTorch, the peer of the training benchmark; Debian's Python has it where another has not. */
export function askTorch(): Promise<Tool> {
  const code = "import torch; print('PyTorch', torch.__version__)";
  return askFirst([["python3", ["-c", code]], ["/usr/bin/python3", ["-c", code]]]);
}
