import { assert, assertEquals, assertRejects } from "@std/assert";
import { encodeNpy } from "../../../stages/formats/npy.ts";
import {
  ArrayOut,
  type PickleOut,
  TupleOut,
  writePickle,
} from "../../../stages/formats/pickle_writer.ts";
import { UnusableInput } from "../../../stages/formats/unusable_input.ts";
import { readPreparedParams } from "../../../stages/prepared/read/definition.ts";
import readPrepared from "../../../stages/prepared/read/entry.ts";
import { pythonTest } from "../formats/python.ts";
import { zipOf } from "../formats/zip_fixture.ts";
import { runStage, type StageRun, temporaryFolder } from "../parse/stage_run.ts";
import { contentOf } from "./small_clips.ts";

/** Runs the stage on a path below a folder, and writes to `out` there. */
async function read(
  folder: string,
  at: string,
  params: Readonly<Record<string, unknown>> = {},
  strict = false,
): Promise<StageRun> {
  const out = `${folder}/out`;
  await Deno.remove(out, { recursive: true }).catch(() => {});
  await Deno.mkdir(out);
  const parsed = readPreparedParams.parse(params);
  return await runStage(
    readPrepared,
    parsed,
    { prepared: `${folder}/${at}` },
    { raw: out },
    strict,
  );
}

async function report(folder: string) {
  return JSON.parse(await Deno.readTextFile(`${folder}/out/report.json`));
}

/** Clips as others' scripts make them: name, label, frames; a second body in every other clip. */
const PYTHON_CLIPS = `
import numpy, pickle, sys, json, os
out = sys.argv[1]
names = ["S001C001P001R001A003", "S001C002P001R001A001", "S001C001P003R001A002", "S001C003P003R001A001"]
labels = [2, 0, 1, 0]
frames = [5, 3, 7, 4]
def clip(i):  # (T, M, V, C)
    x = numpy.zeros((frames[i], 2, 25, 3), "f4")
    x[:, 0] = numpy.arange(frames[i] * 75).reshape(frames[i], 25, 3) / 64 + i + 1
    if i % 2: x[:, 1] = -x[:, 0]
    return x
def padded(ids):  # (N, 10, 2, 25, 3)
    x = numpy.zeros((len(ids), 10, 2, 25, 3), "f4")
    for n, i in enumerate(ids): x[n, :frames[i]] = clip(i)
    return x
train, test = [3, 0], [1, 2]
hot = lambda ids: numpy.eye(3)[[labels[i] for i in ids]]
`;

/** What those clips must come out as, by name. */
function expected(i: number, bodies = 2) {
  const frames = [5, 3, 7, 4][i]!;
  const positions = new Float32Array(frames * bodies * 75);
  for (let t = 0; t < frames; t++) {
    for (let k = 0; k < 75; k++) {
      const x = (t * 75 + k) / 64 + i + 1;
      positions[t * bodies * 75 + k] = x;
      if (bodies === 2 && i % 2 === 1) positions[(t * 2 + 1) * 75 + k] = -x;
    }
  }
  return { frames, label: [2, 0, 1, 0][i]!, positions };
}

await pythonTest("numpy", "CTR-GCN's .npz as numpy writes it is read", async (run) => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await run(
    `${PYTHON_CLIPS}
x = lambda ids: padded(ids).reshape(len(ids), 10, 150)
numpy.savez(out + "/plain.npz", x_train=x(train), y_train=hot(train), x_test=x(test), y_test=hot(test))
numpy.savez_compressed(out + "/packed.npz", x_train=x(train).astype("f8"), x_test=x(test).astype(">f4"),
  y_train=numpy.array([labels[i] for i in train]), y_test=hot(test).astype("i8"))
numpy.savez(out + "/one_body.npz", x_train=x(train)[:, :, :75], y_train=hot(train))
print("null")`,
    path,
  );
  for (const file of ["plain.npz", "packed.npz"]) {
    const { facts } = await read(path, file);
    const { clips, splits, classes, dataset } = await contentOf(`${path}/out`);
    assertEquals(
      clips.map(({ name, frames, label, positions }) => ({ name, frames, label, positions })),
      [
        { name: "test_0000001", ...expected(1) },
        { name: "test_0000002", ...expected(2) },
        { name: "train_0000001", ...expected(3) },
        { name: "train_0000002", ...expected(0) },
      ],
    );
    assertEquals(splits, { given: { train: [2, 3], test: [0, 1] } });
    assertEquals([classes, dataset, facts.raw?.splits], [3, "prepared", "given"]);
  }
  const { warnings } = await read(path, "one_body.npz", { bodies: 1 });
  assertEquals(warnings, ["there is no x_test: the clips come without a split"]);
  const { clips, splits } = await contentOf(`${path}/out`);
  assertEquals([clips[0]!.positions, splits], [expected(3, 1).positions, {}]);
});

