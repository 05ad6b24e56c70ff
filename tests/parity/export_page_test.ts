/** What docs/export.md says of weights in PyTorch: its loader is run, and its table is held to the files. */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { encodeNpy, readNpy } from "../../stages/formats/npy.ts";
import { decodeSafetensors } from "../../stages/formats/safetensors.ts";
import { readEncoder, readMember, writeMembers } from "../../stages/encode/encoder_artifact.ts";
import { Classifier } from "../../stages/model/classifier.ts";
import { modelConfig } from "../../stages/model/config.ts";
import { SkeAttnCLR } from "../../stages/model/skeattnclr.ts";
import { startCpu } from "../../stages/tensor/cpu_backend.ts";
import { pythonTest } from "../unit/formats/python.ts";
import { TinyRun } from "../unit/pretrain/tiny_run.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/export.md", import.meta.url));
const [LOADER, USE] = [...PAGE.matchAll(/^```python\n([^]*?)^```$/gm)].map((match) => match[1]!);

/** Compares what the page's lines gave with files that lie in the folder. */
const COMPARE = `
def difference(got, file):
    want = np.load(file)
    assert got.shape == want.shape, (got.shape, want.shape)
    return float(np.abs(got.numpy() - want).max() / np.abs(want).max())

found.append({"features": difference(features, "features.npy") if os.path.exists("features.npy") else None,
              "logits": difference(logits, "logits.npy"), "rows": len(logits)})
`;

interface Compared {
  /** Null where there are none to compare with. */
  readonly features: number | null;
  readonly logits: number;
  readonly rows: number;
}

/** Python that does what the page shows, in one folder after the other; PyTorch takes seconds to load. */
function script(folders: readonly string[], use = USE!): string {
  const runs = folders.map((folder) => `os.chdir(${JSON.stringify(folder)})\n${use}\n${COMPARE}`);
  return `import os\nfound = []\n${LOADER}\n${runs.join("\n")}\nprint(json.dumps(found))`;
}

/** Saves a matrix of the device. */
async function save(file: string, matrix: tf.Tensor2D): Promise<void> {
  const values = await matrix.data<"float32">() as Float32Array<ArrayBuffer>;
  await Deno.writeFile(file, encodeNpy(values, matrix.shape));
  matrix.dispose();
}

/** Pre-trains and encodes; puts what the page expects, and what it should find, into one folder. */
async function trained(stream: string, bodies: 1 | 2): Promise<TinyRun> {
  const run = await TinyRun.make({ bodies, frames: 8 });
  await run.pretrain("trained", { stream, epochs: 2, knn: { every: 0 }, mask: { clips: 0 } });
  await run.encode("encoded", "trained");
  const { home } = run;
  const encoder = run.output("trained", "encoder");
  await Deno.symlink(encoder, `${home}/encoder`);
  const { shape, data } = await readNpy(`${home}/clips/clips-00000.npy`, "f4", 5);
  const [count] = shape as [number, number, number, number, number];
  // The first file may hold fewer clips than there are.
  const features = `${run.output("encoded", "features")}/encoder.npy`;
  const { shape: [, dim], data: values } = await readNpy(features, "f4", 2);
  await Deno.writeFile(
    `${home}/features.npy`,
    encodeNpy(values.slice(0, count * dim!), [count, dim!]),
  );
  const { config, data: kind } = await readEncoder(encoder);
  const model = SkeAttnCLR.create({ ...config, queue: 1 }, kind, 0);
  model.loadWeights(await readMember(encoder, "encoder"));
  const clips = tf.tensor(data, [...shape]);
  await save(`${home}/logits.npy`, model.logits(clips));
  clips.dispose();
  model.dispose();
  return run;
}

await pythonTest(
  "numpy, torch",
  "the page's loader gives an exported encoder's features and logits, of every stream, of one body and two",
  async (python) => {
    await using joint = await trained("joint", 1);
    await using motion = await trained("motion", 2);
    await using bone = await trained("bone", 2);
    const homes = [joint, motion, bone].map(({ home }) => home);
    const found = await python(script(homes)) as Compared[];
    assertEquals(found.length, 3);
    for (const { rows, features, logits } of found) {
      assert(rows > 1);
      assert(features! < 1e-4 && logits < 1e-4, `${features}, ${logits}`);
    }
  },
);

