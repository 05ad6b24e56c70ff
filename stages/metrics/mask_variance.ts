/**
 * Where the variance of an attention mask lies: is the mask aware of body parts, or a gate of channels?
 *
 * @module
 */

/**
 * Shares of a mask's variance; they add up to 1. For values m of bodies r, steps in time t, joints v and
 * channels c, with bars for means over the indices left out,
 *
 *     total    = sum of (m[r,t,v,c] - m)^2
 *     channel  = sum of (m[c] - m)^2 / total      joint = sum of (m[v] - m)^2 / total
 *     frame    = sum of (m[t] - m)^2 / total      clip  = sum of (m[r] - m)^2 / total
 *     residual = 1 - channel - joint - frame - clip
 *
 * each sum over all values. Every combination occurs once, so the four effects are orthogonal: their
 * order does not matter, and the residual, all interactions of them, is at least 0. A mask that picks
 * the same joints always shows in `joint`; one that picks parts of its own in each clip shows in the
 * residual, as does a gate of channels that differs from clip to clip: `tokens` tells those two apart.
 */
export interface MaskShares {
  readonly channel: number;
  readonly joint: number;
  readonly frame: number;
  /** Of whole bodies: each body of a clip counts as one of its own. */
  readonly clip: number;
  readonly residual: number;
}

/** What can be said of a mask's values. */
export interface MaskSpread {
  readonly mean: number;
  /** Standard deviation of all values. */
  readonly deviation: number;
  /** Null where the mask does not vary at all. */
  readonly shares: MaskShares | null;
  /**
   * Share of the variance between the tokens of a body, channel by channel: the sum of
   * (m[r,t,v,c] - m[r,c])^2 by the total. 0 for every gate of channels, also one of each clip's own.
   * Null as the shares.
   */
  readonly tokens: number | null;
}

/** Sizes of one body's mask. */
export interface MaskShape {
  /** Tokens in time. */
  readonly steps: number;
  readonly joints: number;
  readonly channels: number;
}

/** Values lie about this one: sums of differences from it lose fewer digits. */
const MIDDLE = 0.5;

/** Below this share of the squares, what is left of them is rounding. */
const ROUNDING = 1e-12;

/** Gathers sums over the masks of bodies, in double precision and in the order they come. */
export class MaskVariance {
  readonly #shape: MaskShape;
  readonly #steps: Float64Array;
  readonly #joints: Float64Array;
  readonly #channels: Float64Array;
  readonly #bodies: number[] = [];
  readonly #own: Float64Array;
  #squares = 0;
  /** Sum of the squares of the sums by body and channel. */
  #gates = 0;

  /** Begins with nothing. */
  constructor(shape: MaskShape) {
    this.#shape = shape;
    this.#steps = new Float64Array(shape.steps);
    this.#joints = new Float64Array(shape.joints);
    this.#channels = new Float64Array(shape.channels);
    this.#own = new Float64Array(shape.channels);
  }

  /** Takes in one body's mask: (steps, joints, channels), row-major. */
  add(mask: ArrayLike<number>): void {
    const { steps, joints, channels } = this.#shape;
    if (mask.length !== steps * joints * channels) {
      throw new RangeError(`expected ${steps * joints * channels} values, found ${mask.length}`);
    }
    const own = this.#own.fill(0);
    let [whole, squares, at] = [0, 0, 0];
    for (let t = 0; t < steps; t++) {
      for (let v = 0; v < joints; v++) {
        let token = 0;
        for (let c = 0; c < channels; c++) {
          const value = mask[at++]! - MIDDLE;
          own[c]! += value;
          token += value;
          squares += value * value;
        }
        this.#steps[t]! += token;
        this.#joints[v]! += token;
        whole += token;
      }
    }
    for (let c = 0; c < channels; c++) {
      this.#channels[c]! += own[c]!;
      this.#gates += own[c]! * own[c]!;
    }
    this.#bodies.push(whole);
    this.#squares += squares;
  }

  /** Bodies taken in. */
  get bodies(): number {
    return this.#bodies.length;
  }

  /** What was found; at least one body was taken in. */
  spread(): MaskSpread {
    const { steps, joints, channels } = this.#shape;
    const count = this.bodies * steps * joints * channels;
    const sum = this.#bodies.reduce((total, value) => total + value, 0);
    const common = sum * sum / count;
    const total = this.#squares - common;
    const mean = MIDDLE + sum / count;
    if (!(total > ROUNDING * this.#squares)) {
      return { mean, deviation: 0, shares: null, tokens: null };
    }
    const share = (sums: ArrayLike<number>) => {
      let squares = 0;
      for (let i = 0; i < sums.length; i++) squares += sums[i]! * sums[i]!;
      return Math.max(0, squares * sums.length / count - common) / total;
    };
    const [channel, joint] = [share(this.#channels), share(this.#joints)];
    const [frame, clip] = [share(this.#steps), share(this.#bodies)];
    const residual = Math.max(0, 1 - channel - joint - frame - clip);
    const shares = { channel, joint, frame, clip, residual };
    const within = Math.max(0, this.#squares - this.#gates / (steps * joints));
    return { mean, deviation: Math.sqrt(total / count), shares, tokens: within / total };
  }
}