await pythonTest("numpy", "ST-GCN's folder as numpy and Python write it is read", async (run) => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await run(
    `${PYTHON_CLIPS}
for folder, data, protocol in [("data", "data", 2), ("position", "position", 4), ("joint", "data_joint", 0)]:
    os.mkdir(out + "/" + folder)
    for side, ids in [("train", train), ("val", test)]:
        numpy.save(f"{out}/{folder}/{side}_{data}.npy", padded(ids).transpose(0, 4, 1, 3, 2).copy())
        with open(f"{out}/{folder}/{side}_label.pkl", "wb") as f:
            pickle.dump(([names[i] + ".skeleton" for i in ids], [labels[i] for i in ids]), f, protocol)
with open(out + "/joint/val_label.pkl", "wb") as f:
    pickle.dump(([names[i] for i in test], numpy.array([labels[i] for i in test])), f)
print("null")`,
    path,
  );
  for (const name of ["data", "position", "joint"]) {
    await read(path, name, { protocol: "xsub" });
    const { clips, splits, dataset } = await contentOf(`${path}/out`);
    assertEquals(
      clips.map(({ name, subject, camera, frames, label, positions }) => [
        ...[name, subject, camera, { frames, label, positions }],
      ]),
      [
        ["S001C001P001R001A003", 1, 1, expected(0)],
        ["S001C001P003R001A002", 3, 1, expected(2)],
        ["S001C002P001R001A001", 1, 2, expected(1)],
        ["S001C003P003R001A001", 3, 3, expected(3)],
      ],
    );
    assertEquals(splits, { xsub: { train: [0, 3], test: [1, 2] } });
    assertEquals(dataset, "ntu");
  }
});

await pythonTest("numpy", "PYSKL's pickle as mmcv writes it is read", async (run) => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await run(
    `${PYTHON_CLIPS}
def annotation(i):
    k = clip(i).transpose(1, 0, 2, 3)
    if not i % 2: k = k[:1]
    return dict(frame_dir=names[i], label=labels[i], keypoint=k, total_frames=frames[i])
split = dict(xsub_train=[names[0], names[1]], xsub_val=[names[2], names[3], "S009C001P001R001A001"],
             xview_train=[names[1]], xview_val=[names[0]], odd=[names[0]])
for protocol in range(6):
    with open(f"{out}/{protocol}.pkl", "wb") as f:
        pickle.dump(dict(split=split, annotations=[annotation(i) for i in range(4)]), f, protocol)
with open(out + "/list.pkl", "wb") as f: pickle.dump([annotation(i) for i in range(4)], f)
print("null")`,
    path,
  );
  for (let protocol = 0; protocol <= 5; protocol++) {
    const { warnings } = await read(path, `${protocol}.pkl`);
    const { clips, splits, dataset } = await contentOf(`${path}/out`);
    assertEquals(
      clips.map(({ frames, label, positions }) => ({ frames, label, positions })),
      [0, 2, 1, 3].map((i) => expected(i)),
    );
    assertEquals(splits, {
      xsub: { train: [0, 2], test: [1, 3] },
      xview: { train: [2], test: [0] },
    });
    assertEquals(dataset, "ntu");
    assertEquals(warnings, ['the list "odd" has no counterpart to train or test, and is left out']);
    assertEquals((await report(path)).prepared.splits.xsub, { train: 2, test: 2, without_clip: 1 });
  }
  await read(path, "list.pkl", { form: "pyskl" });
  assertEquals((await contentOf(`${path}/out`)).splits, {});
});

/** An annotation whose pose has these numbers in turn. */
function annotation(
  name: string,
  values: readonly number[] = [1, 2, 3],
  shape = [1, 4, 25, 3],
): Map<string, PickleOut> {
  const size = shape.reduce((a, b) => a * b);
  const data = Float64Array.from({ length: size }, (_, i) => values[i % values.length]!);
  return new Map<string, PickleOut>([
    ["frame_dir", name],
    ["label", 1],
    ["total_frames", shape[1]!],
    ["keypoint", new ArrayOut(data, shape)],
  ]);
}

async function pyskl(
  folder: string,
  annotations: readonly PickleOut[],
  split: ReadonlyMap<string, PickleOut> = new Map(),
): Promise<string> {
  const file = `${crypto.randomUUID()}.pkl`;
  const value = new Map<string, PickleOut>([["split", split], ["annotations", annotations]]);
  await writePickle(`${folder}/${file}`, value);
  return file;
}

