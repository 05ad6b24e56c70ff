/**
 * The parts of a GPU's report that measure.
 *
 * @module
 */
import type { Measurement } from "../../../pipeline/bench/suite.ts";
import { chooseTiles, tableOf } from "../../autotune/chosen_tiles.ts";
import { trialsFor } from "../../autotune/trials.ts";
import { median } from "../../statistics/median.ts";
import { hasCallTimes } from "../../tensor/webgpu/call_times.ts";
import { gpuBackend } from "../../tensor/webgpu/gpu_backend.ts";
import { tileName } from "../../tensor/webgpu/product.ts";
import { setTileTable, usualTiles } from "../../tensor/webgpu/tiles.ts";
import { type Operation, stepWork, type WorkByOperation } from "../arithmetic.ts";
import { labelOf } from "../rounds.ts";
import { Training, type TrainingSize } from "../training.ts";
import { type Ceilings, measureCeilings } from "./ceilings.ts";
import { duration, gigabytes, speed } from "./figures.ts";
import type { MarkdownReport } from "./markdown.ts";
import { sweepProducts, sweptShapes, sweptTiles } from "./product_sweep.ts";
import { type StepCounts, stepCounts } from "./step_counts.ts";
import { stepRows } from "./step_rows.ts";
import { type Share, stepTimes } from "./step_times.ts";
import { stockCounts } from "./stock_peer.ts";
import { fitsStock, IN_SOFTWARE, trainOnWebgpu } from "./train_webgpu.ts";

/** What is measured. */
export interface GpuBench {
  /** Whether the adapter computes in software. */
  readonly software: boolean;
  /** Models and batches. */
  readonly sizes: readonly TrainingSize[];
  readonly runs: number;
  /** Whether the library's kernels are measured too. */
  readonly stock: boolean;
  say(line: string): void;
}

/** Kernels that are shown, of a step. */
const MOST_KERNELS = 15;

/** Steps that are timed call by call. */
const TIMED_STEPS = 3;

/** How much faster a tile must be: see the `autotune` stage. */
const MARGIN = 0.05;
const MARGIN_IN_SOFTWARE = 0.25;

/** Clips of the step whose calls are counted: few, since nothing but bytes depends on them. */
const COUNTED_BATCH = 8;

/** Measures, and writes what it found; each part returns what may be compared by machine. */
export class GpuParts {
  readonly #bench: GpuBench;
  readonly #report: MarkdownReport;
  #ceilings: Ceilings | undefined;

  constructor(bench: GpuBench, report: MarkdownReport) {
    this.#bench = bench;
    this.#report = report;
  }

