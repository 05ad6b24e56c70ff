import { assertEquals, assertRejects } from "@std/assert";
import { UnusableInput } from "../../../stages/formats/unusable_input.ts";
import { readPreparedParams } from "../../../stages/prepared/read/definition.ts";
import readPrepared from "../../../stages/prepared/read/entry.ts";
import { writePreparedParams } from "../../../stages/prepared/write/definition.ts";
import writePrepared from "../../../stages/prepared/write/entry.ts";
import { normalizeParams } from "../../../stages/normalize/definition.ts";
import normalize from "../../../stages/normalize/entry.ts";
import split from "../../../stages/split/entry.ts";
import { openClips } from "../../../stages/clips/clip_store.ts";
import { pythonTest } from "../formats/python.ts";
import { digests, runStage, type StageRun, temporaryFolder } from "../parse/stage_run.ts";
import { contentOf, NAMES, positionsOf, SPLITS, writeSmallClips } from "./small_clips.ts";

/** A folder with an empty one for each name. */
async function folders(...names: string[]) {
  const folder = await temporaryFolder();
  for (const name of names) await Deno.mkdir(`${folder.path}/${name}`);
  return folder;
}

type Params = Readonly<Record<string, unknown>>;

async function write(
  folder: string,
  params: Params,
  inputs: Readonly<Record<string, string>> = { raw: `${folder}/raw` },
): Promise<StageRun> {
  const parsed = writePreparedParams.parse(params);
  return await runStage(writePrepared, parsed, inputs, { prepared: `${folder}/prepared` });
}

async function read(folder: string, params: Params = {}, from = "prepared"): Promise<StageRun> {
  const parsed = readPreparedParams.parse(params);
  const inputs = { prepared: `${folder}/${from}` };
  return await runStage(readPrepared, parsed, inputs, { raw: `${folder}/again` });
}

for (const form of ["ctr_gcn", "st_gcn", "pyskl"] as const) {
  Deno.test(`${form}: clips that are written are read again, with their split`, async () => {
    for (const bodies of [2, 1]) {
      await using folder = await folders("raw", "prepared", "again");
      const { path } = folder;
      await writeSmallClips(`${path}/raw`, { bodies });
      await write(path, { form, frames: form === "pyskl" ? undefined : 20 });
      const run = await read(path, { form, bodies });
      const before = await contentOf(`${path}/raw`);
      const after = await contentOf(`${path}/again`);
      // Forms with two sides hold no clip that is on neither.
      const kept = form === "pyskl" ? NAMES.length : NAMES.length - 1;
      assertEquals(after, { ...before, clips: before.clips.slice(0, kept), splits: SPLITS });
      assertEquals(run.metrics, { clips: kept, excluded: 0 });
      assertEquals(run.facts.raw?.clips_given_train, 5);
      assertEquals(run.facts.raw?.dataset, "ntu");
      assertEquals(run.warnings, []);
    }
  });

  Deno.test(`${form}: the same clips give the same bytes, and the form is told from the files`, async () => {
    await using folder = await folders("raw", "prepared", "again");
    const { path } = folder;
    await writeSmallClips(`${path}/raw`);
    await write(path, { form });
    const first = await digests(`${path}/prepared`);
    await Deno.remove(`${path}/prepared`, { recursive: true });
    await Deno.mkdir(`${path}/prepared`);
    await write(path, { form });
    assertEquals(await digests(`${path}/prepared`), first);
    await read(path);
    const report = JSON.parse(await Deno.readTextFile(`${path}/again/report.json`));
    assertEquals(report.prepared.form, form);
    assertEquals(report.prepared.padded_clips, form === "pyskl" ? 0 : 11);
  });
}