Deno.test("one bad clip costs none of the others, and the report says where it is and why", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const without = annotation("no label");
  without.delete("label");
  const huge = annotation("huge");
  huge.set("keypoint", new ArrayOut(new Float32Array(0), [1, 2 ** 40, 0, 3]));
  const file = await pyskl(path, [
    annotation("good"),
    annotation("nan", [1, 2, 3, NaN]),
    annotation("large", [1, 1e308, 3]),
    annotation("zero", [0]),
    annotation("good", [5]),
    without,
    annotation("seventeen", [1], [1, 4, 17, 3]),
    huge,
    annotation("tab\there"),
    "text",
    annotation("many", [1], [9, 4, 25, 3]),
    annotation("also good", [4], [3, 4, 25, 3]),
  ]);
  const { metrics, warnings } = await read(path, file);
  assertEquals(metrics, { clips: 2, excluded: 10 });
  const { excluded, prepared } = await report(path);
  assertEquals(
    excluded.map(({ name, reason }: { name: string; reason: string }) => `${name}: ${reason}`),
    [
      "annotations[1] (nan): expected finite coordinates within float32, found NaN as x of the " +
      "spine mid in frame 1",
      "annotations[2] (large): expected finite coordinates within float32, found Infinity as y of " +
      "the spine base in frame 1",
      "annotations[3] (zero): all its coordinates are zero",
      "annotations[4] (good): another clip is called good; the first one is kept",
      "annotations[5] (no label): expected a whole number from 0 as label, found nothing",
      "annotations[6] (seventeen): expected the 25 joints of Kinect v2 with x, y, z, found 17 joints " +
      "with 3 numbers each (poses in the image plane, such as HRNet's 17 COCO joints, are another " +
      "kind of data)",
      "annotations[7] (huge): expected the 25 joints of Kinect v2 with x, y, z, found 0 joints with " +
      "3 numbers each",
      'annotations[8] (tab\there): expected a name of printable text, found "tab\\there"',
      'annotations[9]: expected a dictionary, found the text "text"',
      "annotations[10] (many): expected 1 to 20000 frames and 1 to 8 bodies, found an array of " +
      "shape (9, 4, 25, 3)",
    ],
  );
  assertEquals(prepared.clips_with_bodies_left_off, 1);
  assert(warnings.some((line) => line.startsWith("1 clip had more than 2 bodies")));
  await assertRejects(() => read(path, file, {}, true), UnusableInput, "annotations[1] (nan)");
});

await pythonTest("numpy", "one array that many clips refer to is written once", async (run) => {
  await using folder = await temporaryFolder();
  await run(
    `${PYTHON_CLIPS}
k = clip(1).transpose(1, 0, 2, 3).copy()
clips = [dict(frame_dir=str(i), label=0, keypoint=k, total_frames=3) for i in range(5)]
with open(out + "/a.pkl", "wb") as f: pickle.dump(dict(split={}, annotations=clips), f, 4)
print("null")`,
    folder.path,
  );
  const { metrics } = await read(folder.path, "a.pkl");
  assertEquals(metrics, { clips: 1, excluded: 4 });
  const [{ name, reason }] = (await report(folder.path)).excluded;
  assertEquals(
    name + reason,
    "annotations[1]its keypoint is that of another clip; the first one keeps it",
  );
});

Deno.test("poses of other joints are refused at once", async () => {
  await using folder = await temporaryFolder();
  const file = await pyskl(folder.path, [annotation("a", [1], [1, 9, 17, 2])]);
  await assertRejects(
    () => read(folder.path, file),
    UnusableInput,
    "annotations[0] (a): expected the 25 joints of Kinect v2 with x, y, z, found 17 joints with 2 " +
      "numbers each (poses in the image plane",
  );
});

Deno.test("a clip on both sides of a split is refused", async () => {
  await using folder = await temporaryFolder();
  const split = new Map([["train", ["a", "b"]], ["val", ["c", "a"]]]);
  const file = await pyskl(folder.path, ["a", "b", "c"].map((name) => annotation(name)), split);
  await assertRejects(
    () => read(folder.path, file),
    UnusableInput,
    "split given: the clip a is among those that train and those that test",
  );
});

Deno.test("NTU's names decide the data set, unless the parameter does", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const ntu = await pyskl(path, [
    annotation("S001C002P003R001A002"),
    annotation("S001C002P004R001A009"),
  ]);
  const { warnings } = await read(path, ntu);
  assertEquals((await contentOf(`${path}/out`)).dataset, "ntu");
  assertEquals(
    warnings[0],
    "1 clip had another label than NTU's name says (its action less one); " +
      "the label counts",
  );
  await read(path, ntu, { dataset: "prepared" });
  assertEquals((await contentOf(`${path}/out`)).dataset, "prepared");
  const mixed = await pyskl(path, [annotation("S001C002P003R001A002"), annotation("b")]);
  await read(path, mixed);
  const { dataset, clips } = await contentOf(`${path}/out`);
  assertEquals([dataset, clips[0]!.subject, clips[1]!.subject], ["prepared", 3, 0]);
  await read(path, mixed, { dataset: "ntu" });
  assertEquals((await report(path)).excluded.length, 1);
});

