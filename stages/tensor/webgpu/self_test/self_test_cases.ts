/**
 * Which cases of the self-test a stage needs.
 *
 * @module
 */
import { backboneCases } from "./backbone_cases.ts";
import { classifierCases, contrastCases, evaluationCases } from "./head_cases.ts";
import type { ModelSizes } from "./model_sizes.ts";
import type { SelfTestCase } from "./self_test_case.ts";

/** Parts of the kernels that a stage may use; `train` has all of `forward`. */
export const PARTS = ["train", "forward", "contrast", "eval", "frozen", "classifier"] as const;

/** One of them. */
export type Part = typeof PARTS[number];

/** What a stage uses. */
export interface SelfTestNeeds {
  readonly parts: readonly Part[];
  /** Sizes of its model, as far as they are known. */
  readonly sizes: Partial<ModelSizes>;
}

/** Models that values are stored of, smallest first. */
export const STORED_SIZES: readonly ModelSizes[] = [
  { width: 4, hidden_dim: 16, feature_dim: 16, heads: 2 },
  { width: 16, hidden_dim: 128, feature_dim: 64, heads: 8 },
  { width: 64, hidden_dim: 256, feature_dim: 128, heads: 8 },
];

/** The stored model that a model has most kernels in common with: of its width, or the next narrower. */
export function storedSizes({ width = 64 }: Partial<ModelSizes>): ModelSizes {
  return STORED_SIZES.findLast((sizes) => sizes.width <= width) ?? STORED_SIZES[0]!;
}

/** The cases of some parts for a stored model, each once. */
export function casesOf(parts: readonly Part[], sizes: ModelSizes): SelfTestCase[] {
  const makers: Record<Part, () => SelfTestCase[]> = {
    train: () => backboneCases(sizes, "train"),
    forward: () => backboneCases(sizes, "forward"),
    contrast: () => contrastCases(sizes),
    eval: () => [...backboneCases(sizes, "eval"), ...evaluationCases(sizes)],
    frozen: () => backboneCases(sizes, "frozen"),
    classifier: () => classifierCases(sizes),
  };
  const all = parts.flatMap((part) => makers[part]());
  return [...new Map(all.map((test) => [test.name, test])).values()];
}
