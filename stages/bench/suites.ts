/**
 * The suites that the stages bring to `bench`; each is loaded when it runs.
 *
 * @module
 */
import type { BenchSuite } from "../../pipeline/bench/suite.ts";

/** All suites. */
export const stageSuites: readonly BenchSuite[] = [
  {
    name: "train",
    summary: "clips/s of a pre-training step and of an evaluation pass, beside PyTorch",
    numbers: {
      width: { summary: "width of the model", standard: 8, least: 1 },
      batch: { summary: "clips in a batch, at least 3", standard: 8, least: 3 },
    },
    load: async () => (await import("./train.ts")).measureTraining,
  },
];
