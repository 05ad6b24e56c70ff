/**
 * The `train` suite on `webgpu`: whole pre-training steps, beside the library's kernels, and beside PyTorch where
 * it can use the same card.
 *
 * @module
 */
import type { BenchOptions, BenchResult, Measurement } from "../../../pipeline/bench/suite.ts";
import { gpuBackend } from "../../tensor/webgpu/gpu_backend.ts";
import { findPeer } from "../peer.ts";
import { queueOf } from "../queue_size.ts";
import type { TrainingSize } from "../training.ts";
import { type Ceilings, measureCeilings } from "./ceilings.ts";
import { gigabytes, speed } from "./figures.ts";
import { measureGpuSteps, type StepGoals } from "./gpu_steps.ts";

/** A size, its goals, and on which adapters they are goals. */
interface Row {
  readonly width: number;
  readonly hidden: number;
  readonly batch: number;
  readonly software: boolean;
  readonly goals: StepGoals;
}

/** What `--table` measures. */
export const GPU_ROWS: readonly Row[] = [
  { width: 16, hidden: 64, batch: 8, software: true, goals: { stock: 4 } },
  { width: 64, hidden: 256, batch: 128, software: false, goals: { torch: 1 } },
  { width: 16, hidden: 64, batch: 128, software: false, goals: { torch: 1.5 } },
  { width: 16, hidden: 64, batch: 8, software: false, goals: {} },
];

/** The goals of a size. */
export function goalsOf(size: TrainingSize, software: boolean): StepGoals {
  const { width, hidden, batch, bodies, frames } = size;
  if (bodies !== 2 || frames !== 64) return {};
  return GPU_ROWS.find((row) =>
    row.width === width && row.hidden === hidden && row.batch === batch &&
    row.software === software
  )?.goals ?? {};
}

/** The sizes that `--table` measures on an adapter. */
export function tableSizes(software: boolean): Pick<TrainingSize, "width" | "hidden" | "batch">[] {
  return GPU_ROWS.filter((row) => row.software === software);
}

/** Why there is no PyTorch beside a step. */
export const NO_CUDA = "no PyTorch that can use a card through CUDA: not measured beside it";

/** What to measure. */
export interface TrainWebgpuOptions extends Pick<BenchOptions, "runs"> {
  readonly sizes: readonly Omit<TrainingSize, "queue">[];
  readonly software: boolean;
  /** Whether the library's kernels take their turns; a large batch may not fit a card with them. */
  readonly stock: (size: Pick<TrainingSize, "batch">) => boolean;
  /** Measured before, where they were. */
  readonly ceilings?: Ceilings;
  say(line: string): void;
}

/** The largest batch that the library's kernels are given unasked. */
const STOCK_BATCH = 8;

/** Whether a batch is small enough for the library's kernels. */
export function fitsStock({ batch }: Pick<TrainingSize, "batch">): boolean {
  return batch <= STOCK_BATCH;
}

/** Ceilings at which a software adapter is not busy for long. */
export const IN_SOFTWARE = { rounds: 3, numbers: 1 << 22, workgroups: 16 } as const;

/** Measures all sizes on the backend in use. */
export async function trainOnWebgpu(options: TrainWebgpuOptions): Promise<BenchResult> {
  const { sizes, software, stock, runs, say } = options;
  const interpreter = software ? undefined : await findPeer("cuda");
  const ceilings = options.ceilings ??
    await measureCeilings(gpuBackend(), software ? IN_SOFTWARE : {});
  const measurements: Measurement[] = [];
  const notes: string[] = [ceilingsNote(ceilings)];
  for (const each of sizes) {
    const size = { ...each, queue: queueOf(each.batch) };
    const found = await measureGpuSteps({
      size,
      runs,
      software,
      stock: stock(size),
      interpreter,
      goals: goalsOf(size, software),
      ceilings,
      say,
    });
    measurements.push(...found.measurements);
    notes.push(...found.notes);
  }
  if (interpreter === undefined) notes.push(NO_CUDA);
  return { measurements, notes };
}

/** Ceilings in words. */
export function ceilingsNote({ flops, bandwidth }: Ceilings): string {
  return `measured here: ${speed(flops)} of float32 multiply-adds from ` +
    `registers, ${gigabytes(bandwidth)} a second of a copy (read and written)`;
}
