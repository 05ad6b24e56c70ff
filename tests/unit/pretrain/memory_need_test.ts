import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Machine } from "../../../pipeline/stage.ts";
import { pretrainParams } from "../../../stages/pretrain/definition.ts";
import { memoryNeed } from "../../../stages/pretrain/memory_need.ts";

const CLIPS = { clips: { frames: 64, bodies: 2, classes: 60 } };
const LARGE: Machine = { backend: "simd", cores: 2, memoryMiB: 64_000 };

const needOf = (params: Record<string, unknown>, machine = LARGE, inputs = CLIPS) =>
  memoryNeed(pretrainParams.parse(params), inputs, machine);

Deno.test("a batch that fits is told its peak, which grows with everything that takes memory", () => {
  const base = { width: 16, hidden_dim: 64, batch: 16, queue: 32768 };
  const { peakMiB, problem } = needOf(base)!;
  assertEquals(problem, undefined);
  // 361 MiB of tensors, and what a process has beside them.
  assert(peakMiB > 361 + 200 && peakMiB < 361 + 500, `${peakMiB} MiB`);
  for (
    const more of [{ width: 24 }, { hidden_dim: 128 }, { batch: 32 }, { queue: 65536 }, {
      stream: "bone",
    }]
  ) assert(needOf({ ...base, ...more })!.peakMiB > peakMiB, JSON.stringify(more));
  const alone = needOf(base, LARGE, { clips: { ...CLIPS.clips, bodies: 1 } })!;
  const short = needOf(base, LARGE, { clips: { ...CLIPS.clips, frames: 32 } })!;
  assert(alone.peakMiB < peakMiB && short.peakMiB < peakMiB);
});

Deno.test("the released batch is too large for the kernels' memory: the largest that fits is named", () => {
  const { problem, peakMiB } = needOf({})!;
  assertEquals(problem!.path, ["batch"]);
  assert(peakMiB > 8192);
  assertMatch(
    problem!.message,
    /^expected at most 32, the largest that divides queue 32768 of the 4\d that fit, found 128: a step /,
  );
  assertStringIncludes(problem!.message, "of them in the kernels' memory, which ends at 4096 MiB");
  assertEquals(needOf({ batch: 32 })!.problem, undefined);
});

Deno.test("what is named does fit, and nothing larger does", () => {
  for (const memoryMiB of [1500, 2600, 3700]) {
    const machine = { ...LARGE, memoryMiB };
    const { problem } = needOf({ batch: 4096, queue: 4096 }, machine)!;
    const [, whole, most] = /at most (\d+), .* of the (\d+) that fit/.exec(problem!.message)!;
    const fits = (batch: number) => needOf({ batch, queue: 4096 }, machine)!.problem === undefined;
    assert(fits(Number(whole)) && fits(Number(most)) && !fits(Number(most) + 1), problem!.message);
    assertEquals(4096 % Number(whole), 0);
    assert(2 * Number(whole) > Number(most));
  }
});

Deno.test("a machine's own memory counts, and may be too little for any batch", () => {
  const small = { ...LARGE, memoryMiB: 800 };
  const { problem } = needOf({ width: 16, hidden_dim: 64, batch: 64, queue: 4096 }, small)!;
  assertMatch(problem!.message, /expected at most 16, .*stages may use 800 MiB of this machine/);
  const none = needOf({ batch: 64 }, { ...LARGE, memoryMiB: 400 })!;
  assertMatch(none.problem!.message, /found no batch that fits/);
});

Deno.test("nothing is said of other backends, nor of clips that are not known", () => {
  assertEquals(needOf({}, { ...LARGE, backend: "cpu" }), undefined);
  assertEquals(memoryNeed(pretrainParams.parse({}), {}, LARGE), undefined);
  assertEquals(memoryNeed(pretrainParams.parse({}), { clips: { frames: 64 } }, LARGE), undefined);
});
