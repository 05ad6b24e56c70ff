/**
 * How much there is to do: multiply-adds and bytes of an evaluation pass and of a pre-training step, by
 * operation. Together with what the machine can do in a second they say how fast a step could be at best.
 *
 * Multiply-adds are those of the definitions: the graph's 73 edges one by one, taps that fall on frames
 * that exist, and no recomputation; elementwise work is not counted. Bytes are those of float32 numbers
 * that each operation has to read and write if its inputs come from memory once (a normalisation's
 * gradient: twice, for it needs sums over all of them first) and its outputs go there once; what fits into
 * bits, and weights, are left out.
 *
 * @module
 */
import { type DataShape, type ModelConfig, TIME_STRIDE } from "../model/config.ts";
import { adjacency } from "../model/graph.ts";
import {
  type BlockSpec,
  blockSpecs,
  encoderSpecs,
  predictorSpecs,
  TAPS,
  volume,
} from "../model/parameters.ts";
import { JOINTS } from "../skeleton/joints.ts";

/** What the time of a step is divided into. */
export const OPERATIONS = [
  "temporal convolution",
  "graph convolution",
  "normalisation to block end",
  "attention",
  "dense layers",
  "pooling and mask",
  "contrastive loss",
  "update",
] as const;

/** One of them. */
export type Operation = typeof OPERATIONS[number];

/** How much there is to do. */
export interface Work {
  readonly multiplyAdds: number;
  readonly bytes: number;
}

/** By operation. */
export type WorkByOperation = ReadonlyMap<Operation, Work>;

/** The model, its data, and how many clips at once. */
export interface Task {
  readonly config: ModelConfig;
  readonly data: Pick<DataShape, "bodies" | "frames">;
  readonly batch: number;
}

const EDGES = adjacency().length;
const FLOAT = 4;

/** Pairs of an input and an output frame that a tap connects. */
export function meetings(frames: number, taps: number, stride: number): number {
  const reach = (taps - 1) / 2;
  let count = 0;
  for (let t = 0; t < frames; t += stride) {
    count += Math.min(frames - 1, t + reach) - Math.max(0, t - reach) + 1;
  }
  return count;
}

/** Adds up. */
class Tally {
  readonly #found = new Map<Operation, { multiplyAdds: number; bytes: number }>();

  add(operation: Operation, multiplyAdds: number, numbers: number): void {
    const work = this.#found.get(operation) ?? { multiplyAdds: 0, bytes: 0 };
    work.multiplyAdds += multiplyAdds;
    work.bytes += FLOAT * numbers;
    this.#found.set(operation, work);
  }

  get found(): WorkByOperation {
    return this.#found;
  }
}

/** An evaluation pass of all bodies, to one row of features a clip. */
export function evaluationWork(task: Task): WorkByOperation {
  const tally = new Tally();
  backbone(tally, task, false);
  pool(tally, task, false);
  return tally.found;
}

/** A whole pre-training step: three passes, two of them backward too, losses and updates. */
export function stepWork(task: Task): WorkByOperation {
  const { config, batch } = task;
  const { hidden_dim: D, feature_dim: F, queue: K } = config;
  const tally = new Tally();
  const passes = [true, true, false]; // whole clips, mixed clips, keys
  for (const learns of passes) {
    backbone(tally, task, learns);
    pool(tally, task, learns);
  }
  attention(tally, task);
  // Projections of whole clips, mixed ones (which lead nowhere), parts, and keys; then predictions.
  for (const learns of [true, false, true, true, false, false, false]) {
    mlp(tally, batch, [D, D, F], learns);
  }
  for (const learns of [true, false, true, true]) mlp(tally, batch, [F, D, F], learns);
  for (const beside of [0, 1, 1]) {
    // Scores against key, queue and the other part, then what these add to the gradient.
    for (let way = 0; way < 2; way++) {
      tally.add("contrastive loss", batch * F * (1 + K + beside), K * F + (2 + beside) * batch * F);
    }
  }
  const trained = (specs: readonly { role: string; shape: readonly number[] }[]) =>
    specs.filter(({ role }) => role === "trained").reduce(
      (sum, { shape }) => sum + volume(shape),
      0,
    );
  const own = trained(encoderSpecs(config, { ...task.data, classes: 1 }));
  const all = own + trained(predictorSpecs(config));
  // Weights, gradients and momenta are read, weights and momenta written; the average follows.
  tally.add("update", 0, 5 * all + 3 * own + batch * F);
  return tally.found;
}

