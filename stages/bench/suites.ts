/**
 * The suites that the stages bring to `bench`; each is loaded when it runs.
 *
 * @module
 */
import type { BenchSuite } from "../../pipeline/bench/suite.ts";

/** The model and its batches. */
const SIZE = {
  width: { summary: "width of the model", standard: 16, least: 1 },
  hidden: { summary: "its hidden_dim; 0 is 4 x width", standard: 0, least: 0 },
  batch: { summary: "clips in a batch, at least 3", standard: 32, least: 3 },
  bodies: { summary: "bodies of a clip", standard: 2, least: 1 },
  frames: { summary: "frames of a clip, a multiple of 4", standard: 64, least: 4 },
  threads: {
    summary: "threads of either side",
    standard: navigator.hardwareConcurrency,
    least: 1,
  },
};

/** All suites. */
export const stageSuites: readonly BenchSuite[] = [
  {
    name: "train",
    summary:
      "clips/s of a pre-training step and of evaluation passes, in turns with PyTorch; on webgpu " +
      "of a step, also in turns with the library's own kernels",
    numbers: SIZE,
    flags: {
      table: { summary: "measure all sizes that have goals, and a linear evaluation" },
    },
    computes: true,
    load: async () => (await import("./train.ts")).measureTraining,
  },
  {
    name: "gpu",
    summary:
      "everything about the GPU in under ten minutes, as Markdown: correctness, ceilings, steps",
    numbers: {
      width: {
        summary: "width of the only model; 0 for those of the table",
        standard: 0,
        least: 0,
      },
      batch: { summary: "clips in its batch; 0 for 128, 8 in software", standard: 0, least: 0 },
      frames: SIZE.frames,
    },
    flags: {
      "skip-parity": { summary: "leave out the recorded training, which takes a minute or more" },
      "skip-stock": { summary: "leave out the library's own kernels, which take long" },
    },
    files: { out: { summary: "write what is found to this file as well" } },
    load: async () => (await import("./gpu/gpu_suite.ts")).measureGpu,
  },
  {
    name: "memory",
    summary: "what many pre-training steps leave behind: tensors, kernels' memory, heap",
    numbers: { ...SIZE, steps: { summary: "pre-training steps", standard: 1000, least: 10 } },
    computes: true,
    load: async () => (await import("./memory.ts")).measureMemory,
  },
  {
    name: "data",
    summary: "MB/s of text and clips/s of parse_ntu, in turns with a plain Python reader",
    numbers: {
      megabytes: { summary: "recordings to make, in MB", standard: 100, least: 8 },
    },
    load: async () => (await import("./data.ts")).measureData,
  },
];
