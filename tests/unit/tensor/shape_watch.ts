/**
 * Runs pre-training steps as the stage does and prints, as JSON, the kernels whose outputs have
 * shapes that V8 holds as floats. Wants `--v8-flags=--allow-natives-syntax`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { augmentParams } from "../../../stages/augment/definition.ts";
import { drawSwap, drawView } from "../../../stages/augment/draws.ts";
import { resolvePolicy } from "../../../stages/augment/policy.ts";
import { modelConfig } from "../../../stages/model/config.ts";
import { SkeAttnCLR } from "../../../stages/model/skeattnclr.ts";
import { augmentViews } from "../../../stages/tensor/augment_ops.ts";
import { startCpu } from "../../../stages/tensor/cpu_backend.ts";

const wholeNumbers = new Function("a", "return %HasSmiElements(a)") as (a: number[]) => boolean;

await startCpu();
const clips = 4, frames = 16, seen = new Set<string>();
let kernels = 0;
const engine = tf.engine();
const runKernel = engine.runKernel.bind(engine);
engine.runKernel = (name, inputs, attributes) => {
  const result = runKernel(name, inputs, attributes);
  const tensors = (Array.isArray(result) ? result : [result]) as tf.TensorInfo[];
  kernels++;
  for (const { shape } of tensors) {
    if (shape.length > 0 && !wholeNumbers(shape)) seen.add(`${name} [${shape}]`);
  }
  return result as never;
};

const policy = resolvePolicy(augmentParams.parse({ seed: 1 }), frames);
for (const stream of ["joint", "motion", "bone"] as const) {
  const sizes = { width: 2, hidden_dim: 8, feature_dim: 8, heads: 2, queue: 8 };
  const config = modelConfig({ ...sizes, stream, dropout: 0.5 });
  const model = SkeAttnCLR.create(config, { bodies: 2, frames, classes: 3 }, 1);
  for (let step = 0; step < 2; step++) {
    const view = (of: "query" | "key") =>
      augmentViews(
        tf.randomNormal([clips, 3, frames, 25, 2]) as tf.Tensor5D,
        Array.from({ length: clips }, (_, i) => drawView(policy, of, step, i)),
        policy.crop.pad,
      );
    const options = { lr: 0.01, emaMomentum: 0.99, dropoutKey: [1, step] as const };
    model.step(view("query"), view("key"), drawSwap(policy, step, 0, clips), options);
    model.features(view("query"));
  }
}
console.log(JSON.stringify({ kernels, floats: [...seen] }));
