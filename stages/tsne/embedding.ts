/**
 * Exact t-SNE (method section 8): points in a plane whose Student-t neighbourhoods Q resemble P.
 *
 * @module
 */
import { randomStream } from "../random.ts";
import type { Packed } from "./affinities.ts";

/** How the plane is searched. */
export interface EmbeddingSettings {
  /** Steps are this much of the gradient without its factor 4, as in the released code. */
  readonly learning_rate: number;
  readonly momentum: number;
  /** Momentum after `momentum_switch` iterations. */
  readonly final_momentum: number;
  readonly momentum_switch: number;
  /** Factor on P during the first `exaggerated` iterations. */
  readonly exaggeration: number;
  readonly exaggerated: number;
}

/** Gains of single coordinates: added while a coordinate goes on, the factor when it turns, the least. */
const GAIN_UP = 0.2, GAIN_DOWN = 0.8, GAIN_LEAST = 0.01;

/** Gradient of KL(P || Q) in the coordinates, and the sum that normalises Q. */
export interface Gradient {
  /** x and y apart: n each. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Sum over all ordered pairs of 1 / (1 + |y_i - y_j|^2). */
  readonly z: number;
}

/**
 * The gradient of KL(P || Q), 4 sum_j (p_ij - q_ij) (y_i - y_j) / (1 + |y_i - y_j|^2), with P taken
 * `factor` times.
 */
export function gradientOf(
  P: Packed,
  x: Float64Array,
  y: Float64Array,
  factor = 1,
): Gradient {
  const n = x.length;
  const ax = new Float64Array(n), ay = new Float64Array(n);
  const rx = new Float64Array(n), ry = new Float64Array(n);
  let half = 0;
  let at = 0;
  for (let i = 0; i < n; i++) {
    const xi = x[i]!, yi = y[i]!;
    let sax = 0, say = 0, srx = 0, sry = 0;
    for (let j = 0; j < i; j++) {
      const dx = xi - x[j]!, dy = yi - y[j]!;
      const w = 1 / (1 + dx * dx + dy * dy);
      const a = P[at++]! * w, r = w * w;
      half += w;
      const adx = a * dx, ady = a * dy, rdx = r * dx, rdy = r * dy;
      sax += adx, say += ady, srx += rdx, sry += rdy;
      ax[j]! -= adx, ay[j]! -= ady, rx[j]! -= rdx, ry[j]! -= rdy;
    }
    ax[i]! += sax, ay[i]! += say, rx[i]! += srx, ry[i]! += sry;
  }
  const z = 2 * half;
  for (let i = 0; i < n; i++) {
    ax[i] = 4 * (factor * ax[i]! - rx[i]! / z);
    ay[i] = 4 * (factor * ay[i]! - ry[i]! / z);
  }
  return { x: ax, y: ay, z };
}

/** Points on their way; all of it is float64. */
export class Embedding {
  readonly x: Float64Array<ArrayBuffer>;
  readonly y: Float64Array<ArrayBuffer>;
  readonly #n: number;
  /** x, y, then their last steps, then their gains: n each. */
  readonly #all: Float64Array<ArrayBuffer>;
  #done: number;

  private constructor(n: number, all: Float64Array<ArrayBuffer>, done: number) {
    this.#n = n;
    this.#all = all;
    this.#done = done;
    this.x = all.subarray(0, n);
    this.y = all.subarray(n, 2 * n);
  }

  /** Points from a normal distribution of width 1. */
  static begin(n: number, seed: number): Embedding {
    const all = new Float64Array(6 * n);
    const stream = randomStream(seed, "tsne start");
    for (let i = 0; i < n; i++) {
      all[i] = stream.normal();
      all[n + i] = stream.normal();
    }
    all.fill(1, 4 * n);
    return new Embedding(n, all, 0);
  }

  /** Goes on from what {@link state} gave. */
  static from(state: Float64Array<ArrayBuffer>, done: number): Embedding {
    return new Embedding(state.length / 6, state, done);
  }

  /** All that the next iteration depends on beside {@link done}; (6, n). */
  get state(): Float64Array<ArrayBuffer> {
    return this.#all;
  }

  /** Iterations done. */
  get done(): number {
    return this.#done;
  }

  /** One iteration. */
  step(P: Packed, settings: EmbeddingSettings): void {
    const factor = this.#done < settings.exaggerated ? settings.exaggeration : 1;
    const momentum = this.#done < settings.momentum_switch
      ? settings.momentum
      : settings.final_momentum;
    const gradient = gradientOf(P, this.x, this.y, factor);
    this.#move(0, gradient.x, momentum, settings.learning_rate / 4);
    this.#move(1, gradient.y, momentum, settings.learning_rate / 4);
    this.#done++;
  }

  /** Moves one coordinate of all points, and centres it. */
  #move(axis: 0 | 1, gradient: Float64Array, momentum: number, rate: number): void {
    const n = this.#n;
    const part = (at: number) => this.#all.subarray(at * n, (at + 1) * n);
    const [place, speed, gain] = [part(axis), part(2 + axis), part(4 + axis)];
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const g = gradient[i]!;
      const goesOn = (g > 0) !== (speed[i]! > 0);
      gain[i] = Math.max(goesOn ? gain[i]! + GAIN_UP : gain[i]! * GAIN_DOWN, GAIN_LEAST);
      speed[i] = momentum * speed[i]! - rate * gain[i]! * g;
      place[i]! += speed[i]!;
      sum += place[i]!;
    }
    const mean = sum / n;
    for (let i = 0; i < n; i++) place[i]! -= mean;
  }
}

/** KL(P || Q) of points in the plane, in nats. */
export function divergenceOf(P: Packed, x: Float64Array, y: Float64Array): number {
  const { z } = gradientOf(P, x, y);
  let sum = 0;
  for (let i = 0, at = 0; i < x.length; i++) {
    for (let j = 0; j < i; j++, at++) {
      const p = P[at]!;
      if (p === 0) continue;
      const w = 1 / (1 + (x[i]! - x[j]!) ** 2 + (y[i]! - y[j]!) ** 2);
      sum += 2 * p * Math.log(p * z / w);
    }
  }
  return sum;
}
