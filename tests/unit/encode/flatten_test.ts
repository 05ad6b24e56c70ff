import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { openClips } from "../../../stages/clips/clip_store.ts";
import { flatten, flattenParams } from "../../../stages/flatten/definition.ts";
import entry from "../../../stages/flatten/entry.ts";
import { readNpy, readNpyStrings } from "../../../stages/formats/npy.ts";
import { FakeContext, treeOf } from "../pretrain/fake_context.ts";
import { writeTinyClips } from "../pretrain/tiny_clips.ts";

async function run(params: Record<string, unknown>, check: (folder: string) => Promise<void>) {
  const home = await Deno.makeTempDir();
  try {
    await writeTinyClips(home, { clips: 5, frames: 8, bodies: 2, classes: 2 });
    const ctx = await FakeContext.begin({
      params: flattenParams.parse(params),
      home,
      inputs: { clips: `${home}/clips` },
      outputs: ["features"],
    });
    await entry(ctx);
    await check(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("flatten keeps every coordinate in the order of the clips", async () => {
  await run({}, async (home) => {
    const { shape, data } = await readNpy(`${home}/out/features/raw.npy`, "f4", 2);
    assertEquals(shape, [5, 3 * 8 * 25 * 2]);
    await using store = await openClips(`${home}/clips`);
    assertEquals(data, await store.read([0, 1, 2, 3, 4]));
    const files = Object.keys(await treeOf(`${home}/out/features`)).sort();
    assertEquals(files, [
      ...["cameras.npy", "features.json", "labels.npy", "names.npy", "raw.npy"],
      ...["replications.npy", "setups.npy", "subjects.npy"],
    ]);
    assertEquals((await readNpyStrings(`${home}/out/features/names.npy`))[3], "clip003");
    const json = JSON.parse(await Deno.readTextFile(`${home}/out/features/features.json`));
    assertEquals([json.format, json.dim, json.classes], ["features/1", 1200, 2]);
    assertEquals(json.members, ["raw"]);
  });
});

Deno.test("flatten with half the frames averages neighbours", async () => {
  await run({ frames: 4 }, async (home) => {
    const { shape, data } = await readNpy(`${home}/out/features/raw.npy`, "f4", 2);
    assertEquals(shape, [5, 3 * 4 * 25 * 2]);
    await using store = await openClips(`${home}/clips`);
    const clip = await store.read([0]);
    // Coordinate 1, frame 2 of 4, joint 7, body 1: the mean of frames 4 and 5 of 8.
    const at = (t: number) => clip[((8 + t) * 25 + 7) * 2 + 1]!;
    assertAlmostEquals(data[((4 + 2) * 25 + 7) * 2 + 1]!, (at(4) + at(5)) / 2, 1e-6);
  });
});

Deno.test("flatten refuses more frames than there are, planned or not", async () => {
  const facts = { clips: { clips: 5, frames: 8, bodies: 2, classes: 2 } };
  const problems = flatten.check!({ frames: 9 }, facts);
  assertEquals(problems.map(({ path }) => path), [["frames"]]);
  assertEquals(flatten.facts!({ frames: null }, facts).features?.dim, 1200);
  await assertRejects(() => run({ frames: 9 }, async () => {}), Error, "at most the 8 frames");
});