  /** What the device does at best. */
  async ceilings(): Promise<Measurement[]> {
    const { software } = this.#bench;
    this.#ceilings = await measureCeilings(gpuBackend(), software ? IN_SOFTWARE : {});
    const { flops, bandwidth } = this.#ceilings;
    this.#report.table([
      ["what", "a second"],
      ["float32 multiply-adds from registers", `${tera(flops)} TFLOP`],
      ["a copy, bytes read and written", gigabytes(bandwidth)],
    ]);
    return [
      measured("multiply-adds from registers", "TFLOP/s", flops / 1e12),
      measured("a copy", "GB/s", bandwidth / 1e9),
    ];
  }

  /** Plain products by every tile. */
  async products(): Promise<Measurement[]> {
    const { software, say } = this.#bench;
    const backend = gpuBackend();
    const found: Measurement[] = [];
    for (const shape of sweptShapes(software)) {
      const tiles = sweptTiles(shape, software, backend.device.limits);
      const name = `${shape.M} x ${shape.N} x ${shape.K}`;
      say(`product ${name}: ${tiles.length} tiles`);
      const speeds = await sweepProducts(backend, shape, tiles, software ? 1 : 3);
      this.#report.table([
        [`tile of a product ${name}`, "TFLOP/s", "of the peak"],
        ...speeds.map(({ tile, flops }) => [tileName(tile), tera(flops), this.#ofPeak(flops)]),
      ]);
      found.push(
        ...speeds.map(({ tile, flops }) =>
          measured(`product ${name} by ${tileName(tile)}`, "TFLOP/s", flops / 1e12)
        ),
      );
    }
    return found;
  }

  /** What the `autotune` stage would choose; in use for what follows. */
  async tiles(): Promise<void> {
    const { software } = this.#bench;
    const backend = gpuBackend();
    const trials = trialsFor({ software, limits: backend.device.limits });
    try {
      const margin = software ? MARGIN_IN_SOFTWARE : MARGIN;
      const choices = await chooseTiles(backend, trials, { rounds: software ? 3 : 5, margin });
      const usual = usualTiles();
      this.#report.table([
        ["class of shape", "usual tile", "chosen", "as fast"],
        ...choices.map(({ name, tile, measured }) => {
          const own = measured.find((one) => tileName(one.tile) === tileName(tile))!;
          const ratio = median(measured[0]!.seconds) / median(own.seconds);
          return [name, tileName(usual[name]!), tileName(tile), `${ratio.toFixed(2)} x`];
        }),
      ]);
      setTileTable(tableOf(choices));
    } finally {
      for (const trial of trials) trial.dispose();
    }
  }

  /** Whole steps: small batches beside the library's kernels, all beside PyTorch on a card. */
  async steps(): Promise<Measurement[]> {
    const { software, sizes, runs, stock, say } = this.#bench;
    const { measurements, notes } = await trainOnWebgpu({
      sizes,
      software,
      stock: (size) => stock && fitsStock(size),
      runs,
      ...(this.#ceilings === undefined ? {} : { ceilings: this.#ceilings }),
      say,
    });
    this.#report.table(stepRows(measurements));
    this.#report.list(notes);
    if (!software) return [...measurements];
    this.#report.say(
      "The adapter computes in software: rows of a real GPU (width 64 and 16, batch 128, beside " +
        "PyTorch on the same card) are not measured.",
    );
    return [...measurements];
  }

  /** A step's time by operation and by kernel. */
  async times(): Promise<void> {
    if (!hasCallTimes(gpuBackend())) {
      return this.#report.say("Not measured: the device has no timestamp-query.");
    }
    for (const size of this.#bench.sizes) {
      const training = new Training(size);
      try {
        await training.steps(2);
        const { seconds, purposes, kernels } = await stepTimes(training, TIMED_STEPS);
        this.#report.say(
          `${labelOf(size)}: ${duration(seconds)} in kernels, each timed on its own.`,
        );
        const work = stepWork({ config: training.config, data: size, batch: size.batch });
        const [head, ...rows] = shareRows("operation", purposes, seconds);
        this.#report.table([
          [...head!, "speed", "of the peak"],
          ...rows.map((row, i) => [...row, ...this.#speedOf(purposes[i]!, work)]),
        ]);
        this.#report.table(shareRows("kernel", kernels.slice(0, MOST_KERNELS), seconds));
      } finally {
        training.dispose();
      }
    }
  }

  /** What a step asks of the device, by the library's kernels and by ours. */
  async counts(): Promise<void> {
    const { sizes, stock, software } = this.#bench;
    const rows: string[][] = [COUNT_HEAD];
    const widths = new Map(sizes.map((size) => [size.width, size]));
    for (const given of widths.values()) {
      const batch = Math.min(given.batch, COUNTED_BATCH);
      const size = { ...given, batch, queue: batch * Math.ceil(32768 / batch) };
      if (stock) {
        rows.push(
          countRow(labelOf(size), "tfjs", await stockCounts({ size, allowSoftware: software })),
        );
      }
      const training = new Training(size);
      try {
        rows.push(countRow(labelOf(size), "skelrun", stepCounts(training, { idle: true })));
      } finally {
        training.dispose();
      }
    }
    this.#report.table(rows);
  }

  /** How fast an operation's multiply-adds were; nothing where it has none. */
  #speedOf({ name, seconds }: Share, work: WorkByOperation): [string, string] {
    const flops = 2 * (work.get(name as Operation)?.multiplyAdds ?? 0) / seconds;
    return flops === 0 ? ["", ""] : [speed(flops), this.#ofPeak(flops)];
  }

  #ofPeak(flops: number): string {
    if (this.#ceilings === undefined) return "unknown";
    return `${(100 * flops / this.#ceilings.flops).toFixed(1)} %`;
  }
}

const COUNT_HEAD = ["step", "by", "calls", "bytes given", "copies", "uploads", "submissions"];

function countRow(label: string, by: string, counts: StepCounts): string[] {
  const { calls, bytes, copies, uploads, submissions } = counts;
  return [label, by, `${calls}`, gigabytes(bytes), `${copies}`, `${uploads}`, `${submissions}`];
}

function shareRows(head: string, shares: readonly Share[], whole: number): string[][] {
  return [
    [head, "calls", "time", "of all"],
    ...shares.map(({ name, calls, seconds }) => [
      name,
      `${calls}`,
      duration(seconds),
      `${(100 * seconds / whole).toFixed(1)} %`,
    ]),
  ];
}

function measured(name: string, unit: string, value: number): Measurement {
  return { name, unit, by: "skelrun", values: [value] };
}

function tera(flops: number): string {
  return (flops / 1e12).toPrecision(3);
}