Deno.test("a packed .npz holds the same clips in fewer bytes", async () => {
  await using folder = await folders("raw", "prepared", "again");
  const { path } = folder;
  await writeSmallClips(`${path}/raw`);
  await write(path, { form: "ctr_gcn", compress: true });
  const { size } = await Deno.stat(`${path}/prepared/prepared.npz`);
  assertEquals(size < 11 * 300 * 150 * 4 / 10, true);
  await read(path, {}, "prepared/prepared.npz");
  const { clips } = await contentOf(`${path}/again`);
  assertEquals(clips, (await contentOf(`${path}/raw`)).clips.slice(0, 11));
});

Deno.test("float16 keypoints are those of the clips to three digits", async () => {
  await using folder = await folders("raw", "prepared", "again");
  const { path } = folder;
  await writeSmallClips(`${path}/raw`);
  await write(path, { form: "pyskl", keypoint: "float16" });
  await read(path);
  const before = await contentOf(`${path}/raw`);
  const after = await contentOf(`${path}/again`);
  const half = before.clips.map((clip) => ({
    ...clip,
    positions: Float32Array.from(Float16Array.from(clip.positions)),
  }));
  assertEquals(after.clips, half);
});

Deno.test("normalised clips and their split are written and read again", async () => {
  await using folder = await folders("raw", "clips", "split", "prepared", "again");
  const { path } = folder;
  await writeSmallClips(`${path}/raw`);
  const params = normalizeParams.parse({ frames: 16 });
  await runStage(normalize, params, { raw: `${path}/raw` }, { clips: `${path}/clips` });
  const inputs = { clips: `${path}/clips` };
  await runStage(split, { protocol: "xview" }, inputs, { split: `${path}/split` });
  await write(path, { form: "st_gcn" }, { clips: `${path}/clips`, split: `${path}/split` });
  await read(path, { protocol: "xview" });
  const { clips, splits } = await contentOf(`${path}/again`);
  const test = clips.flatMap(({ camera }, i) => camera === 1 ? [i] : []);
  assertEquals(splits, {
    xview: { train: clips.flatMap((_, i) => test.includes(i) ? [] : [i]), test },
  });
  await using store = await openClips(`${path}/clips`);
  const clip = await store.read([3]);
  assertEquals(clips[3]!.frames, 16);
  // (3, T, 25, M) against (T, M, 25, 3).
  const at = (c: number, t: number, v: number, m: number) => clip[((c * 16 + t) * 25 + v) * 2 + m]!;
  for (const [c, t, v, m] of [[0, 0, 3, 0], [2, 15, 24, 1], [1, 7, 11, 0]] as const) {
    assertEquals(clips[3]!.positions[((t * 2 + m) * 25 + v) * 3 + c], at(c, t, v, m));
  }
});

Deno.test("raw clips are written by the split of their normalised clips, matched by name", async () => {
  await using folder = await folders("raw", "fewer", "clips", "split", "prepared", "again");
  const { path } = folder;
  await writeSmallClips(`${path}/raw`);
  await writeSmallClips(`${path}/fewer`, { names: NAMES.slice(2), splits: {} });
  const params = normalizeParams.parse({ frames: 16 });
  await runStage(normalize, params, { raw: `${path}/fewer` }, { clips: `${path}/clips` });
  const clips = `${path}/clips`;
  await runStage(split, { protocol: "xview" }, { clips }, { split: `${path}/split` });
  const inputs = { raw: `${path}/raw`, split: `${path}/split` };
  await assertRejects(
    () => write(path, { form: "pyskl" }, inputs),
    UnusableInput,
    "the split is of 10 clips, found 12",
  );
  await write(path, { form: "pyskl" }, { ...inputs, clips });
  await read(path);
  const { splits, clips: again } = await contentOf(`${path}/again`);
  assertEquals(Object.keys(splits!), ["given", "xview"]);
  const { train, test } = splits!.xview!;
  assertEquals([...train, ...test].map((i) => again[i]!.name).sort(), NAMES.slice(2));
  assertEquals(test.every((i) => again[i]!.camera === 1), true);
});

