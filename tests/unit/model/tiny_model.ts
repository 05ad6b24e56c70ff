/**
 * A model and clips small enough for tests.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { SwapDraw } from "../../../stages/augment/draw_types.ts";
import { type DataShape, type ModelConfig, modelConfig } from "../../../stages/model/config.ts";
import { disposeStep, type StepOutput } from "../../../stages/model/model_types.ts";
import type { SkeAttnCLR } from "../../../stages/model/skeattnclr.ts";
import { randomStream } from "../../../stages/random.ts";
import { jointsOfParts } from "../../../stages/skeleton/parts.ts";

/** Its parameters. */
export const TINY: ModelConfig = modelConfig({
  width: 2,
  hidden_dim: 8,
  feature_dim: 6,
  heads: 2,
  queue: 9,
  init: "pytorch",
});

/** Its data. */
export const TINY_DATA: DataShape = { bodies: 2, frames: 8, classes: 3 };

const SWAP: SwapDraw = { shift: 1, parts: [0, 3], joints: jointsOfParts([0, 3]), t0: 0, ct: 1 };

/** Three made-up clips of a step. */
export function tinyClips(step: number, { bodies, frames }: DataShape = TINY_DATA): tf.Tensor5D {
  const values = new Float32Array(3 * 3 * frames * 25 * bodies);
  randomStream(11, "test/clips", step).fillNormal(values);
  return tf.tensor5d(values, [3, 3, frames, 25, bodies]);
}

/** One step, on clips of its own. */
export function tinyStep(model: SkeAttnCLR, step: number): StepOutput {
  const [xq, xk] = [tinyClips(2 * step, model.data), tinyClips(2 * step + 1, model.data)];
  const out = model.step(xq, xk, SWAP, { lr: 0.05, emaMomentum: 0.9, dropoutKey: [7, step] });
  tf.dispose([xq, xk]);
  return out;
}

/** One step whose outcome nobody looks at. */
export function quietStep(model: SkeAttnCLR, step: number): void {
  disposeStep(tinyStep(model, step));
}

/** The bytes of everything that a model would go on from. */
export async function bytesOf(model: SkeAttnCLR): Promise<string> {
  const parts: string[] = [];
  for (const [name, { data }] of await model.state()) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength) as Uint8Array<
      ArrayBuffer
    >;
    parts.push(`${name} ${new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex()}`);
  }
  return parts.join("\n");
}
