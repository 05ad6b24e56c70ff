/**
 * What goes into a step of the model and what comes out of it.
 *
 * @module
 */
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import type { StreamKey } from "../random.ts";

/** What a step needs beside the two views and the swap. */
export interface StepOptions {
  /** Learning rate of this step. */
  readonly lr: number;
  /** Momentum m of the key encoder's moving average, used after the optimiser's step. */
  readonly emaMomentum: number;
  /** Key of this step's dropout masks (`streamKey(seed, "dropout", epoch, batch)`). */
  readonly dropoutKey: StreamKey;
  /** Added to the gradient of every trained tensor, times the tensor. Default 1e-4. */
  readonly weightDecay?: number;
  /** Momentum of the optimiser. Default 0.9. */
  readonly sgdMomentum?: number;
}

/**
 * What a step leaves on the device, all before the update: read it back whenever convenient, and
 * dispose of it ({@link disposeStep}).
 */
export interface StepOutput {
  /** Loss of the whole clip, L_z. */
  readonly L_z: Scalar;
  /** Loss of the salient part, L_s. */
  readonly L_s: Scalar;
  /** Loss of the non-salient part, L_ns. */
  readonly L_ns: Scalar;
  /** L_z + mu L_s + (1 - mu) L_ns. */
  readonly total: Scalar;
  /** Mean cosine of a query to its key, by term. */
  readonly positive: { readonly z: Scalar; readonly s: Scalar; readonly ns: Scalar };
  /** Mean cosine of a query to the queue, by term. */
  readonly negative: { readonly z: Scalar; readonly s: Scalar; readonly ns: Scalar };
  /** q_z (N, feature_dim), rows of length 1. */
  readonly q_z: Tensor2D;
  /** k_z (N, feature_dim), rows of length 1. */
  readonly k_z: Tensor2D;
  /** k_s, likewise. */
  readonly k_s: Tensor2D;
  /** k_ns, likewise. */
  readonly k_ns: Tensor2D;
}

/** Frees what a step left on the device. */
export function disposeStep(out: StepOutput): void {
  const { positive, negative, ...rest } = out;
  for (
    const tensor of [
      ...Object.values(rest),
      ...Object.values(positive),
      ...Object.values(negative),
    ]
  ) tensor.dispose();
}