Deno.test("what cannot be written is refused in a sentence that says what to do", async () => {
  await using folder = await folders("raw", "prepared", "none");
  const { path } = folder;
  await writeSmallClips(`${path}/raw`);
  await writeSmallClips(`${path}/none`, { splits: {} });
  const refused = async (
    words: string,
    params: Params,
    inputs: Readonly<Record<string, string>> = { raw: `${path}/raw` },
  ) => {
    await assertRejects(() => write(path, params, inputs), UnusableInput, words);
  };
  await refused(`${NAMES[11]} has 14 frames, more than the 10`, { form: "st_gcn", frames: 10 });
  await refused("give a split as the input split", { form: "ctr_gcn" }, { raw: `${path}/none` });
  await refused("expected the parameter protocol to be one of given", { protocol: "xsub" });
  await refused("expected the input raw (parsed recordings) or clips", {}, {});
});

await pythonTest(
  "numpy",
  "numpy and Python read the files that are written, as those of each form",
  async (run) => {
    await using folder = await folders("raw");
    const { path } = folder;
    await writeSmallClips(`${path}/raw`);
    for (const form of ["ctr_gcn", "st_gcn", "pyskl"]) {
      await Deno.remove(`${path}/prepared`, { recursive: true }).catch(() => {});
      await Deno.mkdir(`${path}/prepared`);
      await write(path, { form, frames: 20 });
      await Deno.rename(`${path}/prepared`, `${path}/${form}`);
    }
    // As the loaders of those projects reshape them: each gives (N, C, T, V, M).
    const script = `
import json, pickle, sys, numpy
at = sys.argv[1]
out = {}
with numpy.load(at + "/ctr_gcn/prepared.npz") as f:
    for side in ["train", "test"]:
        x, y = f["x_" + side], f["y_" + side]
        n, t, _ = x.shape
        out["ctr_gcn_" + side] = (x.reshape(n, t, 2, 25, 3).transpose(0, 4, 1, 3, 2), numpy.where(y > 0)[1])
for side, name in [("train", "train"), ("test", "val")]:
    with open(f"{at}/st_gcn/{name}_label.pkl", "rb") as f: names, labels = pickle.load(f)
    out["st_gcn_" + side] = (numpy.load(f"{at}/st_gcn/{name}_data.npy", mmap_mode="r"), numpy.array(labels))
    out["names_" + side] = names
with open(at + "/pyskl/prepared.pkl", "rb") as f: d = pickle.load(f)
by_name = {a["frame_dir"]: a for a in d["annotations"]}
for side, name in [("train", "given_train"), ("test", "given_val")]:
    x = numpy.zeros((len(d["split"][name]), 3, 20, 25, 2), "f4")
    for i, n in enumerate(d["split"][name]):
        k = by_name[n]["keypoint"]
        assert k.shape[1] == by_name[n]["total_frames"] and k.dtype == numpy.float32
        x[i, :, :k.shape[1], :, :k.shape[0]] = k.transpose(3, 1, 2, 0)
    out["pyskl_" + side] = (x, numpy.array([by_name[n]["label"] for n in d["split"][name]]))
same = [bool((out[f"{form}_{side}"][0] == out["pyskl_" + side][0]).all()
        and (out[f"{form}_{side}"][1] == out["pyskl_" + side][1]).all())
        for form in ["ctr_gcn", "st_gcn"] for side in ["train", "test"]]
x = out["pyskl_test"][0]
print(json.dumps([same, x.shape, x[1, 2, 3, 4, 0].item(), out["names_test"], [len(a["keypoint"]) for a in d["annotations"]]]))`;
    const bodies = NAMES.map((_, i) => i % 3 === 0 ? 2 : 1);
    const value = positionsOf(2, 2)[(3 * 2 * 25 + 4) * 3 + 2];
    const names = SPLITS.given!.test.map((i) => NAMES[i]);
    const found = await run(script, path);
    assertEquals(found, [[true, true, true, true], [6, 3, 20, 25, 2], value, names, bodies]);
  },
);
