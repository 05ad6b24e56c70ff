import { assert, assertEquals } from "@std/assert";
import type { SafeTensor } from "../../stages/formats/safetensors.ts";
import { disposeStep } from "../../stages/model/model_types.ts";
import {
  clipTensors,
  filledModel,
  type ModelPart,
  swapOf,
} from "../../stages/parity/filled_model.ts";
import { startCpu } from "../../stages/tensor/cpu_backend.ts";

interface GoldenStep {
  lz: number;
  lp: number;
  lc: number;
  kz0: number[];
  ks0: number[];
  kns0: number[];
  gn: Record<string, number>;
  nograd: string[];
  databn_rm: number[];
  databn_rv: number[];
  projbn_rm: number[];
  projbn_nbt: number;
}

interface Golden extends Record<"joint" | "motion" | "bone", GoldenStep> {
  eval_logits: number[][];
  eval_z: number[];
  eval_mask: [number[], number, number[], number[]];
  names: [string, number[]][];
}

const golden: Golden = JSON.parse(
  await Deno.readTextFile(new URL("../goldens/golden_model.json", import.meta.url)),
);
await startCpu();

const part = (view: ModelPart["view"]): ModelPart => ({
  view,
  feature_dim: 16,
  K: 32,
  hc: 8,
  hd: 32,
  heads: 4,
  classes: 5,
  Lambda: 2,
  tau: 0.2,
  m: 0.996,
  mu: 0.5,
  off: 0,
});
const CLIPS = { N: 4, phase: 0 };
const DEAD = "neck.proj_obj.";

/** Names of the goldens' predictors; the method's two letters changed since they were recorded. */
const MODULES: Record<string, string> = {
  encoder_q: "",
  predictor: "predictor",
  predictor_p: "predictor_s",
  predictor_c: "predictor_ns",
};

function assertNear(actual: ArrayLike<number>, expected: number[], tolerance: number, of: string) {
  expected.forEach((value, i) => {
    const gap = Math.abs(actual[i]! - value);
    assert(gap <= tolerance, `${of}[${i}]: expected ${value}, found ${actual[i]}`);
  });
}

function floats(tensors: Map<string, SafeTensor>, name: string): Float32Array {
  const tensor = tensors.get(name);
  assert(tensor?.dtype === "F32", name);
  return tensor.data;
}

Deno.test("the query encoder has the recorded names and shapes, in the recorded order", async () => {
  const model = filledModel(part("joint"));
  const own = [...await model.exportWeights()]
    .filter(([name]) => !/running_|num_batches/.test(name))
    .map(([name, { shape }]) => [name, shape]);
  assertEquals(own, golden.names.filter(([name]) => !name.startsWith(DEAD)));
  model.dispose();
});

for (const view of ["joint", "motion", "bone"] as const) {
  Deno.test(`one step on the ${view} stream gives the recorded losses, keys, gradients and statistics`, async () => {
    const wanted = golden[view];
    const model = filledModel(part(view));
    const { xq, xk } = clipTensors(CLIPS, 0);
    const before = new Map([
      ...await model.exportWeights(),
      ...await model.exportWeights("predictors"),
    ]);
    const swap = swapOf({ shift: 1, parts: [0, 3, 4], t0: 3, Ct: 5 });
    // With a learning rate of 1 and no decay, a weight moves by its gradient.
    const out = model.step(xq, xk, swap, {
      lr: 1,
      emaMomentum: 1,
      dropoutKey: [0, 0],
      weightDecay: 0,
    });
    const losses = [out.L_z, out.L_s, out.L_ns].map((loss) => loss.dataSync()[0]!);
    assertNear(losses, [wanted.lz, wanted.lp, wanted.lc], 2e-5, "loss");
    assertNear(out.k_z.dataSync(), wanted.kz0, 3e-6, "k_z");
    assertNear(out.k_s.dataSync(), wanted.ks0, 3e-6, "k_s");
    assertNear(out.k_ns.dataSync(), wanted.kns0, 3e-6, "k_ns");
    disposeStep(out);
    const after = new Map([
      ...await model.exportWeights(),
      ...await model.exportWeights("predictors"),
    ]);
    const moved = (name: string) => {
      const old = floats(before, name);
      return Math.hypot(...floats(after, name).map((x, i) => x - old[i]!));
    };
    for (const [name, norm] of Object.entries(wanted.gn)) {
      const [module, ...rest] = name.split(".");
      const own = [MODULES[module!], ...rest].filter((word) => word !== "").join(".");
      const found = moved(own);
      assert(Math.abs(found - norm) <= 1e-3 * norm, `${own}: expected ${norm}, found ${found}`);
    }
    for (const name of wanted.nograd.map((name) => name.replace("encoder_q.", ""))) {
      if (!name.startsWith(DEAD)) assertEquals(moved(name), 0, name);
    }
    assertNear(floats(after, "backbone.data_bn.running_mean"), wanted.databn_rm, 2e-6, "data mean");
    assertNear(floats(after, "backbone.data_bn.running_var"), wanted.databn_rv, 2e-6, "data var");
    assertNear(floats(after, "neck.proj.mlp.1.running_mean"), wanted.projbn_rm, 2e-6, "proj mean");
    assertEquals(
      after.get("neck.proj.mlp.1.num_batches_tracked")!.data[0],
      BigInt(wanted.projbn_nbt),
    );
    assertEquals(after.get("backbone.data_bn.num_batches_tracked")!.data[0], 2n);
    model.dispose();
    xq.dispose();
    xk.dispose();
  });
}

Deno.test("evaluation with fresh statistics gives the recorded scores, embeddings and mask", () => {
  const model = filledModel(part("joint"));
  const { xq } = clipTensors(CLIPS, 0);
  assertNear(model.logits(xq).dataSync(), golden.eval_logits.flat(), 2e-5, "logits");
  assertNear(model.embed(xq).dataSync(), golden.eval_z, 1e-5, "z");
  const [shape, mean, first, last] = golden.eval_mask;
  const mask = model.mask(xq);
  const values = mask.dataSync<"float32">();
  assertEquals(mask.shape, shape);
  assertNear([values.reduce((sum, x) => sum + x, 0) / values.length], [mean], 1e-5, "mean");
  assertNear(values, first, 1e-5, "first token");
  assertNear(values.slice(-4), last, 1e-5, "last token");
  model.dispose();
});
