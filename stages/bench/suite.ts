/**
 * A benchmark suite: what `bench SUITE` runs. Types only.
 *
 * @module
 */
import type { Terminal } from "../../pipeline/verb.ts";

/** One measured quantity: medians, because machines are shared and noisy. */
export interface Measurement {
  /** Such as `train width 16 batch 32`. */
  readonly name: string;
  /** Such as `clips/s`. */
  readonly unit: string;
  /** Who: `skelrun` or what it is measured against. */
  readonly by: string;
  /** Values of single runs, in order. */
  readonly values: readonly number[];
}

/** What a suite found. */
export interface BenchResult {
  readonly measurements: readonly Measurement[];
  /** What could not be measured, and what to install. */
  readonly notes: readonly string[];
}

/** Choices of a run. */
export interface BenchOptions {
  readonly backend: "auto" | "cpu" | "webgpu";
  readonly allowSoftware: boolean;
  /** Width of the model. */
  readonly width: number;
  /** Clips in a batch. */
  readonly batch: number;
  /** Counted runs of each measurement, after one that is not. */
  readonly runs: number;
  readonly terminal: Terminal;
}

/** A suite. */
export interface BenchSuite {
  readonly name: string;
  readonly summary: string;
  run(options: BenchOptions): Promise<BenchResult>;
}
