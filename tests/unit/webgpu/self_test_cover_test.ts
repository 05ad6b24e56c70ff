import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { Classifier } from "../../../stages/model/classifier.ts";
import { modelConfig } from "../../../stages/model/config.ts";
import { disposeStep } from "../../../stages/model/model_types.ts";
import { SkeAttnCLR } from "../../../stages/model/skeattnclr.ts";
import { gpuBackend } from "../../../stages/tensor/webgpu/gpu_backend.ts";
import { selfTest } from "../../../stages/tensor/webgpu/self_test/self_test.ts";
import {
  type Part,
  STORED_SIZES,
} from "../../../stages/tensor/webgpu/self_test/self_test_cases.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";

const SIZES = STORED_SIZES[0]!;
const CONFIG = modelConfig({ ...SIZES, queue: 80 });
const DATA = { bodies: 2, frames: 16, classes: 10 };
const BATCH = 8;

const clips = () =>
  tf.tensor(Float32Array.from({ length: BATCH * 3 * 16 * 25 * 2 }, (_, i) => Math.sin(i)), [
    BATCH,
    3,
    16,
    25,
    2,
  ]) as tf.Tensor5D;

/** What a kernel does, without its sizes and tiles. */
function kind(key: string): string {
  return key.split(" ").filter((word) => !/\d|^(true|false)$/.test(word)).join(" ");
}

/** Kinds of kernels that work uses and the self-test of some parts does not. */
async function untested(parts: readonly Part[], work: () => void): Promise<string[]> {
  const { kernels } = await selfTest({ parts, sizes: SIZES });
  const tested = new Set([...kernels].map(kind));
  const backend = gpuBackend();
  backend.profile = new Map();
  work();
  const used = new Set([...backend.profile.keys()].map(kind));
  backend.profile = undefined;
  assert(used.size > 5);
  return [...used].filter((name) => !tested.has(name)).sort();
}

gpuTest("the self-test has every kind of kernel that pre-training and evaluation use", async () => {
  await startGpu();
  const model = SkeAttnCLR.create(CONFIG, DATA, 1);
  const swap = { shift: 1, parts: [0], joints: [0, 1, 2], t0: 0, ct: 1 };
  const step = () => {
    const [q, k] = [clips(), clips()];
    const options = { lr: 0.1, emaMomentum: 0.9, dropoutKey: [1, 2] as const };
    disposeStep(model.step(q, k, swap, options));
    tf.dispose([q, k]);
  };
  assertEquals(await untested(["train", "contrast"], step), []);
  const evaluate = () => {
    const x = clips();
    tf.dispose([model.features(x), model.embed(x), x]);
  };
  assertEquals(await untested(["eval"], evaluate), []);
  model.dispose();
});

gpuTest("the self-test has every kind of kernel that training with labels uses", async () => {
  await startGpu();
  const classifier = Classifier.create(CONFIG, DATA, 1);
  const labels = Int32Array.from({ length: BATCH }, (_, i) => i);
  const options = { lr: 0.1, momentum: 0.9, weightDecay: 0, clip: 1, dropoutKey: [1, 2] } as const;
  for (const mode of ["train", "eval"] as const) {
    const step = () => {
      const x = clips();
      tf.dispose([classifier.step(x, labels, { ...options, mode }), x]);
    };
    const part = mode === "train" ? "train" : "frozen";
    assertEquals(await untested([part, "eval", "classifier"], step), []);
  }
  classifier.dispose();
});
