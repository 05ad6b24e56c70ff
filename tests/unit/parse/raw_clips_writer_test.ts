import { assertEquals } from "@std/assert";
import { openNpy } from "../../../stages/formats/npy.ts";
import { RawClipsWriter } from "../../../stages/parse/raw_clips_writer.ts";
import { temporaryFolder } from "./stage_run.ts";

const IDENTITY = { label: 0, subject: 1, camera: 1, setup: 1, replication: 1 };

Deno.test("a clip never crosses shards", async () => {
  await using folder = await temporaryFolder();
  const writer = new RawClipsWriter(folder.path, 1, 10);
  for (const [i, frames] of [4, 6, 1, 8, 2].entries()) {
    await writer.append(`clip ${i}`, IDENTITY, new Float32Array(frames * 75).fill(i + 1));
  }
  await writer.finish({ dataset: "ntu", classes: 1, class_names: [] }, {});
  assertEquals(writer.clips.map(({ shard, row }) => [shard, row]), [
    [0, 0],
    [0, 4],
    [1, 0],
    [1, 1],
    [2, 0],
  ]);
  for (const [shard, rows] of [10, 9, 2].entries()) {
    await using file = await openNpy(`${folder.path}/frames-0000${shard}.npy`);
    assertEquals(file.shape, [rows, 1, 25, 3]);
  }
  await using first = await openNpy(`${folder.path}/frames-00000.npy`);
  assertEquals([...new Set(await first.readRows(4, 10))], [2]);
});

Deno.test("a full shard stays within 128 MiB with its header", () => {
  for (const bodies of [1, 2]) {
    const { longestClip } = new RawClipsWriter("unused", bodies);
    const rowBytes = bodies * 25 * 3 * 4;
    assertEquals(longestClip * rowBytes + 192 <= 128 * 2 ** 20, true);
    assertEquals((longestClip + 2) * rowBytes + 192 > 128 * 2 ** 20, true);
  }
});
