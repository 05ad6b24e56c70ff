/**
 * A catalogue of toy stages, and what tests need to plan and run them: the runner's tests use no stage
 * of the project.
 *
 * @module
 */
import { z } from "zod";
import type { RunEvent, RunSummary } from "../../pipeline/types.ts";
import type { StageDefinition } from "../../pipeline/stage.ts";
import type { Experiment, InputBinding } from "../../pipeline/types.ts";
import { openStore, type Store } from "../../pipeline/store/store.ts";
import { run, type RunOptions } from "../../pipeline/run.ts";

const number = { number: { type: "number", summary: "A number" } };
const resources = { cores: 1, memoryMiB: 100 };

/** The toy stages, with their entries in a folder (default: the one beside this file). */
export function toyStages(folder: string = new URL("./toy", import.meta.url).pathname) {
  const entry = (file: string) => `file://${folder}/${file}`;
  const stages = {
    number: {
      name: "number",
      summary: "Writes a number",
      params: z.strictObject({ value: z.number().default(1) }),
      inputs: {},
      outputs: number,
      entry: entry("number.ts"),
      resources,
      facts: ({ value }) => ({ number: { value: Number(value) } }),
    },
    total: {
      name: "total",
      summary: "Adds numbers",
      params: z.strictObject({ modulo: z.number().default(1000), limit: z.number().default(1e9) }),
      inputs: { "*": { type: "number", summary: "Numbers" } },
      outputs: number,
      entry: entry("total.ts"),
      resources,
      check: ({ limit }, inputs) =>
        Object.entries(inputs).flatMap(([name, facts]) =>
          Number(facts?.["value"] ?? 0) > Number(limit)
            ? [{ path: ["limit"], message: `${name} is over the limit ${limit}` }]
            : []
        ),
    },
    lines: {
      name: "lines",
      summary: "Counts lines",
      params: z.strictObject({}),
      inputs: { files: { type: "text", summary: "Files", external: true } },
      outputs: number,
      entry: entry("lines.ts"),
      resources,
    },
    count: {
      name: "count",
      summary: "Counts in steps",
      params: z.strictObject({
        steps: z.number().default(10),
        every: z.number().default(3),
        stepMs: z.number().default(0),
      }),
      inputs: { start: { type: "number", summary: "Ignored", optional: true } },
      outputs: number,
      entry: entry("count.ts"),
      resources,
    },
    fault: {
      name: "fault",
      summary: "Goes wrong",
      params: z.strictObject({ how: z.string().default("throw"), path: z.string().default("") }),
      inputs: { start: { type: "number", summary: "Ignored", optional: true } },
      outputs: number,
      entry: entry("fault.ts"),
      resources,
    },
    random: {
      name: "random",
      summary: "Breaks the rules",
      params: z.strictObject({}),
      inputs: {},
      outputs: number,
      entry: entry("random.ts"),
      resources,
    },
    gpu: {
      name: "gpu",
      summary: "Computes on a device",
      params: z.strictObject({ salt: z.number().default(0), ms: z.number().default(0) }),
      inputs: {},
      outputs: number,
      entry: { cpu: entry("gpu.ts"), webgpu: entry("gpu.ts") },
      resources,
    },
  } satisfies Record<string, StageDefinition>;
  return stages as Record<keyof typeof stages, StageDefinition>;
}

/** A stage of a toy experiment. */
export interface ToyStage {
  readonly uses: string;
  readonly params?: Record<string, unknown>;
  /** `stage.output`, or an absolute path. */
  readonly inputs?: Record<string, string>;
}

/** An experiment of toy stages; positions name the path. */
export function toyExperiment(
  stages: Readonly<Record<string, ToyStage>>,
  catalogue: Readonly<Record<string, StageDefinition>> = toyStages(),
  name = "toy",
): Experiment {
  return {
    name,
    file: "toy.yaml",
    seed: 0,
    stages: Object.entries(stages).map(([id, { uses, params = {}, inputs = {} }]) => ({
      id,
      definition: catalogue[uses]!,
      params: catalogue[uses]!.params.parse(params),
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([input, from]) => [input, bindingOf(from)]),
      ),
    })),
    expect: [],
    locate: (path) => ({ file: `toy.yaml#${path.join(".")}`, line: 1, column: 1 }),
  };
}

function bindingOf(from: string): InputBinding {
  if (from.startsWith("/")) return { kind: "external", path: from };
  const [stage, output] = from.split(".");
  return { kind: "output", stage: stage!, output: output! };
}

/** Calls back with a new folder that goes afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "skelrun-test-" });
  try {
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Calls back with a new store and a folder for other files. */
export function withStore<T>(use: (store: Store, folder: string) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => await use(await openStore(`${folder}/store`), folder));
}

/** Runs an experiment and gives its summary, its events, and each stage's row by id. */
export async function runToy(experiment: Experiment, options: RunOptions) {
  const events: RunEvent[] = [];
  const summary: RunSummary = await run(experiment, options, (event) => events.push(event));
  const stage = (id: string) => summary.stages.find((row) => row.id === id)!;
  return {
    summary,
    events,
    stage,
    statuses: Object.fromEntries(summary.stages.map(({ id, status }) => [id, status])),
    reasons: Object.fromEntries(
      events.flatMap((event) => event.type === "stage-start" ? [[event.id, event.reason]] : []),
    ),
  };
}

/** The digest of a stage's only output. */
export function digestOf(row: { outputs: readonly { digest: string }[] }): string {
  return row.outputs[0]!.digest;
}

/** The process id that a spinning fault stage wrote into its output, once it has. */
export function spinningPid(scratch: string): number | undefined {
  try {
    return Number(Deno.readTextFileSync(`${scratch}/attempt-1/out/number/pid.txt`));
  } catch {
    return undefined;
  }
}
