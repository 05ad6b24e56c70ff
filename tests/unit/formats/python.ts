/**
 * A Python with numpy or torch, where the machine has one: the readers that artifacts are written
 * for. Tests that want it are skipped, by name and with the reason, where it is missing.
 *
 * @module
 */

const found = new Map<string, string | undefined>();

/** The Python that can import some modules, or `undefined`. */
async function findPython(modules: string): Promise<string | undefined> {
  if (found.has(modules)) return found.get(modules);
  for (const python of ["python3", "/usr/bin/python3"]) {
    try {
      const { success } = await new Deno.Command(python, {
        args: ["-c", `import ${modules}`],
        stdout: "null",
        stderr: "null",
      }).output();
      if (success) {
        found.set(modules, python);
        return python;
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  found.set(modules, undefined);
  return undefined;
}

/** The Debian package that brings the last of some modules, and with it those it depends on. */
function packageOf(modules: string): string {
  const last = modules.split(",").at(-1)!.trim();
  return ["numpy", "torch"].includes(last) ? `python3-${last}` : "python3";
}

/** Runs a Python script and returns what it prints, as JSON. */
export type RunPython = (script: string, ...args: string[]) => Promise<unknown>;

/**
 * A test that runs Python.
 *
 * @param modules What it imports, such as `numpy, torch`.
 */
export async function pythonTest(
  modules: string,
  name: string,
  test: (run: RunPython) => Promise<void>,
): Promise<void> {
  const python = await findPython(modules);
  if (python === undefined) {
    Deno.test.ignore(`${name} [needs ${packageOf(modules)}]`, () => {});
    return;
  }
  Deno.test(name, () =>
    test(async (script, ...args) => {
      const { success, stdout, stderr } = await new Deno.Command(python, {
        args: ["-c", script, ...args],
      }).output();
      const decoder = new TextDecoder();
      if (!success) throw new Error(`python: ${decoder.decode(stderr)}`);
      return JSON.parse(decoder.decode(stdout));
    }));
}