/** All of the work. */
export function total(work: WorkByOperation): Work {
  const all = [...work.values()];
  const sum = (of: (one: Work) => number) => all.reduce((so, one) => so + of(one), 0);
  return {
    multiplyAdds: sum(({ multiplyAdds }) => multiplyAdds),
    bytes: sum(({ bytes }) => bytes),
  };
}

function backbone(tally: Tally, { config, data, batch }: Task, learns: boolean): void {
  const bodies = batch * data.bodies;
  let frames = data.frames;
  const clips = JOINTS * frames * bodies * 3;
  tally.add("normalisation to block end", 0, (learns ? 5 : 2) * clips);
  for (const spec of blockSpecs(config)) {
    block(tally, spec, { frames, bodies, learns });
    frames /= spec.stride;
  }
}

function block(
  tally: Tally,
  { inner, outer, stride, residual }: BlockSpec,
  { frames, bodies, learns }: { frames: number; bodies: number; learns: boolean },
): void {
  const x = JOINTS * frames * bodies * inner;
  const g = JOINTS * frames * bodies * outer;
  const y = g / stride;
  // Backward: the gradients of the input and of the kernel do as much as the way there each.
  const product = (operation: Operation, multiplyAdds: number, from: number, to: number) => {
    tally.add(operation, multiplyAdds, from + to);
    if (!learns) return;
    tally.add(operation, multiplyAdds, to + from);
    tally.add(operation, multiplyAdds, from + to);
  };
  const convolution = (taps: number, channels: number, from: number) =>
    product(
      "temporal convolution",
      JOINTS * meetings(frames, taps, stride) * bodies * channels * outer,
      from,
      y,
    );
  product("graph convolution", EDGES * frames * bodies * inner * outer, x, g);
  // The importance of each edge: its kernel's gradient with the kernel.
  if (learns) tally.add("graph convolution", EDGES * inner * outer, 0);
  convolution(TAPS, outer, g);
  if (residual === "conv") convolution(1, inner, x);
  const end = (numbers: number) => tally.add("normalisation to block end", 0, numbers);
  end(2 * g);
  end((residual === "none" ? 2 : 3) * y);
  if (!learns) return;
  end(4 * g + g);
  // h and dy twice; dh; what flows into the residual.
  end(5 * y + (residual === "none" ? 0 : y));
  if (residual === "conv") end(5 * y);
  // Both ways into the block's input meet.
  if (residual !== "none") end(3 * x);
}

/** Means over tokens, and over bodies. */
function pool(tally: Tally, { config: { hidden_dim }, data, batch }: Task, learns: boolean): void {
  const tokens = JOINTS * data.frames / TIME_STRIDE;
  tally.add("pooling and mask", 0, (learns ? 2 : 1) * batch * data.bodies * tokens * hidden_dim);
}

/** The mask of the mixed clips, and what it splits: their features and those of the keys. */
function attention(tally: Tally, { config: { hidden_dim: D }, data, batch }: Task): void {
  const bodies = batch * data.bodies;
  const tokens = JOINTS * data.frames / TIME_STRIDE;
  const rows = bodies * tokens;
  const f = rows * D;
  // Layer normalisation, sigmoid and split, there and back, and features body by body; then the keys'.
  tally.add("pooling and mask", 0, (2 + 5) * f + (2 + 3) * f + (2 + 4) * f + 4 * f + 4 * f);
  for (const outer of [3 * D, D]) {
    for (let way = 0; way < 3; way++) tally.add("dense layers", rows * D * outer, f + rows * outer);
  }
  // Scores and sums of values; then gradients of both factors of both.
  tally.add("attention", 2 * bodies * tokens ** 2 * D, 4 * f);
  tally.add("attention", 4 * bodies * tokens ** 2 * D, 3 * f + f + 3 * f);
}

function mlp(
  tally: Tally,
  rows: number,
  [inner, hidden, outer]: [number, number, number],
  learns: boolean,
): void {
  for (let way = 0; way < (learns ? 3 : 1); way++) {
    tally.add(
      "dense layers",
      rows * hidden * (inner + outer),
      rows * (inner + 2 * hidden + outer),
    );
  }
}
