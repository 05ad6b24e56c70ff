/**
 * Smallest and largest values, and those that are not finite.
 *
 * @module
 */
import type { Findings } from "./inspection.ts";

/** Numbers of any kind, by index. */
export type Numbers = ArrayLike<number> | ArrayLike<bigint>;

/** The range of some numbers. */
export class ValueRange {
  min = Infinity;
  max = -Infinity;
  /** Finite numbers seen. */
  count = 0;
  nan = 0;
  infinite = 0;
  zeros = 0;

  /** Takes one number. */
  add(value: number): void {
    if (value !== value) this.nan++;
    else if (value === Infinity || value === -Infinity) this.infinite++;
    else {
      this.count++;
      if (value === 0) this.zeros++;
      if (value < this.min) this.min = value;
      if (value > this.max) this.max = value;
    }
  }

  /** Takes every number of an array. */
  addAll(data: Numbers): void {
    for (let i = 0; i < data.length; i++) this.add(Number(data[i]));
  }

  /** `-0.5 to 1.25`, or `none`. */
  text(unit = ""): string {
    if (this.count === 0) return "none";
    const { min, max } = this;
    return `${min === max ? short(min) : `${short(min)} to ${short(max)}`}${unit}`;
  }
}

/** Ranges of x, y and z of bodies. A body that is all 0 is not there and does not count. */
export class CoordinateRanges {
  readonly axes = [new ValueRange(), new ValueRange(), new ValueRange()] as const;
  /** Bodies that are there, and all slots looked at. */
  bodies = 0;
  slots = 0;

  /**
   * Takes bodies.
   *
   * @param size Numbers of a body: its joints by 3.
   */
  add(positions: Float32Array, size: number): void {
    for (let at = 0; at + size <= positions.length; at += size) {
      this.slots++;
      const body = positions.subarray(at, at + size);
      if (body.every((value) => value === 0)) continue;
      this.bodies++;
      for (let i = 0; i < size; i++) this.axes[i % 3]!.add(body[i]!);
    }
  }

  /** Numbers that are not finite. */
  get nonFinite(): number {
    return this.axes.reduce((sum, { nan, infinite }) => sum + nan + infinite, 0);
  }

  /** States them. */
  tell(findings: Findings, unit = ""): void {
    this.axes.forEach((axis, c) => {
      if (axis.count > 0) findings.fact(`xyz`[c]!, [axis.min, axis.max], axis.text(unit));
    });
    const { nonFinite } = this;
    findings.fact("not finite", nonFinite, nonFinite === 0 ? "none" : `${nonFinite} numbers`);
  }
}

/** A number with at most five digits that say something. */
export function short(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e6 ? String(Number(value.toPrecision(5))) : value.toExponential(3);
}

/** `3 to 9`, or `3` where both are. */
export function fromTo(least: number, most: number): string {
  return least === most ? String(least) : `${least} to ${most}`;
}

/** Whole numbers in a few words: `1 to 40, 40 of them`. */
export function wordsOfNumbers(values: Iterable<number>): { value: unknown; text: string } {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  if (sorted.length === 0) return { value: [], text: "none" };
  const [first, last] = [sorted[0]!, sorted.at(-1)!];
  if (sorted.length <= 8) return { value: sorted, text: sorted.join(", ") };
  const whole = last - first + 1 === sorted.length;
  return {
    value: { first, last, count: sorted.length },
    text: `${first} to ${last}${whole ? "" : `, ${sorted.length} of them`}`,
  };
}
