import { assert } from "@std/assert";
import { pythonTest } from "../formats/python.ts";
import { TinyRun } from "../pretrain/tiny_run.ts";
import { encoded, FRAMES, QUICK } from "./encoded.ts";

const TORCH = `
import json, sys, numpy as np, torch, torch.nn.functional as F
sys.path.insert(0, ${JSON.stringify(new URL("../../../peer/", import.meta.url).pathname)})
from torch_encoder import load_safetensors
encoder, training = load_safetensors(sys.argv[1]), load_safetensors(sys.argv[2])
def mlp(w, name, x, train):
    h = F.linear(x, w[name + ".mlp.0.weight"].flatten(1))
    p = {k: w[name + ".mlp.1." + k] for k in ("running_mean", "running_var", "weight", "bias")}
    return F.linear(F.relu(F.batch_norm(h, training=train, **p)), w[name + ".mlp.3.weight"].flatten(1))
z = mlp(encoder, "neck.proj", torch.from_numpy(np.load(sys.argv[3])), False)
got = F.normalize(mlp(training, "predictor", z, False), dim=1).numpy()
print(json.dumps(float(np.abs(got - np.load(sys.argv[4])).max())))
`;

await pythonTest("numpy, torch", "PyTorch gives the same predictor features", async (python) => {
  await using run = await TinyRun.make({ frames: FRAMES });
  await run.pretrain("trained", QUICK);
  const file = async (name: string, params: object) =>
    `${(await encoded(run, name, { ...params })).output("features")}/encoder.npy`;
  const difference = await python(
    TORCH,
    `${run.output("trained", "encoder")}/encoder.safetensors`,
    `${run.output("trained", "training")}/training.safetensors`,
    await file("pooled", {}),
    await file("predictor", { features: "predictor" }),
  );
  assert(difference as number < 2e-5, `difference ${difference}`);
});
