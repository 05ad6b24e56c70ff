/**
 * Sizes of a model that the texts of kernels hang on.
 *
 * @module
 */

/** See the module. */
export interface ModelSizes {
  readonly width: number;
  readonly hidden_dim: number;
  readonly feature_dim: number;
  readonly heads: number;
}
