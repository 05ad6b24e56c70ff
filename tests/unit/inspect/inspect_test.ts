import { createHash } from "node:crypto";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { hashFile, listFiles, treeDigest } from "../../../pipeline/tree.ts";
import { encodeNpy } from "../../../stages/formats/npy.ts";
import { UnusableInput } from "../../../stages/formats/unusable_input.ts";
import { inspectFiles } from "../../../stages/inspect/inspect_files.ts";
import { inspectPath } from "../../../stages/inspect/inspect_path.ts";
import { inspectionText } from "../../../stages/inspect/inspection_text.ts";
import type { Inspection } from "../../../stages/inspect/inspection.ts";
import { normalizeParams } from "../../../stages/normalize/definition.ts";
import normalizeMain from "../../../stages/normalize/entry.ts";
import { parseCustomParams } from "../../../stages/parse/custom/definition.ts";
import parseMain from "../../../stages/parse/custom/entry.ts";
import { clipFile, laidOut, writeFiles, zipped } from "../parse/custom_fixture.ts";
import { runStage, temporaryFolder } from "../parse/stage_run.ts";
import { sampleFiles } from "./sample_files.ts";

const strict = { sanitizeOps: true, sanitizeResources: true };
const SAMPLES = await sampleFiles();

async function look(path: string, all = false): Promise<Inspection> {
  return await inspectPath(path, { all, progress: () => {} });
}

async function lookInto(name: string, bytes: Uint8Array | string): Promise<Inspection> {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, { [name]: bytes });
  return await look(`${folder.path}/${name}`);
}

const facts = (inspection: Inspection) =>
  Object.fromEntries(inspection.facts.map(({ name, value }) => [name, value]));

/** What each sample is, some of its figures, and how many clips can be drawn. */
const EXPECTED: Readonly<Record<string, [what: string, known: Record<string, unknown>, number]>> = {
  "S001C002P003R001A004.skeleton": ["an NTU RGB+D recording (.skeleton text)", {
    "name says": { setup: 1, camera: 2, performer: 3, replication: 1, action: 4 },
    frames: 4,
    bodies: { ids: 2, most_in_a_frame: 2, records: 4 },
    "frames without a body": 1,
    x: [1, 13.375],
    "not finite": 0,
  }, 1],
  "a01_s02_e03_v01.json": ["a Northwestern-UCLA recording (JSON, 20 joints of Kinect v1)", {
    frames: 4,
    label: 1,
    x: [1, 1.375],
    y: [2, 3.1875],
    z: [3, 3],
  }, 1],
  "0002-L.txt": ["a PKU-MMD video (skeleton text, 150 numbers a frame)", {
    frames: 8,
    "frames with two bodies": 4,
    "not finite": 0,
  }, 1],
  "0002-L_labels.txt": ["labels of a PKU-MMD video (class, start, end, confidence)", {
    actions: 2,
    classes: [3, 7],
    "last frame": 20,
  }, 0],
  "cross-view.txt": ["a split of PKU-MMD (lists of training and validation videos)", {
    "training videos": 1,
    "validation videos": 2,
  }, 0],
  "clips.csv": ["a table of clips, as parse_custom reads it", {
    clips: 2,
    labels: 2,
    subjects: 2,
    "split xsub": { train: 1, test: 1 },
  }, 0],
  "clip.npy": ["a numpy array (.npy)", {
    shape: [2, 6, 25, 3],
    type: "f4",
    "read as": "MTVC",
    x: [1, 6],
    "not finite": 0,
  }, 1],
  "data.npy": ["a numpy array (.npy)", {
    shape: [5, 3, 6, 25, 2],
    "read as": "NCTVM",
    x: [1, 10],
    z: [1.0078125, 10.0078125],
    "clips of zeros alone": 0,
  }, 5],
  "label.npy": ["a numpy array (.npy)", {
    shape: [5],
    type: "i8",
    values: [0, 2],
    "different values": [0, 1, 2],
    "of each": [1, 2],
  }, 0],
  "names.npy": ["a numpy array (.npy)", { texts: 2, first: ["first", "second"] }, 0],
  "weights.safetensors": ["tensors by name (.safetensors)", {
    tensors: 2,
    numbers: 7,
    shapes: { "a.weight": [2, 3], "b.count": [] },
    values: [-2, 6],
  }, 0],
  "train_label.pkl": [
    "names and labels as ST-GCN's, CrosSCLR's and AimCLR's label files (pickle)",
    { names: 3, labels: 3, "labels used": [0, 2] },
    0,
  ],
  "ntu.pkl": ["annotations as PYSKL's and MMAction2's (pickle)", {
    annotations: 2,
    "split xsub_train": 1,
    "split xsub_val": 1,
    "labels used": [3, 8],
    frames: [6],
    keypoint: ["(2, T, 25, 3) f4"],
  }, 2],
  "ctr.npz": ["a prepared file as CTR-GCN's (.npz of x_train, y_train, x_test, y_test)", {
    arrays: ["x_train", "y_train", "x_test", "y_test"],
    "x_train: read as": "NTB",
    "x_train: x": [1, 9],
    "y_train: one-hot labels": { classes: 3, of_each: [1, 2] },
    "x_test: shape": [1, 6, 150],
  }, 4],
  "recordings.zip": ["a zip archive", {
    files: 2,
    "by extension": { ".skeleton": 2 },
    actions: [1, 2],
    "looked into": { "an NTU RGB+D recording (.skeleton text)": 2 },
    frames: { shortest: 1, median: 2, longest: 2 },
  }, 2],
  "split.json": [
    "a split into training and test clips (split/1)",
    { protocol: "xsub", folds: 0 },
    0,
  ],
  "notes.txt": ["text of no form that is known here", { lines: 2 }, 0],
};

