import { assert, assertEquals, assertRejects } from "@std/assert";
import { dispose } from "@tensorflow/tfjs-core";
import type { ClipStore } from "../../../stages/clips/clip_store.ts";
import { BatchReader } from "../../../stages/pretrain/batch_reader.ts";
import { startCpu } from "../../../stages/tensor/cpu_backend.ts";

await startCpu();

const META = { frames: 4, joints: 25, bodies: 1 };
const LENGTH = 3 * 4 * 25;

/** A store whose clip i is full of i, and which counts what is asked of it. */
function storeOf(clips: number) {
  const asked: number[][] = [];
  const store = {
    meta: META,
    read(indices: Uint32Array) {
      asked.push([...indices]);
      if (indices.some((i) => i >= clips)) return Promise.reject(new RangeError("no such clip"));
      return Promise.resolve(
        Float32Array.from(
          { length: indices.length * LENGTH },
          (_, at) => indices[Math.floor(at / LENGTH)]!,
        ),
      );
    },
  };
  return { asked, store: store as unknown as ClipStore };
}

const pair = (step: number) => Uint32Array.of(2 * step, 2 * step + 1);

Deno.test("batches are read a step ahead, once each, and not beyond the last", async () => {
  const { asked, store } = storeOf(6);
  await using batches = new BatchReader(store, (step) => ({ query: pair(step) }), 3);
  for (let step = 0; step < 3; step++) {
    const { query, key } = await batches.take(step);
    assert(key === query);
    assertEquals(asked.length, Math.min(step + 2, 3));
    assertEquals([...query.indices], [2 * step, 2 * step + 1]);
    assertEquals(query.clips.shape, [2, 3, 4, 25, 1]);
    const values = query.clips.dataSync();
    assertEquals([values[0], values[LENGTH]], [2 * step, 2 * step + 1]);
    query.clips.dispose();
  }
  assertEquals(asked, [[0, 1], [2, 3], [4, 5]]);
});

Deno.test("a step that was not expected is read anew; keys may be of other clips", async () => {
  const { asked, store } = storeOf(20);
  const choose = (step: number) => ({ query: pair(step), key: pair(step + 1) });
  await using batches = new BatchReader(store, choose, 9);
  dispose(Object.values(await batches.take(0)).map(({ clips }) => clips));
  const { query, key } = await batches.take(5);
  assertEquals([query.clips.dataSync()[0], key.clips.dataSync()[0]], [10, 12]);
  dispose([query.clips, key.clips]);
  assertEquals(asked.slice(4, 6), [[10, 11], [12, 13]]);
});

Deno.test("a batch that cannot be read fails in its own step", async () => {
  const { store } = storeOf(2);
  await using batches = new BatchReader(store, (step) => ({ query: pair(step) }), 3);
  (await batches.take(0)).query.clips.dispose();
  await new Promise((resolve) => setTimeout(resolve, 0));
  await assertRejects(() => batches.take(1), RangeError, "no such clip");
});
