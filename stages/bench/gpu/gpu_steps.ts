/**
 * Pre-training steps on `webgpu`, in turns with the same model by the library's kernels and with PyTorch on the
 * same card.
 *
 * @module
 */
import { deviceWaits } from "../../tensor/device_waits.ts";
import { gpuBackend } from "../../tensor/webgpu/gpu_backend.ts";
import type { Measurement } from "../../../pipeline/bench/suite.ts";
import { median } from "../../statistics/median.ts";
import { stepWork, total } from "../arithmetic.ts";
import { Peer } from "../peer.ts";
import { labelOf } from "../rounds.ts";
import { Training, type TrainingSize } from "../training.ts";
import type { Ceilings } from "./ceilings.ts";
import { gigabytes, speed } from "./figures.ts";
import { processorSeconds } from "./processor_seconds.ts";
import { type StepCounts, stepCounts } from "./step_counts.ts";
import { startStock } from "./stock_peer.ts";

/** How many times as fast as each peer a step should be. */
export interface StepGoals {
  readonly stock?: number;
  readonly torch?: number;
}

/** What is measured, and beside what. */
export interface GpuStepsOptions {
  readonly size: TrainingSize;
  readonly runs: number;
  /** Whether the adapter computes in software. */
  readonly software: boolean;
  /** Whether the library's kernels take their turns. */
  readonly stock: boolean;
  /** What runs PyTorch on the same card; undefined where there is none. */
  readonly interpreter: string | undefined;
  readonly goals?: StepGoals;
  /** What the device does at best, if that was measured. */
  readonly ceilings: Ceilings | undefined;
  say(line: string): void;
}

/** What was found. */
export interface GpuSteps {
  readonly measurements: readonly Measurement[];
  /** In sentences. */
  readonly notes: readonly string[];
  readonly counts: StepCounts;
}

/** Steps are asked for together until they take so long, in seconds, but not more than so many. */
const LONG = 1;
const MOST_STEPS = 50;

/** Measures. */
export async function measureGpuSteps(options: GpuStepsOptions): Promise<GpuSteps> {
  const { size, runs, software, interpreter, goals = {}, say } = options;
  const name = `${labelOf(size)}: a step on webgpu`;
  const notes: string[] = [];
  let peers: (Turns & { readonly peer: Peer; readonly goal: number | undefined })[] = [];
  const drop = (what: string, error: unknown) => {
    const [reason] = (error as Error).message.split("\n");
    notes.push(`${name}: ${what} did not run to the end: ${reason}`);
  };
  const join = async (what: string, start: () => Promise<Peer>, goal: number | undefined) => {
    try {
      const peer = await start();
      await peer.seconds("train");
      peers.push({ peer, goal, seconds: [], processor: [] });
    } catch (error) {
      drop(what, error);
    }
  };
  let training: Training | undefined;
  try {
    if (options.stock) {
      await join("tfjs", () => startStock({ size, allowSoftware: software }), goals.stock);
    }
    if (interpreter !== undefined) {
      const request = { ...size, threads: 1, device: "cuda" } as const;
      await join("PyTorch", () => Peer.start(interpreter, request), goals.torch);
    }
    training = new Training(size);
    // The first steps compile.
    await training.step();
    await training.step();
    const one = await training.steps(1);
    const together = Math.min(
      MOST_STEPS,
      Math.max(1, Math.ceil(LONG / (one.asking + one.waiting))),
    );
    const own: Turns = { seconds: [], processor: [] };
    const waits: number[] = [];
    for (let round = 0; round < runs; round++) {
      const waited = deviceWaits(), used = processorSeconds();
      const { asking, waiting } = await training.steps(together);
      const seconds = (asking + waiting) / together;
      own.seconds.push(seconds);
      own.processor.push((processorSeconds() - used) / together);
      waits.push((deviceWaits() - waited) / 1000 / (asking + waiting));
      for (const one of peers) {
        try {
          const { seconds: its, processor } = await meanTurn(one.peer, seconds);
          one.seconds.push(its);
          if (processor !== undefined) one.processor.push(processor);
        } catch (error) {
          drop(one.peer.name, error);
          peers = peers.filter((other) => other !== one);
        }
      }
      const rates = [seconds, ...peers.map(({ seconds }) => seconds.at(-1)!)].map((seconds) =>
        (size.batch / seconds).toPrecision(3)
      );
      say(`${name}: ${rates.join(" clips/s, beside ")} clips/s`);
    }
    const counts = stepCounts(training);
    const work = total(stepWork({ config: training.config, data: size, batch: size.batch }));
    notes.push(
      speedNote(name, { ...work, bound: counts.bytes }, median(own.seconds), options.ceilings),
      `${name}: ${(100 * median(waits)).toFixed(1)} % of the time the program waits for the ` +
        `device, ${together === 1 ? "a step" : `${together} steps`} between readbacks`,
      countsNote(name, counts),
    );
    const sides: Side[] = [
      { by: "skelrun", goal: undefined, ...own },
      ...peers.map(({ peer, goal, seconds, processor }) => ({
        ...{ by: peer.name, goal, seconds, processor },
      })),
    ];
    return {
      measurements: measurementsOf(name, size.batch, sides, software),
      notes,
      counts,
    };
  } finally {
    training?.dispose();
    gpuBackend().submit();
    for (const { peer } of peers) await peer.close();
  }
}