for (const [name, [what, known, figures]] of Object.entries(EXPECTED)) {
  Deno.test(`${name} is told for what it is, with counts and ranges`, strict, async () => {
    const inspection = await lookInto(name, SAMPLES[name]!);
    assertEquals(inspection.what, what);
    assertEquals(inspection.problems, []);
    const found = facts(inspection);
    assertEquals(Object.fromEntries(Object.keys(known).map((key) => [key, found[key]])), known);
    assertEquals(inspection.figures.length, figures);
  });
}

Deno.test("every sample has its expectation", () => {
  assertEquals(Object.keys(SAMPLES).sort(), Object.keys(EXPECTED).sort());
});

Deno.test("files are known by what they hold, whatever they are called", strict, async () => {
  for (
    const [name, other] of [
      ["clip.npy", "clip.dat"],
      ["recordings.zip", "archive"],
      ["S001C002P003R001A004.skeleton", "first.txt"],
      ["weights.safetensors", "weights.bin"],
      ["ntu.pkl", "ntu"],
    ] as const
  ) {
    assertEquals((await lookInto(other, SAMPLES[name]!)).what, EXPECTED[name]![0]);
  }
});

Deno.test("what is wrong is said with its line or place", strict, async () => {
  const text = new TextDecoder().decode(SAMPLES["S001C002P003R001A004.skeleton"]);
  const lines = text.split("\n");
  lines[7] = lines[7]!.replace(/^\S+/, "x1.5");
  const skeleton = await lookInto("S001C002P003R001A004.skeleton", lines.join("\n"));
  assertEquals(skeleton.problems.length, 1);
  assertEquals(skeleton.problems[0]!.line, 8);
  assertStringIncludes(skeleton.problems[0]!.reason, 'found "x1.5"');

  const array = new Float32Array(4 * 75).fill(1);
  array[2 * 75 + 7 * 3 + 2] = -Infinity;
  const npy = await lookInto("a.npy", encodeNpy(array, [4, 25, 3]));
  assertEquals(npy.problems, [{
    reason: "[2, 7, 2] is -Infinity, the first number that is not finite",
  }]);
  const cut = await lookInto("a.npy", encodeNpy(array, [4, 25, 3]).slice(0, -1));
  assertStringIncludes(cut.problems[0]!.reason, "for shape (4, 25, 3), found");

  const table = await lookInto("clips.csv", "name,label\na,1\nb,1,2\n");
  assertEquals(table.problems, [{
    line: 3,
    reason: '"b": expected 2 fields, as the first line has, found 3',
  }]);
  const labels = await lookInto("0002-L.txt", "7,3,12,2\n3,9,4,1\n");
  assertEquals(labels.problems.map(({ line }) => line), [2]);
  const pickle = await lookInto("a.pkl", "cposix\nsystem\n(S'echo'\ntR.");
  assertStringIncludes(pickle.problems[0]!.reason, "posix.system");
  const empty = await lookInto("a.npy", "");
  assertEquals([empty.what, empty.problems.length], ["an empty file", 1]);
});

