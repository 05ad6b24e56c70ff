import { assert, assertEquals, assertRejects } from "@std/assert";
import { OtherClips } from "../../../stages/pretrain/other_clips.ts";
import { Ended, treeOf } from "./fake_context.ts";
import { TinyRun } from "./tiny_run.ts";

const CLIPS = [3, 5, 8, 13, 21, 34, 55];
const ALL = Uint32Array.from(CLIPS);

Deno.test("every clip is given another one, and each is given once an epoch", () => {
  for (let epoch = 1; epoch <= 50; epoch++) {
    const given = new OtherClips(epoch % 3, CLIPS).of(epoch, ALL);
    assert(given.every((clip, i) => clip !== CLIPS[i]));
    assertEquals([...given].sort((a, b) => a - b), CLIPS);
  }
});

Deno.test("which clip is given follows from seed and epoch alone, not from batches or what came before", () => {
  const one = new OtherClips(1, CLIPS), two = new OtherClips(1, CLIPS);
  const whole = one.of(4, ALL);
  two.of(2, ALL);
  assertEquals([...two.of(4, ALL.slice(0, 3)), ...two.of(4, ALL.slice(3))], [...whole]);
  assert(new OtherClips(2, CLIPS).of(4, ALL).some((clip, i) => clip !== whole[i]));
  assert(one.of(5, ALL).some((clip, i) => clip !== whole[i]));
});

Deno.test("positives are the clips' own unless they are said to be shuffled, which gives other keys", async () => {
  await using run = await TinyRun.make();
  const params = { steps: 1, log_every: 1, knn: { every: 0 }, mask: { clips: 0 } };
  await run.pretrain("own", params);
  await run.pretrain("named", { ...params, positives: "own" });
  await run.pretrain("shuffled", { ...params, positives: "shuffled" });
  const [own, named, shuffled] = await Promise.all(
    ["own", "named", "shuffled"].map((name) => treeOf(run.output(name, "training"))),
  );
  assertEquals(named, own);
  assert(shuffled!["training.safetensors"] !== own!["training.safetensors"]);
});

Deno.test("a run on shuffled positives that was stopped ends with the bytes of one that was not", async () => {
  await using run = await TinyRun.make();
  const params = { steps: 5, positives: "shuffled" };
  await run.pretrain("whole", params);
  await assertRejects(() => run.pretrain("parts", params, { stopAfter: 2 }), Ended);
  await run.pretrain("parts", params);
  for (const port of ["encoder", "training", "log"]) {
    assertEquals(await treeOf(run.output("parts", port)), await treeOf(run.output("whole", port)));
  }
});
