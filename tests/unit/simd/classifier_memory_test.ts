/** The memory that is stated of training with labels and of evaluation, beside the memory that they take. */
import { assert } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { Classifier } from "../../../stages/model/classifier.ts";
import { classifierBytes } from "../../../stages/model/classifier_memory.ts";
import { modelConfig } from "../../../stages/model/config.ts";
import { evaluationBytes } from "../../../stages/model/evaluation_memory.ts";
import { SkeAttnCLR } from "../../../stages/model/skeattnclr.ts";
import { addSupervisedOps } from "../../../stages/tensor/simd/supervised_start.ts";
import { startSimd } from "./kernels.ts";

interface Sizes {
  readonly width: number;
  readonly hidden_dim: number;
  readonly frames: number;
  readonly bodies: number;
  readonly batch: number;
  readonly stream: "joint" | "motion" | "bone";
}

const QUICK: readonly Sizes[] = [
  { width: 16, hidden_dim: 128, frames: 32, bodies: 1, batch: 8, stream: "joint" },
  { width: 8, hidden_dim: 32, frames: 32, bodies: 1, batch: 24, stream: "bone" },
  { width: 64, hidden_dim: 256, frames: 32, bodies: 1, batch: 3, stream: "motion" },
];

const WHOLE: readonly Sizes[] = [
  { width: 16, hidden_dim: 128, frames: 32, bodies: 1, batch: 32, stream: "joint" },
  { width: 16, hidden_dim: 64, frames: 64, bodies: 2, batch: 32, stream: "joint" },
  { width: 64, hidden_dim: 256, frames: 64, bodies: 2, batch: 16, stream: "bone" },
];

async function start() {
  const { pool } = await startSimd(2);
  addSupervisedOps();
  return pool;
}

/** Stated over taken; partial sums of small batches are fewer than the most there may be. */
function assertStated(stated: number, taken: number): void {
  const ratio = stated / taken;
  const mib = (taken / 2 ** 20).toFixed(1);
  assert(ratio >= 1 && ratio < 1.25, `${mib} MiB were taken, ${ratio} times that stated`);
}

for (const sizes of Deno.env.has("SKELRUN_LONG") ? [...QUICK, ...WHOLE] : QUICK) {
  const { width, hidden_dim, frames, bodies, batch, stream } = sizes;
  const name = `${width}/${hidden_dim}, ${batch} clips of ${bodies}`;
  const data = { frames, bodies, classes: 60 };
  const clips = () => tf.randomNormal([batch, 3, frames, 25, bodies], 0, 1, "float32", 5);

  for (const mode of ["eval", "train"] as const) {
    Deno.test(`the memory stated of a classifier's step holds, by less than a quarter too much (${name}, ${mode})`, async () => {
      const pool = await start();
      const config = { width, hidden_dim, dropout: 0.5, stream, init: "pytorch" } as const;
      const classifier = Classifier.create(config, data, 1);
      for (let step = 0; step < 2; step++) {
        const x = clips();
        const loss = classifier.step(x, new Int32Array(batch), {
          lr: 0.01,
          momentum: 0.9,
          weightDecay: 0,
          mode,
          dropoutKey: [1, step],
          clip: 1,
        });
        tf.dispose([x, loss]);
      }
      assertStated(classifierBytes(config, data, batch, mode), pool.bytes.peak);
      classifier.dispose();
    });
  }

  Deno.test(`the memory stated of evaluation and calibration holds, by less than a quarter too much (${name})`, async () => {
    const config = modelConfig({ width, hidden_dim, stream, queue: 64, init: "pytorch" });
    for (const calibrates of [false, true]) {
      const pool = await start();
      const model = SkeAttnCLR.create(config, data, 1);
      const x = clips();
      if (calibrates) await model.calibrate([x]);
      else tf.dispose(model.features(x));
      x.dispose();
      assertStated(evaluationBytes(config, data, batch), pool.bytes.peak);
      model.dispose();
    }
  });
}
