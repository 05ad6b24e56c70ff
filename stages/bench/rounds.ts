/**
 * Pre-training and evaluation in turns with the peer: each round times every kind of run on both sides, one
 * after the other.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Measurement } from "../../pipeline/bench/suite.ts";
import { median } from "../statistics/median.ts";
import { evaluationWork, OPERATIONS, stepWork, total, type WorkByOperation } from "./arithmetic.ts";
import { operationOf } from "./kernel_operations.ts";
import { Peer, type PeerRun } from "./peer.ts";
import { Training, type TrainingSize } from "./training.ts";

/** What is measured, and how. */
export interface RoundsOptions {
  readonly size: TrainingSize;
  readonly runs: number;
  readonly threads: number;
  /** What runs the peer; undefined where there is none. */
  readonly interpreter: string | undefined;
  /** How many times as fast as the peer each kind of run should be. */
  readonly goals?: Partial<Readonly<Record<PeerRun, number>>>;
  /** Milliseconds by kernel while it is asked to keep count; absent on backends without kernels of ours. */
  readonly profile: Profile | undefined;
  say(line: string): void;
}

/** Where the time goes. */
export interface Profile {
  /** Begins to count. */
  begin(): void;
  /** Ends it; milliseconds by kernel. */
  end(): ReadonlyMap<string, number>;
}

/** One kind of run. */
interface Kind {
  readonly peer: PeerRun;
  readonly name: string;
  readonly work: WorkByOperation;
  run(): Promise<void>;
  readonly seconds: number[];
  readonly peerSeconds: number[];
  readonly kernels: Map<string, number>;
}

/** Rows and columns of the product whose speed counts as the peak: it stays in the cache. */
const PRODUCT = 512;
/** Products in one measurement. */
const PRODUCTS = 8;

/** Measures. */
export async function measureRounds(
  options: RoundsOptions,
): Promise<{ measurements: Measurement[]; notes: string[] }> {
  const { size, runs, threads, interpreter, goals = {}, say } = options;
  const training = new Training(size);
  const task = { config: training.config, data: size, batch: size.batch };
  const label = labelOf(size);
  const kind = (
    peer: PeerRun,
    name: string,
    work: WorkByOperation,
    run: () => Promise<void>,
  ): Kind => ({ peer, name, work, run, seconds: [], peerSeconds: [], kernels: new Map() });
  const kinds = [
    kind("train", `${label}: a step`, stepWork(task), () => training.step()),
    kind(
      "eval",
      `${label}: evaluation`,
      evaluationWork(task),
      () => training.evaluate("all bodies"),
    ),
  ];
  if (size.bodies > 1) {
    const name = `${label}: evaluation, one body present`;
    const work = evaluationWork({ ...task, batch: size.batch + 1, data: { ...size, bodies: 1 } });
    kinds.push(kind("eval-one", name, work, () => training.evaluate("one body")));
  }
  const peer = interpreter === undefined
    ? undefined
    : await Peer.start(interpreter, { ...size, threads });
  const products: number[] = [];
  try {
    // The first round compiles.
    for (let round = 0; round <= runs; round++) {
      const counted = round > 0;
      const rate = await productSpeed();
      if (counted) products.push(rate);
      for (const kind of kinds) {
        const seconds = await timedRun(kind, counted ? options.profile : undefined);
        const peerSeconds = await peer?.seconds(kind.peer);
        if (counted) kind.seconds.push(seconds);
        if (counted && peerSeconds !== undefined) kind.peerSeconds.push(peerSeconds);
        const rates = [seconds, peerSeconds].map((seconds) =>
          seconds === undefined ? "nothing" : (size.batch / seconds).toPrecision(3)
        );
        say(
          `${kind.name}: ${rates[0]} clips/s, beside ${rates[1]}${counted ? "" : " (not counted)"}`,
        );
      }
    }
  } finally {
    await peer?.close();
    training.dispose();
  }
  const peak = median(products);
  return {
    measurements: kinds.flatMap(({ name, seconds, peerSeconds, peer: which }) => {
      const rates = (by: string, seconds: readonly number[]): Measurement => ({
        name,
        unit: "clips/s",
        by,
        values: seconds.map((one) => size.batch / one),
      });
      const own = rates("skelrun", seconds);
      if (peer === undefined) return [own];
      const goal = goals[which];
      const its = rates(peer.name, peerSeconds);
      return [own, goal === undefined ? its : { ...its, goal }];
    }),
    notes: kinds.flatMap((kind) => [
      speedNote(kind, peak),
      ...(kind.kernels.size === 0 ? [] : [shareNote(kind)]),
    ]),
  };
}