await pythonTest(
  "numpy, torch",
  "the page's loader gives a trained classifier's logits, blocks of all three kinds",
  async (python) => {
    await startCpu();
    const home = await Deno.makeTempDir();
    try {
      // hidden_dim is not 4 times width: the last block has a convolution in its residual too.
      const config = {
        width: 2,
        hidden_dim: 6,
        dropout: 0.5,
        stream: "bone",
        init: "pytorch",
      } as const;
      const model = Classifier.create(config, { frames: 8, bodies: 2, classes: 5 }, 4);
      const shape: [number, number, number, number, number] = [6, 3, 8, 25, 2];
      const clips = tf.randomNormal(shape, 0, 0.5, "float32", 7) as tf.Tensor5D;
      const options = { lr: 0.1, momentum: 0.9, weightDecay: 0, clip: null } as const;
      for (let step = 0; step < 3; step++) {
        model.step(clips, Int32Array.of(0, 1, 2, 3, 4, 0), {
          ...options,
          mode: "train",
          dropoutKey: [1, step],
        }).dispose();
      }
      await writeMembers(home, new Map([["classifier", await model.weights()]]));
      await Deno.writeFile(
        `${home}/clips.npy`,
        encodeNpy(await clips.data<"float32">() as Float32Array<ArrayBuffer>, shape),
      );
      await save(`${home}/logits.npy`, model.logits(clips));
      clips.dispose();
      model.dispose();
      const use = `
features, logits = forward(load("classifier.safetensors"), torch.from_numpy(np.load("clips.npy")), "bone")`;
      const [found] = await python(script([home], use)) as [Compared];
      assertEquals(found.rows, 6);
      assert(found.logits < 1e-4, JSON.stringify(found));
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
);

Deno.test("the page's table has every tensor of an encoder, with its shape, and no other", async () => {
  await using run = await TinyRun.make({ frames: 8 });
  // Sizes that are all different, so that no two letters stand for one number by chance.
  const params = { width: 3, hidden_dim: 10, feature_dim: 7, heads: 2, members: 1 };
  await run.untrained("untrained", params);
  const { width: w, hidden_dim: D, feature_dim: F } = modelConfig(params);
  const file = `${run.output("untrained", "encoder")}/untrained0.safetensors`;
  const { tensors } = decodeSafetensors(await Deno.readFile(file), file);
  const outs = [w, w, w, w, 2 * w, 2 * w, 2 * w, 4 * w, 4 * w, D];
  const expected = new Map<string, readonly number[]>();
  for (
    const [, names, shapes] of PAGE.matchAll(
      /^\| (`(?:backbone|neck)[^|]*?) *\| (\([^|]*?\)) *\|/gm,
    )
  ) {
    const [first, ...others] = [...names!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
    const stem = first!.replace(/\.[^.]+$/, "");
    const all = [first!, ...others.map((other) => `${stem}.${other}`)];
    const each = [...shapes!.matchAll(/\(([^)]*)\)/g)].map((match) => match[1]!.split(", "));
    const blocks = first!.includes(".i") ? range(10) : [0];
    for (const i of blocks) {
      const isResidual = first!.includes(".residual.");
      const changes = i === 4 || i === 7 || outs[i] !== (outs[i - 1] ?? 3);
      if (isResidual && (i === 0 || !changes)) continue;
      const values = { C: outs[i]!, Cin: outs[i - 1] ?? 3, w, D, F, classes: 2 };
      const sizes = (shape: readonly string[]) =>
        shape.map((term) => {
          const [, factor, letter] = /^(\d*)([A-Za-z]*)$/.exec(term)!;
          return Number(factor || 1) * (letter ? values[letter as keyof typeof values] : 1);
        });
      all.forEach((name, at) => {
        const shape = sizes(each[at] ?? each[0]!);
        const here = name.replace(/\.i(?=\.|$)/, `.${i}`);
        if (!here.endsWith(".*")) expected.set(here, shape);
        else {
          const norm = here.slice(0, -2);
          for (const part of ["weight", "bias", "running_mean", "running_var"]) {
            expected.set(`${norm}.${part}`, shape);
          }
          expected.set(`${norm}.num_batches_tracked`, []);
        }
      });
    }
  }
  const found = [...tensors].map(([name, { shape }]) => [name, shape] as const);
  assertEquals(Object.fromEntries(expected), Object.fromEntries(found));
});

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
