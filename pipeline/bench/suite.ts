/**
 * A benchmark suite: what `bench SUITE` runs. Types only.
 *
 * @module
 */
import type { Backend } from "../stage.ts";
import type { Terminal } from "../verb.ts";

/** One measured quantity: medians, because machines are shared and noisy. */
export interface Measurement {
  /** Such as `train width 16 batch 32`; what several were measured at has one name. */
  readonly name: string;
  /** Such as `clips/s`, where more is better, or `s`, where less is. */
  readonly unit: string;
  /** Who: `skelrun` or what it is measured against. */
  readonly by: string;
  /** Values of single runs, in order; the first of each belongs to the same round, and so on. */
  readonly values: readonly number[];
  /** Of a peer: how many times as fast skelrun should be. Of skelrun: what it should reach. */
  readonly goal?: number;
}

/** What a suite found. */
export interface BenchResult {
  /** Peers have the names of what they are measured beside. */
  readonly measurements: readonly Measurement[];
  /** What could not be measured, and what to install. */
  readonly notes: readonly string[];
  /** A text of its own, shown instead of the table of measurements: Markdown. */
  readonly report?: string;
}

/** A whole number that a suite lets the user choose. */
export interface BenchNumber {
  /** One line for help. */
  readonly summary: string;
  /** What it is where it is not given. */
  readonly standard: number;
  /** Less is refused. */
  readonly least: number;
}

/** Something that a suite does when it is told to; or a file that it writes. */
export interface BenchFlag {
  /** One line for help. */
  readonly summary: string;
}

/** Choices of a run. */
export interface BenchOptions {
  /** On what to compute. */
  readonly backend: "auto" | Backend;
  /** Whether a software WebGPU adapter will do. */
  readonly allowSoftware: boolean;
  /** Counted runs of each measurement, after one that is not. */
  readonly runs: number;
  /** The suite's own numbers, by name. */
  readonly numbers: Readonly<Record<string, number>>;
  /** The suite's own flags, by name. */
  readonly flags: Readonly<Record<string, boolean>>;
  /** The suite's own files, by name, where they are given. */
  readonly files: Readonly<Record<string, string | undefined>>;
  /** Where it says how it goes. */
  readonly terminal: Terminal;
}

/** Measures. */
export type BenchRun = (options: BenchOptions) => Promise<BenchResult>;

/** A suite; what it runs is loaded when it is called for. */
export interface BenchSuite {
  /** The word after `bench`. */
  readonly name: string;
  /** A phrase for people. */
  readonly summary: string;
  /** What can be chosen, by the names of options. */
  readonly numbers: Readonly<Record<string, BenchNumber>>;
  /** What can be asked for, likewise. */
  readonly flags?: Readonly<Record<string, BenchFlag>>;
  /** Files that it may be told to write, likewise. */
  readonly files?: Readonly<Record<string, BenchFlag>>;
  /** Whether it computes with the kernels in this process: V8 is then started as for stages that do. */
  readonly computes?: boolean;
  /** Imports what it takes. */
  load(): Promise<BenchRun>;
}
