/**
 * A classifier small enough for tests, on the backend in use.
 *
 * @module
 */
import type { Tensor5D } from "@tensorflow/tfjs-core";
import { Classifier, type ClassifierStep } from "../../../stages/model/classifier.ts";
import type { Clips } from "../../../stages/model/present_bodies.ts";
import { TINY, TINY_DATA, tinyClips } from "./tiny_model.ts";

/** Classes of the three made-up clips. */
export const TINY_LABELS = Int32Array.of(2, 0, 1);

/** A classifier with first weights from a seed. */
export function tinyClassifier(seed = 1): Classifier {
  return Classifier.create(TINY, TINY_DATA, seed);
}

/** One step on clips of its own (or those given); returns the loss. */
export function classifierStep(
  classifier: Classifier,
  step: number,
  options: Partial<ClassifierStep> = {},
  clips: Clips = tinyClips(step, classifier.data),
): number {
  const loss = classifier.step(clips, TINY_LABELS, {
    lr: 0.05,
    momentum: 0.9,
    weightDecay: 0,
    mode: "eval",
    dropoutKey: [7, step],
    clip: null,
    ...options,
  });
  const value = loss.dataSync()[0]!;
  loss.dispose();
  if (!("each" in clips)) (clips as Tensor5D).dispose();
  return value;
}

/** All bytes of everything that a classifier would go on from, by name. */
export async function classifierBytes(
  classifier: Classifier,
): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries(
    [...await classifier.state()].map(([name, { data }]) => [
      name,
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength).toHex(),
    ]),
  );
}