Deno.test("files that others read are named with what to do", strict, async () => {
  const hdf5 = await lookInto(
    "a.h5",
    Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a),
  );
  assertEquals(hdf5.what, "an HDF5 file");
  assertStringIncludes(hdf5.problems[0]!.reason, "save its arrays as .npy");
  const torch = await lookInto("epoch.pt", await zipped({ "archive/data.pkl": "x" }));
  assertEquals(torch.what, "a PyTorch file, which runs code when it is loaded");
  const gzip = await lookInto("a.tar.gz", Uint8Array.of(0x1f, 0x8b, 8));
  assertStringIncludes(gzip.problems[0]!.reason, "unpack it first");
});

Deno.test("a folder is counted by kind, and a damaged file in it named", strict, async () => {
  await using folder = await temporaryFolder();
  const skeleton = SAMPLES["S001C002P003R001A004.skeleton"]!;
  await writeFiles(folder.path, {
    "a/S001C001P001R001A001.skeleton": skeleton,
    "a/S001C001P002R001A001.skeleton": skeleton.subarray(0, 2000),
    "a/odd.skeleton": skeleton,
    "more.zip": SAMPLES["recordings.zip"]!,
    "clips.csv": SAMPLES["clips.csv"]!,
  });
  const inspection = await look(folder.path);
  assertEquals(inspection.what, "a folder");
  const found = facts(inspection);
  assertEquals(found["by extension"], { ".skeleton": 5, ".csv": 1 });
  assertEquals(found.performers, [1, 2]);
  assertEquals(found["with problems"], 1);
  assertEquals(inspection.problems.map(({ file }) => file), [
    undefined,
    "a/S001C001P002R001A001.skeleton",
  ]);
  assertStringIncludes(
    inspection.problems[0]!.reason,
    "1 name of .skeleton files not of NTU's form",
  );
  assert(inspection.problems[1]!.line! > 1);
});

Deno.test("of many files a sample is looked into, and all if asked", strict, async () => {
  await using folder = await temporaryFolder();
  const files = Object.fromEntries(
    Array.from({ length: 80 }, (_, i) => [`${String(i).padStart(2, "0")}.npy`, clipFile(i, 2)]),
  );
  files["33.npy"] = new Uint8Array(3);
  await writeFiles(folder.path, files);
  const some = await look(folder.path);
  assertEquals(facts(some)["looked into"], { "a numpy array (.npy)": 60 });
  assert(some.notes.some((note) => note.startsWith("Looked into 60 of 80 files, evenly spread")));
  const all = await look(folder.path, true);
  assertEquals(facts(all)["looked into"], { "a numpy array (.npy)": 80 });
  assertEquals(all.problems.map(({ file }) => file), ["33.npy"]);
});

Deno.test(
  "artifacts of parsed and normalised clips are told with classes and splits",
  strict,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await writeFiles(`${path}/in`, {
      "a.npy": clipFile(1, 5),
      "b.npy": clipFile(2, 9),
      "c.npy": "no array",
      "clips.csv": "name,label,subject,split_xsub\na,walk,1,train\nb,sit,2,test\nc,sit,3,test\n",
    });
    for (const name of ["raw", "clips"]) await Deno.mkdir(`${path}/${name}`);
    await runStage(
      parseMain,
      parseCustomParams.parse({}),
      { recordings: `${path}/in` },
      { raw: `${path}/raw` },
    );
    await runStage(
      normalizeMain,
      normalizeParams.parse({ frames: 8 }),
      { raw: `${path}/raw` },
      { clips: `${path}/clips` },
    );
    const raw = await look(`${path}/raw`);
    assertEquals(raw.what, "parsed recordings (raw_clips/1)");
    const found = facts(raw);
    assertEquals(found.classes, { classes: 2, used: 2, of_each: [1, 1] });
    assertEquals(found["class names"], ["sit", "walk"]);
    assertEquals(found["split xsub"], { train: 1, test: 1 });
    assertEquals([found.excluded, found.subjects], [1, [1, 2]]);
    assertStringIncludes(raw.notes.join(), "Excluded c.npy: not an .npy file");
    const clips = await look(`${path}/clips`);
    assertEquals(clips.what, "normalised clips (clips/1)");
    assertEquals([facts(clips).frames, clips.problems, clips.figures.length], [8, [], 2]);
    await Deno.truncate(`${path}/clips/clips-00000.npy`, 400);
    const cut = await look(`${path}/clips`);
    assertStringIncludes(cut.problems[0]!.reason, "clips-00000.npy: expected");
    assert(!cut.problems[0]!.reason.includes(path), "the folder is not named twice");
  },
);

