/**
 * Runs a stage's entry in this process, with folders of its own.
 *
 * @module
 */
import type { Facts, StageContext, StageMain } from "../../../pipeline/stage.ts";

/** What a stage said while it ran. */
export interface StageRun {
  readonly metrics: Readonly<Record<string, number>>;
  readonly facts: Readonly<Record<string, Facts>>;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly progress: readonly (readonly [number, number])[];
}

/**
 * Runs a stage.
 *
 * @param inputs Paths by name.
 * @param outputs Existing, empty folders by name.
 */
export async function runStage(
  main: StageMain,
  params: unknown,
  inputs: Readonly<Record<string, string>>,
  outputs: Readonly<Record<string, string>>,
  strict = false,
): Promise<StageRun> {
  const run = {
    metrics: {} as Record<string, number>,
    facts: {} as Record<string, Facts>,
    warnings: [] as string[],
    infos: [] as string[],
    progress: [] as [number, number][],
  };
  const ctx: StageContext = {
    params,
    allowSoftware: false,
    strict,
    inputNames: Object.keys(inputs).sort(),
    input: (name) => inputs[name] ?? fail(`no input ${name}`),
    output: (name) => outputs[name] ?? fail(`no output ${name}`),
    log: (level, message) => {
      (level === "warn" ? run.warnings : run.infos).push(message);
    },
    progress: (done, total) => {
      run.progress.push([done, total]);
    },
    metric: (name, value) => {
      run.metrics[name] = value;
    },
    facts: (output, facts) => {
      run.facts[output] = facts;
    },
    checkpoint: () => fail("no checkpoint was expected"),
    resume: () => undefined,
    stopping: false,
    breathe: () => Promise.resolve(),
    stopped: () => fail("no stop was asked for"),
  };
  await main(ctx);
  return run;
}

function fail(message: string): never {
  throw new Error(message);
}

/** A folder that is removed at the end of an `await using` block. */
export async function temporaryFolder(): Promise<
  { readonly path: string; [Symbol.asyncDispose](): Promise<void> }
> {
  const path = await Deno.makeTempDir({ prefix: "skelrun_test_" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** All files below a folder with the hex SHA-256 of their bytes, sorted by name. */
export async function digests(folder: string, inside = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(`${folder}/${inside}`)) {
    const at = inside === "" ? entry.name : `${inside}/${entry.name}`;
    if (entry.isDirectory) {
      found.push(...await digests(folder, at));
    } else {
      const bytes = await Deno.readFile(`${folder}/${at}`);
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      found.push(`${at} ${hash.toHex()}`);
    }
  }
  return found.sort();
}
