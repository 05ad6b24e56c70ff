/**
 * The suites that `bench` knows, by name; each is loaded when it runs.
 *
 * @module
 */
import type { BenchSuite } from "./suite.ts";

/** A suite that is not loaded yet. */
export interface ListedSuite {
  readonly name: string;
  readonly summary: string;
  load(): Promise<BenchSuite>;
}

/** All suites. */
export const SUITES: readonly ListedSuite[] = [
  {
    name: "train",
    summary: "clips/s of a pre-training step and of an evaluation pass, beside PyTorch",
    load: async () => (await import("./train.ts")).train,
  },
];