Deno.test("a path with nothing at it says how to get at a stage's results", strict, async () => {
  await assertRejects(() => look("/no/such/place"), UnusableInput, "STAGE.OUTPUT");
});

Deno.test("text wraps, shows the first problems and does not act on the terminal", () => {
  const text = inspectionText("p\u001b[31m", {
    what: "a thing",
    facts: [{ name: "one", value: 1 }, { name: "longer", value: [1], text: "a\nb" }],
    notes: ["A note."],
    problems: Array.from({ length: 20 }, (_, i) => ({ file: `f${i}`, line: i, reason: "bad" })),
    figures: [],
  }, 80);
  assertEquals(text.split("\n").slice(0, 6), [
    "p?[31m: a thing",
    "  one     1",
    "  longer  a",
    "          b",
    "A note.",
    "20 problems:",
  ]);
  assertStringIncludes(text, "  f3:3: bad");
  assertStringIncludes(text, "and 8 more (--json has them)");
});

Deno.test("of many recordings with NTU's names it is said how much of the data set is there", async () => {
  const bytes = SAMPLES["S001C002P003R001A004.skeleton"]!;
  const two = (value: number) => String(value).padStart(3, "0");
  const files = [1, 2, 5].flatMap((setup) =>
    Array.from({ length: 3 * 60 * 10 }, (_, i) => {
      const [camera, action, performer] = [i % 3, Math.floor(i / 3) % 60, Math.floor(i / 180)];
      const name =
        `S${two(setup)}C${two(camera + 1)}P${two(performer + 1)}R001A${two(action + 1)}` +
        ".skeleton";
      return { name, path: name, read: () => Promise.resolve(bytes) };
    })
  );
  const findings = await inspectFiles("a folder", files, { all: false, progress: () => {} });
  const known = facts(findings)["of ntu60"] as Record<string, number>;
  assertEquals([known.expected, known.found! + known.listed!], [56_578, 5_400]);
  assert(known.listed! > 0, "some are on the list");
  assertStringIncludes(findings.notes.join(), "Of nturgbd_skeletons_s001_to_s017.zip ");
  assertEquals(findings.problems, []);
});

Deno.test(
  "a folder of one file is looked into as the file, a link that leads nowhere is told",
  strict,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await writeFiles(`${path}/one`, { "clip.npy": SAMPLES["clip.npy"]! });
    const one = await look(`${path}/one`);
    assertEquals(one.what, "a folder of one file, clip.npy: a numpy array (.npy)");
    assertEquals([facts(one)["read as"], one.figures.length], ["MTVC", 1]);
    await Deno.symlink(`${path}/nowhere`, `${path}/one/link.npy`);
    const two = await look(`${path}/one`);
    assertEquals(two.problems.map(({ file }) => file), ["link.npy"]);
    await Deno.remove(`${path}/one/clip.npy`);
    const lost = await look(`${path}/one`);
    assertEquals(lost.what, "a folder of one file, link.npy: a file that cannot be read");
  },
);

Deno.test(
  "arrays of every arrangement of axes have the same ranges and the same first figure",
  strict,
  async () => {
    const sizes = { N: 8, T: 7, V: 25, C: 3, M: 2 };
    const place = ({ T, V, C }: Readonly<Record<string, number>>) => 10 * C! + T! / 8 + V! / 64 + 1;
    const [x, y, z] = [0, 1, 2].map((c) => [10 * c + 1, 10 * c + 1 + 6 / 8 + 24 / 64]);
    let first: unknown;
    for (
      const [layout, shape, letters] of [
        ["TVC", undefined, "TVC"],
        ["CTV", undefined, "CTV"],
        ["MTVC", undefined, "MTVC"],
        ["TMVC", undefined, "TMVC"],
        ["CTVM", undefined, "CTVM"],
        ["NTVC", undefined, "NTVC"],
        ["NCTV", undefined, "NCTV"],
        ["NCTVM", undefined, "NCTVM"],
        ["NMTVC", undefined, "NMTVC"],
        ["NTMVC", undefined, "NTMVC"],
        ["TMVC", [7, 150], "TB"],
        ["NTMVC", [8, 7, 150], "NTB"],
      ] as const
    ) {
      const array = laidOut(layout, sizes, place);
      const bytes = encodeNpy(Float32Array.from(array.data), shape ?? array.shape);
      for (const name of ["a.npy", "a.npz"]) {
        const inspection = await lookInto(
          name,
          name === "a.npy" ? bytes : await zipped({ "a.npy": bytes }),
        );
        const found = facts(inspection);
        const key = (fact: string) => found[name === "a.npy" ? fact : `a: ${fact}`];
        assertEquals([key("read as"), key("x"), key("y"), key("z")], [letters, x, y, z], layout);
        assertEquals(key("frames"), 7, layout);
        const { frames } = inspection.figures[0]!;
        const drawn = frames.map(({ number, bodies }) => [number, bodies[0]]);
        first ??= drawn;
        assertEquals(drawn, first, layout);
        assertEquals(frames[0]!.bodies.length, /[MB]/.test(letters) ? 2 : 1, layout);
      }
    }
  },
);

