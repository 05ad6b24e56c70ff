/**
 * The `train` suite: clips a second of a whole pre-training step and of an evaluation pass, beside
 * PyTorch's on the same machine. Clips are made up, of 64 frames and two bodies.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { modelConfig } from "../model/config.ts";
import { disposeStep } from "../model/model_types.ts";
import { SkeAttnCLR } from "../model/skeattnclr.ts";
import { randomStream } from "../random.ts";
import { jointsOfParts } from "../skeleton/parts.ts";
import { startBackend } from "../tensor/backend.ts";
import { resolveDevice } from "../tensor/device_class.ts";
import { findPeer, INSTALL_PEER, runPeer } from "./peer.ts";
import type { BenchResult, BenchRun, Measurement } from "../../pipeline/bench/suite.ts";

const FRAMES = 64;
const BODIES = 2;

/** Measures training and evaluation, beside the peer. */
export const measureTraining: BenchRun = async (
  { backend, allowSoftware, numbers, runs, terminal },
): Promise<BenchResult> => {
  const { width = 8, batch = 8 } = numbers;
  const device = await resolveDevice({ backend, allowSoftware });
  const started = await startBackend(device.backend, { allowSoftware: device.software });
  terminal.err(`device: ${started.name} (${device.why})\n`);
  // The nearest queue to the released one that whole batches fill.
  const queue = Math.ceil(32768 / batch) * batch;
  const config = modelConfig({ width, hidden_dim: 4 * width, queue });
  const model = SkeAttnCLR.create(config, { bodies: BODIES, frames: FRAMES, classes: 60 }, 1);
  const [xq, xk] = [madeUp(batch, 1), madeUp(batch, 2)];
  const parts = [0, 3, 4];
  const step = (i: number) => {
    const shift = 1 + i % (batch - 1);
    const swap = { shift, parts, joints: jointsOfParts(parts), t0: 3, ct: 5 };
    const rates = { lr: 0.1, emaMomentum: 0.996, dropoutKey: [1, i] as const };
    const out = model.step(xq, xk, swap, rates);
    const total = tf.clone(out.total);
    disposeStep(out);
    return total;
  };
  const names = { train: `train width ${width} batch ${batch}`, eval: `eval width ${width}` };
  const measurements: Measurement[] = [];
  const measure = async (name: string, run: (i: number) => tf.Tensor) => {
    const values: number[] = [];
    for (let i = 0; i <= runs; i++) {
      const before = performance.now();
      const result = run(i);
      await result.data();
      result.dispose();
      const rate = batch / (performance.now() - before) * 1000;
      if (i > 0) values.push(rate); // the first run compiles
      terminal.err(`${name}: ${rate.toPrecision(3)} clips/s${i > 0 ? "" : " (not counted)"}\n`);
    }
    measurements.push({ name, unit: "clips/s", by: "skelrun", values });
  };
  await measure(names.train, step);
  await measure(names.eval, () => model.features(xq));
  tf.dispose([xq, xk]);
  model.dispose();
  const interpreter = await findPeer();
  if (interpreter === undefined) return { measurements, notes: [INSTALL_PEER] };
  const peer = await runPeer(interpreter, { width, batch, queue, runs });
  const of = (name: string, values: readonly number[]): Measurement => ({
    name,
    unit: "clips/s",
    by: peer.peer,
    values,
  });
  return {
    measurements: [
      ...measurements,
      of(names.train, peer.train_runs),
      of(names.eval, peer.eval_runs),
    ],
    notes: [`${peer.peer} runs on the CPU with all its threads`],
  };
};

function madeUp(clips: number, seed: number): tf.Tensor5D {
  const values = new Float32Array(clips * 3 * FRAMES * 25 * BODIES);
  randomStream(seed, "bench/clips").fillNormal(values, 0, 0.3);
  return tf.tensor5d(values, [clips, 3, FRAMES, 25, BODIES]);
}
