/**
 * Cases of the self-test for what a step does beside its passes: augmentation before them, updates after.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor5D } from "@tensorflow/tfjs-core";
import type { Policy } from "../../../augment/policy.ts";
import { KeyQueue } from "../../../model/key_queue.ts";
import { swapParts, toStream } from "../../augment_ops.ts";
import { drawnViews } from "../../drawn_views.ts";
import { FlatTensors } from "../../flat_tensors.ts";
import type { ModelSizes } from "./model_sizes.ts";
import { evenNumbers, type SelfTestCase } from "./self_test_case.ts";

const JOINTS = 25;
const BODIES = 2;

/** Frames of clips: those of the data sets, but for toys. */
export const framesOf = ({ width }: ModelSizes) => width < 16 ? 16 : 64;

/** One-pass updates of flat buffers, with more parts than any device binds at once. */
export const updates: SelfTestCase = {
  name: "updates",
  run(_tape, _inputs, say) {
    const slots = Array.from({ length: 30 }, (_, i) => ({ name: `${i}`, inner: [30 + 5 * i] }));
    const size = slots.reduce((sum, { inner }) => sum + inner[0]!, 0);
    const trained = new FlatTensors(slots, evenNumbers(size, 1));
    const momenta = new FlatTensors(slots, evenNumbers(size, 2));
    const options = { lr: 0.1, momentum: 0.9, weightDecay: 1e-2 };
    const gradients = slots.map(({ inner }, i) => tf.tensor1d(evenNumbers(inner[0]!, 3 + i)));
    const buffer = trained.descend(gradients, momenta.flat, options);
    const all = (tensors: FlatTensors) => tf.concat1d(tensors.views as Tensor1D[]);
    say("sgd", all(trained));
    say("sum of the momenta", tf.sum(buffer));
    if (buffer !== momenta.flat) buffer.dispose();
    const average = new FlatTensors(slots, evenNumbers(size, 40));
    average.follow(trained.views, 0.9);
    say("ema", all(average));
    average.dispose();
    momenta.dispose();
    trained.dispose();
    const queue = new KeyQueue(evenNumbers(96, 4), 8);
    queue.push(tf.tensor2d(evenNumbers(32, 5), [4, 8]));
    queue.push(tf.tensor2d(evenNumbers(32, 6), [4, 8]));
    say("enqueue", tf.clone(queue.keys));
    queue.dispose();
    return undefined;
  },
};

const policy = (frames: number): Policy => ({
  format: "policy/1",
  frames,
  seed: 5,
  crop: {
    enabled: true,
    ratio: 6,
    pad: Math.floor(frames / 6),
    starts: 2 * Math.floor(frames / 6) + 1,
  },
  shear: { enabled: true, amplitude: 0.5 },
  rotate: { degrees: [10, 20, 30] },
  resize: { shortest: 0.6 },
  swap: { enabled: true, parts: [2, 3], tokens: [1, 2], tokens_total: 2, frames_per_token: 4 },
  random: {
    generator: "threefry2x32-20",
    streams: {
      query: { crop: "q/crop", shear: "q/shear", rotate: "q/rotate", resize: "q/resize" },
      key: { crop: "k/crop", shear: "k/shear", rotate: "k/rotate", resize: "k/resize" },
      swap: "swap",
    },
  },
});

/** Views, part swaps and streams. */
export function augmentation(sizes: ModelSizes): SelfTestCase {
  const frames = framesOf(sizes);
  return {
    name: `augmentation of ${frames} frames`,
    constants: { clips: { shape: [3, 3, frames, JOINTS, BODIES] } },
    run(_tape, inputs, say) {
      const clips = inputs.clips as Tensor5D;
      const draws = { policy: policy(frames), view: "query", epoch: 2 } as const;
      const indices = Uint32Array.of(3, 1, 1000);
      say("drawnViews", drawnViews(clips, { ...draws, indices }));
      const swap = { shift: 1, parts: [0, 3], joints: [1, 2, 5, 20], t0: 1, ct: 2 };
      say("swapParts", swapParts(clips, swap, 4));
      for (const stream of ["motion", "bone"] as const) {
        say(`toStream ${stream}`, toStream(clips, stream));
      }
      return undefined;
    },
  };
}
