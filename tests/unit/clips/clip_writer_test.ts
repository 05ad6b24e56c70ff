import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { openClips } from "../../../stages/clips/clip_store.ts";
import { type ClipInfo, ClipWriter } from "../../../stages/clips/clip_writer.ts";
import { writeJson } from "../../../stages/formats/json_text.ts";
import { pythonTest } from "../formats/python.ts";

const strict = { sanitizeOps: true, sanitizeResources: true };
const KIND = { dataset: "toy", frames: 4, bodies: 2, classes: 3, class_names: ["a", "b", "c"] };
const LENGTH = 3 * 4 * 25 * 2;

function info(i: number): ClipInfo {
  const name = `clip${String(i).padStart(3, "0")}`;
  return { name, label: i % 3, subject: i, camera: i % 2, setup: 7, replication: 1 };
}

/** Clip i holds 1000 i + its own indices. */
async function writeClips(folder: string, clips: number, clipsPerShard: number): Promise<void> {
  const writer = new ClipWriter(folder, KIND, 4096 + clipsPerShard * LENGTH * 4);
  for (let i = 0; i < clips; i++) {
    const room = writer.next();
    assertEquals(room.length, LENGTH);
    for (let j = 0; j < LENGTH; j++) room[j] = 1000 * i + j;
    await writer.add(info(i));
  }
  writer.exclude("bad", "it is bad");
  await writer.close();
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test(
  "clips come back by index, in any order, across shards",
  strict,
  () =>
    inFolder(async (folder) => {
      await writeClips(folder, 10, 4);
      await using store = await openClips(folder);
      assertEquals(store.meta.shards, [4, 4, 2]);
      assertEquals([store.size, store.clipLength], [10, LENGTH]);
      const indices = [9, 3, 4, 5, 5, 0, 1, 2, 3, 4];
      const into = new Float32Array(12 * LENGTH).fill(-1);
      assert(await store.read(Uint32Array.from(indices), into, LENGTH) === into);
      assert(into.subarray(0, LENGTH).every((value) => value === -1));
      assert(into.subarray(11 * LENGTH).every((value) => value === -1));
      indices.forEach((index, n) => {
        for (const j of [0, 1, LENGTH - 1]) {
          assertEquals(into[(n + 1) * LENGTH + j], 1000 * index + j, `clip ${index} at ${n}`);
        }
      });
      assertEquals((await store.read([7]))[3], 7003);
      assertEquals((await store.read([])).length, 0);
    }),
);

Deno.test("what is known of each clip comes back", strict, () =>
  inFolder(async (folder) => {
    await writeClips(folder, 5, 100);
    await using store = await openClips(folder);
    assertEquals(store.labels, Int32Array.of(0, 1, 2, 0, 1));
    assertEquals(await store.names(), ["clip000", "clip001", "clip002", "clip003", "clip004"]);
    assertEquals(await store.attribute("subjects"), Int32Array.of(0, 1, 2, 3, 4));
    assertEquals(await store.attribute("cameras"), Int32Array.of(0, 1, 0, 1, 0));
    assertEquals(await store.attribute("setups"), Int32Array.of(7, 7, 7, 7, 7));
    assertEquals(await store.attribute("replications"), Int32Array.of(1, 1, 1, 1, 1));
    assertEquals(store.meta.excluded, [{ name: "bad", reason: "it is bad" }]);
    assertEquals(store.meta.class_names, ["a", "b", "c"]);
  }));

Deno.test(
  "no shard is larger than it may be, and all but the last are full",
  strict,
  () =>
    inFolder(async (folder) => {
      const limit = 4096 + 3 * LENGTH * 4 + 100;
      const writer = new ClipWriter(folder, KIND, limit);
      for (let i = 0; i < 7; i++) {
        writer.next().fill(i);
        await writer.add(info(i));
      }
      assertEquals((await writer.close()).shards, [3, 3, 1]);
      for (const shard of [0, 1, 2]) {
        assert((await Deno.stat(`${folder}/clips-0000${shard}.npy`)).size <= limit);
      }
      assertThrows(() => new ClipWriter(folder, KIND, 100), RangeError, "fits no shard");
    }),
);

Deno.test("what cannot be read is refused by name", strict, () =>
  inFolder(async (folder) => {
    await writeClips(folder, 5, 2);
    {
      await using store = await openClips(folder);
      await assertRejects(() => store.read([5]), RangeError, "no clip 5 of 5");
      await assertRejects(() => store.read([-1]), RangeError, "no clip -1");
      await assertRejects(
        () => store.read([0, 1], new Float32Array(LENGTH)),
        RangeError,
        "no room",
      );
    }
    const meta = JSON.parse(await Deno.readTextFile(`${folder}/meta.json`));
    await writeJson(`${folder}/meta.json`, { ...meta, clips: 6 });
    await assertRejects(() => openClips(folder), Error, "the shards hold 5 clips, expected 6");
    await writeJson(`${folder}/meta.json`, { ...meta, clips: 6, shards: [2, 2, 2] });
    await assertRejects(() => openClips(folder), Error, "labels.npy: expected 6 numbers");
    await writeJson(`${folder}/meta.json`, { ...meta, frames: 8 });
    await assertRejects(() => openClips(folder), Error, "expected f4 of shape (2, 3, 8, 25, 2)");
    await writeJson(`${folder}/meta.json`, { ...meta, format: "clips/9" });
    await assertRejects(() => openClips(folder), Error, 'found "clips/9"');
  }));

await pythonTest("numpy", "numpy.load reads every file of a clips artifact", async (run) => {
  await inFolder(async (folder) => {
    await writeClips(folder, 5, 3);
    const script = `
import glob, json, os, sys, numpy
arrays = {os.path.basename(p): numpy.load(p, allow_pickle=False) for p in glob.glob(sys.argv[1] + "/*.npy")}
clips = numpy.concatenate([arrays["clips-00000.npy"], arrays["clips-00001.npy"]])
print(json.dumps([
    {name: [a.dtype.str, a.shape] for name, a in arrays.items()},
    clips[4, 2, 3, 24, 1].item(), arrays["names.npy"].tolist(), arrays["labels.npy"].tolist()]))`;
    const [arrays, value, names, labels] = await run(script, folder) as unknown[];
    assertEquals(arrays as Record<string, unknown>, {
      "clips-00000.npy": ["<f4", [3, 3, 4, 25, 2]],
      "clips-00001.npy": ["<f4", [2, 3, 4, 25, 2]],
      "labels.npy": ["<i4", [5]],
      "subjects.npy": ["<i4", [5]],
      "cameras.npy": ["<i4", [5]],
      "setups.npy": ["<i4", [5]],
      "replications.npy": ["<i4", [5]],
      "names.npy": ["<U7", [5]],
    });
    assertEquals(value, 4000 + LENGTH - 1);
    assertEquals(names, ["clip000", "clip001", "clip002", "clip003", "clip004"]);
    assertEquals(labels, [0, 1, 2, 0, 1]);
  });
});
