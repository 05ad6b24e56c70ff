/**
 * The tensors of a backbone that is trained with labels. Imports no tensor library.
 *
 * @module
 */
import { type DataShape, modelConfig } from "./config.ts";
import { encoderSpecs, type ParameterSpec } from "./parameters.ts";

/** The class scores' layer. */
export const CLASSIFIER_LAYER = "backbone.fc.";

/**
 * The tensors of a backbone and its classifier, in PyTorch's order: those of an encoder but for its
 * neck, and the classifier trained like the rest.
 */
export function backboneSpecs(
  { width, hidden_dim }: { readonly width: number; readonly hidden_dim: number },
  data: DataShape,
): ParameterSpec[] {
  // What else a model has is of no matter to its backbone.
  const config = modelConfig({ width, hidden_dim });
  return encoderSpecs(config, data)
    .filter(({ name }) => name.startsWith("backbone."))
    .map((spec) => spec.role === "idle" ? { ...spec, role: "trained" } : spec);
}