Deno.test(
  "the digest of a file is sha256sum's, that of an artifact the store's",
  strict,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await writeFiles(path, {
      "split/split.json": '{ "format": "split/1", "protocol": "xsub", "subset": { "draw": 3 } }',
      "split/names.txt": "a\nb\n",
      "split/more/deep.csv": "x",
      "plain/a.csv": "x",
      "plain/b.csv": "y",
    });
    const split = await look(`${path}/split`);
    assertEquals(split.what, "a subset of training clips, as a split (split/1)");
    const tree = [];
    for (const name of await listFiles(`${path}/split`, "refuse")) {
      tree.push({ name, ...await hashFile(`${path}/split/${name}`) });
    }
    assertEquals(tree.length, 3);
    assertEquals(facts(split).digest, treeDigest(tree));
    assertEquals(facts(split)["names.txt"], { lines: 2 });
    assertEquals(
      facts(await look(`${path}/split/more/deep.csv`)).sha256,
      createHash("sha256").update("x").digest("hex"),
    );
    // A folder that is no artifact has none: it may be a data set of a hundred gigabytes.
    assertEquals(facts(await look(`${path}/plain`)).digest, undefined);
    await Deno.symlink(`${path}/nowhere`, `${path}/split/link`);
    assertStringIncludes((await look(`${path}/split`)).problems[0]!.reason, "No such file");
  },
);

Deno.test("results and t-SNE are told by their figures", strict, async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const figures = { members: 5, n: 40, top1_last: { mean: 71.25, spread: 1.5 } };
  await writeFiles(path, {
    "result/result.json": JSON.stringify({
      format: "result/2",
      title: "pre-trained",
      source: "an encoder",
      protocol: "xsub",
      classes: 10,
      train: 80,
      test: 40,
      chance: { uniform: 10 },
      varied: ["initialisation", "subset"],
      summary: { finetune: { ...figures, top1_best: { mean: 75, spread: 2 } } },
    }),
    "tsne/tsne.json": JSON.stringify({
      format: "tsne/1",
      title: "t-SNE",
      note: "It is no evidence.",
      protocol: "xsub",
      clips: 90,
      chance_purity: 12.34,
      pictures: [{
        input: "trained",
        member: "encoder",
        features: { purity: { 5: 80 }, silhouette: 0.1 },
        plane: { purity: { 5: 85 }, silhouette: null },
      }],
    }),
  });
  const result = await look(`${path}/result`);
  assertEquals(result.what, "a result (result/2)");
  const text = inspectionText("r", result, 100);
  assertStringIncludes(
    text,
    "top-1 71.3 % ± 1.5, best on test 75.0 % ± 2.0 (mean of 5)",
  );
  assertStringIncludes(text, "initialisation, subset");
  const tsne = await look(`${path}/tsne`);
  assertEquals(tsne.what, "features laid out by t-SNE (tsne/1)");
  assertEquals(tsne.notes, ["It is no evidence."]);
  assertStringIncludes(inspectionText("t", tsne, 100), "in the plane 85.0 % of 5 nearest\n");
  assertEquals(facts(tsne)["purity by chance"], 12.34);
  // A description of another form is a fault, and no crash.
  await writeFiles(path, { "odd/result.json": '{ "format": "result/2" }' });
  const odd = await look(`${path}/odd`);
  assertStringIncludes(odd.problems[0]!.reason, "does not hold what result/2 says");
});
