/**
 * What is true of synthetic long videos: parts of `truth.json`.
 *
 * @module
 */
import type { Studio } from "../studio.ts";

/** What is true of one video. */
export interface VideoTruth {
  /** Without extension. */
  readonly name: string;
  /** Number of the performer in the studio. */
  readonly performer: number;
  readonly frames: number;
  /** Of its skeleton file. */
  readonly line_end: "LF" | "CRLF";
  /** In the order of the label file. */
  readonly actions: readonly {
    /** The name of the clip that is cut out. */
    readonly clip: string;
    /** From 1. */
    readonly row: number;
    /** From 0. */
    readonly label: number;
    /** First and last frame, from 1. */
    readonly start: number;
    readonly end: number;
    readonly confidence: number;
    /** The camera sees nobody. */
    readonly empty: boolean;
  }[];
}

/** The actions by label. */
export function actionsTruth(studio: Studio): Record<string, unknown>[] {
  return studio.actions.map(({ number, ...action }) => ({
    action: number,
    label: number - 1,
    ...action,
  }));
}