Deno.test("clips that are centred already are told of", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const centred = (joint: number, name: string, frames: number[]) => {
    const clip = annotation(name);
    const data = new Float32Array(4 * 75).fill(1);
    for (const t of frames) data.fill(0, (t * 25 + joint) * 3, (t * 25 + joint + 1) * 3);
    clip.set("keypoint", new ArrayOut(data, [1, 4, 25, 3]));
    return clip;
  };
  const said = async (joint: number, frames: number[]) => {
    const clips = ["a", "b", "c"].map((name) => centred(joint, name, frames));
    const { warnings } = await read(path, await pyskl(path, clips));
    return warnings.filter((line) => line.includes("centred")).join();
  };
  assertEquals(
    await said(20, [0, 1, 2, 3]),
    "these clips are centred already: the spine shoulder (joint 20) is the origin in all frames of " +
      "most. They are taken as they are, and normalize works on top of that (centre: none and " +
      "yRotation: none leave them be)",
  );
  assert((await said(1, [0])).includes("the spine mid (joint 1) is the origin in the first frame"));
  assert(
    (await said(0, [0, 1, 2, 3])).includes(
      "with resize: linearPrefix it counts frames by that joint, and finds none",
    ),
  );
  assertEquals(await said(20, [1]), "");
  assertEquals((await report(path)).prepared.centred_clips.joint_20_in_all_frames, 0);
});

Deno.test("files of another kind, and ones that do not fit together, are refused by name", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const refused = (words: string, at: string, params = {}) =>
    assertRejects(() => read(path, at, params), UnusableInput, words);
  await refused("there is no such file or folder", "nowhere");
  await Deno.writeTextFile(`${path}/a.txt`, "text");
  await refused(`${path}/a.txt: expected a CTR-GCN .npz file`, "a.txt");
  await refused("st_gcn is a folder", "a.txt", { form: "st_gcn" });
  await Deno.mkdir(`${path}/empty`);
  await refused("found an empty folder", "empty");
  await refused("expected train_data.npy", "empty", { form: "st_gcn" });

  const x = encodeNpy(new Float32Array(2 * 3 * 150).fill(1), [2, 3, 150]);
  const y = encodeNpy(Float32Array.of(0, 1, 1, 0), [2, 2]);
  const npz = async (parts: Readonly<Record<string, Uint8Array>>) => {
    const files = Object.entries(parts).map(([name, text]) => ({ path: `${name}.npy`, text }));
    await Deno.writeFile(`${path}/a.npz`, zipOf(files));
    return "a.npz";
  };
  await refused("expected the arrays x_train, y_train, x_test, y_test, found y", await npz({ y }));
  await refused("expected an array called y_train, found x_train", await npz({ x_train: x }));
  await refused(
    "x_train: expected floats of shape (clips, frames, 75 or 150)",
    await npz({ x_train: y, y_train: y }),
  );
  const short = encodeNpy(Float32Array.of(1, 0), [1, 2]);
  await refused("y_train: expected (2, classes)", await npz({ x_train: x, y_train: short }));
  const two = encodeNpy(Float32Array.of(1, 1, 0, 0), [2, 2]);
  await refused("x_train[1]: y_train has no class for it", await npz({ x_train: x, y_train: two }));

  await Deno.mkdir(`${path}/st`);
  const data = encodeNpy(new Float32Array(2 * 3 * 4 * 25 * 2).fill(1), [2, 3, 4, 25, 2]);
  await Deno.writeFile(`${path}/st/train_data.npy`, data);
  await refused("expected train_label.pkl beside train_data.npy", "st");
  await writePickle(`${path}/st/train_label.pkl`, new TupleOut(["a"], [1]));
  await refused("train_label.pkl names 1 clips, found 2 here", "st");
  await Deno.remove(`${path}/st/train_label.pkl`);
  await writePickle(`${path}/st/train_label.pkl`, [["a", "b"], [1]]);
  await refused("expected a pair of lists of equal length", "st");
  await Deno.writeFile(`${path}/st/train_position.npy`, data);
  await refused("found train_data.npy, train_position.npy", "st");
  await Deno.writeTextFile(`${path}/evil.pkl`, "cos\nsystem\n(S'echo'\ntR.");
  await refused("found os.system, which is not read", "evil.pkl", { form: "pyskl" });
});