/** A name for a size, such as `16/64 batch 32`; the usual bodies and frames are left out. */
export function labelOf({ width, hidden, batch, bodies, frames }: TrainingSize): string {
  const data = [
    ...(bodies === 2 ? [] : [`bodies ${bodies}`]),
    ...(frames === 64 ? [] : [`frames ${frames}`]),
  ];
  return [`${width}/${hidden} batch ${batch}`, ...data].join(" ");
}

/** Seconds of one run. */
async function timedRun({ run, kernels }: Kind, profile: Profile | undefined): Promise<number> {
  profile?.begin();
  const begun = performance.now();
  await run();
  const seconds = (performance.now() - begun) / 1000;
  for (const [kernel, milliseconds] of profile?.end() ?? []) {
    kernels.set(kernel, (kernels.get(kernel) ?? 0) + milliseconds);
  }
  return seconds;
}

/** GFLOP/s of a bare product of matrices. */
async function productSpeed(): Promise<number> {
  const a = tf.randomNormal<tf.Rank.R2>([PRODUCT, PRODUCT]), b = tf.clone(a);
  (tf.matMul(a, b)).dispose();
  const begun = performance.now();
  for (let i = 0; i < PRODUCTS; i++) {
    const y = tf.matMul(a, b);
    await y.data();
    y.dispose();
  }
  const seconds = (performance.now() - begun) / 1000;
  tf.dispose([a, b]);
  return 2 * PRODUCTS * PRODUCT ** 3 / seconds / 1e9;
}

function speedNote({ name, work, seconds }: Kind, peak: number): string {
  const { multiplyAdds, bytes } = total(work);
  const time = median(seconds);
  const speed = 2 * multiplyAdds / time / 1e9;
  return `${name}: ${(multiplyAdds / 1e9).toFixed(2)} G multiply-adds and ${
    (bytes / 1e9).toFixed(2)
  } GB in ${time.toPrecision(3)} s, ${speed.toFixed(1)} GFLOP/s, ${
    Math.round(100 * speed / peak)
  } % of a bare matrix product's ${peak.toFixed(1)}`;
}

/** Shares of the time, and how fast each operation was. */
function shareNote({ name, work, seconds, kernels }: Kind): string {
  const all = 1000 * seconds.reduce((sum, one) => sum + one, 0);
  const times = new Map<string, number>();
  let inside = 0;
  for (const [kernel, milliseconds] of kernels) {
    const operation = operationOf(kernel) ?? "part swap and stream";
    times.set(operation, (times.get(operation) ?? 0) + milliseconds);
    inside += milliseconds;
  }
  const parts = [...times].map(([operation, milliseconds]) => {
    const madds = work.get(operation as typeof OPERATIONS[number])?.multiplyAdds ?? 0;
    const speed = 2 * madds * seconds.length / milliseconds / 1e6;
    return { operation, milliseconds, speed };
  });
  parts.push({ operation: "between kernels", milliseconds: all - inside, speed: 0 });
  const words = parts
    .sort((a, b) => b.milliseconds - a.milliseconds)
    .map(({ operation, milliseconds, speed }) => {
      const share = `${operation} ${(100 * milliseconds / all).toFixed(1)} %`;
      return speed > 0 ? `${share} (${speed.toFixed(0)} GFLOP/s)` : share;
    });
  return `${name}: ${words.join(", ")}`;
}