/** Times of single steps of one side, round by round. */
interface Turns {
  readonly seconds: number[];
  /** Those that processors spent on it, where it says so. */
  readonly processor: number[];
}

/** Ours, or a peer's. */
interface Side extends Turns {
  readonly by: string;
  readonly goal: number | undefined;
}

/** Rates by the clock; where the device is the processor also its time, which other programs disturb less. */
function measurementsOf(
  name: string,
  batch: number,
  sides: readonly Side[],
  software: boolean,
): Measurement[] {
  const rows = ({ by, goal, seconds, processor }: Side): Measurement[] => {
    const aim = goal === undefined ? {} : { goal };
    const rates = seconds.map((one) => batch / one);
    const all = [{ name, unit: "clips/s", by, values: rates, ...aim }];
    if (!software || processor.length === 0) return all;
    return [...all, { name: `${name}, processor time`, unit: "s", by, values: processor, ...aim }];
  };
  return sides.flatMap(rows).sort((a, b) => a.name.length - b.name.length);
}

/** Of about as long a time as ours took: a single short run says little. */
async function meanTurn(
  peer: Peer,
  likely: number,
): Promise<{ seconds: number; processor: number | undefined }> {
  const count = Math.min(20, Math.max(1, Math.round(LONG / likely)));
  const turns: { seconds: number; processor?: number }[] = [];
  for (let i = 0; i < count; i++) turns.push(await peer.ask("train"));
  const sum = (of: (turn: typeof turns[number]) => number) =>
    turns.reduce((sum, turn) => sum + of(turn), 0);
  return {
    seconds: sum(({ seconds }) => seconds) / count,
    processor: turns.some(({ processor }) => processor === undefined)
      ? undefined
      : sum(({ processor }) => processor!) / count,
  };
}

/** Counts in words. */
export function countsNote(name: string, counts: StepCounts): string {
  const { calls, bytes, copies, copied, uploads, submissions } = counts;
  return `${name}: ${calls} calls of kernels on ${gigabytes(bytes)}, ${copies} copies of ${
    gigabytes(copied)
  }, ${uploads} uploads, ${submissions} submissions`;
}

function speedNote(
  name: string,
  { multiplyAdds, bytes, bound }: { multiplyAdds: number; bytes: number; bound: number },
  seconds: number,
  ceilings: Ceilings | undefined,
): string {
  const flops = 2 * multiplyAdds / seconds;
  const share = (part: number, whole: number) => `${(100 * part / whole).toPrecision(3)} %`;
  const beside = ceilings === undefined
    ? ""
    : `, ${
      share(flops, ceilings.flops)
    } of the float32 peak that was measured; its kernels are given ${gigabytes(bound)}, ${
      share(bound / seconds, ceilings.bandwidth)
    } of what a copy moves`;
  return `${name}: ${(multiplyAdds / 1e9).toPrecision(3)} G multiply-adds in ${
    seconds.toPrecision(3)
  } s, ${speed(flops)}; operations need at least ${gigabytes(bytes)}${beside}`;
}
