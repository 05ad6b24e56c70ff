/**
 * Inputs, outputs and needs that the definitions of stages that train a classifier have in common. Imports
 * no tensor library.
 *
 * @module
 */
import type {
  InputPort,
  Port,
  PortFacts,
  Resources,
  StageDefinition,
} from "../../pipeline/stage.ts";
import { TILES_INPUT } from "../autotune/tiles_input.ts";
import { ALL_CORES, KERNELS_INPUT } from "../kernels/kernels_input.ts";
import { classifierNeed } from "../model/classifier_memory.ts";

/** Clips, and which of them train. */
export const TRAINING_INPUTS = {
  clips: { type: "clips", summary: "Normalised clips" },
  split: {
    type: "split",
    summary: "Which clips train and which test: a split, or a subset of one",
  },
  kernels: KERNELS_INPUT,
  tiles: TILES_INPUT,
} as const satisfies Record<string, InputPort>;

/** What is left of a training. */
export const TRAINING_OUTPUTS = {
  result: { type: "result", summary: "Accuracies, logits and confusion matrices" },
  classifier: {
    type: "classifier",
    summary: "Weights after the last epoch, the linear layer's too, loadable in PyTorch",
  },
  log: { type: "classifier_log", summary: "log.csv and log.svg: loss and accuracies by epoch" },
} as const satisfies Record<string, Port>;

/** One core, or all that there are where kernels use them. */
export const TRAINING_RESOURCES: {
  readonly resources: Resources;
  readonly resourcesOn: { readonly simd: Resources };
} = {
  resources: { cores: 1, memoryMiB: 4096 },
  resourcesOn: { simd: { cores: ALL_CORES, memoryMiB: 4096 } },
};

/** Facts about the outputs. */
export function trainingFacts({ clips }: PortFacts): PortFacts {
  const classes = clips?.classes;
  return typeof classes === "number" ? { result: { classes }, classifier: { classes } } : {};
}

/** What a training that begins from an encoder needs of memory, once that encoder's size is known. */
export const fineTuningMemory: NonNullable<StageDefinition["memory"]> = (
  params,
  inputs,
  machine,
) => {
  const { batch, trainMode: mode } = params as { batch: number; trainMode: "eval" | "train" };
  const { width, dim: hidden_dim } = inputs.encoder ?? {};
  return classifierNeed({ width, hidden_dim, batch, mode }, inputs, machine);
};
