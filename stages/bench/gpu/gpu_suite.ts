/**
 * The `gpu` suite: what anyone with a card can measure with one command, in under ten minutes, and hand on as
 * one page. A part that cannot be measured is a sentence on that page, and the others go on.
 *
 * @module
 */
import type {
  BenchOptions,
  BenchResult,
  BenchRun,
  Measurement,
} from "../../../pipeline/bench/suite.ts";
import { adapterReport } from "../../tensor/adapter_report.ts";
import { startBackend } from "../../tensor/backend.ts";
import { resolveDevice } from "../../tensor/device_class.ts";
import { freeMemory } from "../../tensor/free_memory.ts";
import { queueOf } from "../queue_size.ts";
import type { TrainingSize } from "../training.ts";
import { aboutMachine } from "./about_machine.ts";
import { correctness } from "./correctness.ts";
import { type GpuBench, GpuParts } from "./gpu_parts.ts";
import { MarkdownReport } from "./markdown.ts";
import { tableSizes } from "./train_webgpu.ts";

/** Seconds after which nothing long is begun any more. */
const ENOUGH = 8.5 * 60;

/** Rounds of everything in software, where a round takes long, at most. */
const ROUNDS_IN_SOFTWARE = 2;

/** See the module. */
export const measureGpu: BenchRun = async (options): Promise<BenchResult> => {
  const { terminal, files } = options;
  if (files.out !== undefined) await assertWritable(files.out);
  const device = await resolveDevice({
    backend: options.backend === "auto" ? "webgpu" : options.backend,
    allowSoftware: options.allowSoftware,
  });
  if (device.backend !== "webgpu") {
    throw usage(`--backend: expected webgpu, found ${device.backend}: bench gpu measures a GPU`);
  }
  const adapter = await adapterReport();
  const started = await startBackend("webgpu", { allowSoftware: options.allowSoftware });
  const { software } = started;
  const say = (line: string) => terminal.err(`${line}\n`);
  say(`device: ${started.device} (${device.why})`);
  const begun = performance.now();
  const bench: GpuBench = {
    software,
    sizes: sizesOf(options, software),
    runs: software ? Math.min(ROUNDS_IN_SOFTWARE, options.runs) : options.runs,
    stock: options.flags["skip-stock"] !== true,
    say,
  };
  const report = new MarkdownReport(`skelrun on ${started.device}`);
  const parts = new GpuParts(bench, report);
  const measurements: Measurement[] = [];
  const failures: string[] = [];
  const part = async (title: string, run: () => Promise<readonly Measurement[] | void>) => {
    report.section(title);
    if ((performance.now() - begun) / 1000 > ENOUGH) {
      report.say("Not measured: the ten minutes that this may take are over.");
      return;
    }
    say(`${title} ...`);
    try {
      measurements.push(...await run() ?? []);
    } catch (error) {
      const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
      report.say(`Not measured: ${reason}`);
      failures.push(`${title}: not measured: ${reason}`);
      say(failures.at(-1)!);
    } finally {
      freeMemory();
    }
  };
  await part("The machine", () => Promise.resolve(aboutMachine(report, adapter, started)));
  await part(
    "Correctness",
    () =>
      correctness(report, {
        parity: options.flags["skip-parity"] !== true,
        width: Math.max(...bench.sizes.map(({ width }) => width)),
        software,
        adapter,
        say,
      }),
  );
  await part("Ceilings", () => parts.ceilings());
  await part("Products by tile", () => parts.products());
  await part("Tiles chosen", () => parts.tiles());
  await part("A pre-training step", () => parts.steps());
  await part("Where a step's time goes", () => parts.times());
  await part("Calls and bytes of a step, before and after fusion", () => parts.counts());
  const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
  report.say(
    `All of this took ${minutes} minutes; load at the end ${Deno.loadavg()[0]!.toFixed(1)}.`,
  );
  if (files.out !== undefined) {
    await Deno.writeTextFile(files.out, report.text);
    say(`wrote ${files.out}`);
  }
  return { measurements, notes: failures, report: report.text };
};

/** The models that are measured: the one that was asked for, or those of the table. */
function sizesOf(
  { numbers }: Pick<BenchOptions, "numbers">,
  software: boolean,
): readonly TrainingSize[] {
  const { width = 0, batch = 0, frames = 64 } = numbers;
  const most = software ? 8 : 128;
  const sizes = width === 0
    ? tableSizes(software).map((size) => batch === 0 ? size : { ...size, batch })
    : [{ width, hidden: 4 * width, batch: batch === 0 ? most : batch }];
  if (frames % 4 !== 0) throw usage(`--frames: expected a multiple of 4, found ${frames}`);
  const few = sizes.find(({ batch }) => batch < 3);
  if (few !== undefined) throw usage(`--batch: expected at least 3, found ${few.batch}`);
  return sizes.map(({ width, hidden, batch }) => ({
    width,
    hidden,
    batch,
    bodies: 2,
    frames,
    queue: queueOf(batch),
  }));
}

/** Nobody should wait ten minutes to learn that the file cannot be written. */
async function assertWritable(path: string): Promise<void> {
  try {
    (await Deno.open(path, { create: true, write: true })).close();
  } catch (error) {
    throw usage(`--out: ${path} cannot be written: ${(error as Error).message}`);
  }
}

function usage(message: string): Error {
  return Object.assign(new Error(message), { name: "UsageError", forUser: true, exitStatus: 2 });
}
