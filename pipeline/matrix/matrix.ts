/**
 * What a matrix consists of once it is read: axes, values, cells. Types, and the words for them.
 *
 * @module
 */
import type { PlainMap } from "../experiment/layers.ts";
import type { Step } from "../experiment/source.ts";

/** What a value of an axis changes in the experiment. */
export type Change =
  /** The experiment's seed. */
  | { readonly kind: "seed"; readonly seed: number }
  /** A value is put at a path. */
  | {
    readonly kind: "set";
    /** From the experiment's root: `["stages", STAGE, ...]`. */
    readonly path: readonly Step[];
    readonly value: unknown;
    /** Where the path is written. */
    readonly writtenAt: readonly Step[];
  }
  /** Changes in the experiment's own form are laid over it. */
  | { readonly kind: "overlay"; readonly value: PlainMap };

/** One value of an axis. */
export interface AxisValue {
  /** The axis it is of. */
  readonly axis: string;
  /** What stands for it in the names of stages. */
  readonly label: string;
  /** As it is written, so that it can be chosen by value. */
  readonly written: unknown;
  /** Where in the experiment its value stands. */
  readonly at: readonly Step[];
  /** What it changes; nothing for an empty variant or case. */
  readonly changes: readonly Change[];
}

/** One axis of a matrix. */
export interface Axis {
  /** As the file calls it. */
  readonly name: string;
  /** Those the grid is made of, and behind them those that only `include` names. */
  readonly values: readonly AxisValue[];
  /** How many of them the grid is made of. */
  readonly own: number;
}

/** One value of each axis, in the order of the axes. */
export type Cell = readonly AxisValue[];

/** Reports something wrong with the matrix, by the path of the place. */
export type Complain = (path: readonly Step[], message: string, key?: boolean) => void;

/** A cell, or part of one, in words: `seed=1,tau=0.07`. */
export function cellText(values: readonly AxisValue[]): string {
  return values.map(({ axis, label }) => `${axis}=${label}`).join(",");
}

/** The label that a single value has by itself; `undefined` where it has none. */
export function labelOf(value: unknown): string | undefined {
  if (typeof value === "object" && value !== null) return undefined;
  const text = String(value);
  return isLabel(text) ? text : undefined;
}

/** Whether a text may stand for a value in the name of a stage. */
export function isLabel(text: string): boolean {
  return /^[A-Za-z0-9._+-]{1,64}$/.test(text);
}

/** What a label may consist of, in words. */
export const LABEL_WORDS = 'letters, digits, ".", "_", "+" and "-" (64 at most)';
