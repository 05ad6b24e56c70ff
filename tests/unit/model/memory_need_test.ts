import { assert, assertEquals } from "@std/assert";
import type { Machine } from "../../../pipeline/stage.ts";
import { classifierNeed } from "../../../stages/model/classifier_memory.ts";
import { encodingNeed } from "../../../stages/model/evaluation_memory.ts";
import { untrained } from "../../../stages/untrained/definition.ts";

const MACHINE: Machine = { backend: "simd", cores: 2, memoryMiB: 20_000 };
const CLIPS = { clips: 5000, frames: 64, bodies: 2, classes: 60 };
const work = { width: 16, hidden_dim: 128, batch: 32, mode: "eval" } as const;

Deno.test("what training a classifier needs grows with model, batch, frames and bodies", () => {
  const peak = (more: Partial<Record<keyof typeof work, unknown>> = {}, clips = {}) =>
    classifierNeed({ ...work, ...more } as typeof work, { clips: { ...CLIPS, ...clips } }, MACHINE)!
      .peakMiB;
  const base = peak();
  // Two and a half hundred MiB of kernels' memory, and what a process takes anyway.
  assert(base > 500 && base < 1000, String(base));
  assert(peak({ width: 32 }) > base && peak({ batch: 64 }) > base);
  assert(peak({ mode: "train" }) > base);
  assert(peak({}, { frames: 32 }) < base && peak({}, { bodies: 1 }) < base);
  // A batch of more clips than there are is not taken.
  assertEquals(peak({ batch: 128 }, { clips: 32 }), base);
});

Deno.test("a batch that does not fit is refused with the largest that does", () => {
  const needOf = (batch: number, memoryMiB: number) =>
    classifierNeed({ ...work, width: 64, hidden_dim: 256, batch }, { clips: CLIPS }, {
      ...MACHINE,
      memoryMiB,
    })!;
  const { problem } = needOf(128, 4000);
  assertEquals(problem?.path, ["batch"]);
  const most = Number(
    /^expected at most (\d+), found 128: a step would take/.exec(problem!.message)![1],
  );
  assert(most > 1 && most < 128);
  assertEquals(needOf(most, 4000).problem, undefined);
  assert(needOf(most + 1, 4000).problem !== undefined);
  assert(needOf(128, 100_000).problem!.message.includes("ends at 4096 MiB"));
  assert(needOf(8, 200).problem!.message.startsWith("expected a smaller model or shorter clips"));
});

Deno.test("nothing is stated on other backends, nor before sizes are known", () => {
  const known = { clips: CLIPS };
  assertEquals(classifierNeed(work, known, { ...MACHINE, backend: "cpu" }), undefined);
  assertEquals(classifierNeed(work, { clips: { frames: 64 } }, MACHINE), undefined);
  assertEquals(classifierNeed({ ...work, width: undefined }, known, MACHINE), undefined);
  assertEquals(encodingNeed({ dim: 128 }, 64, known, MACHINE), undefined);
  assertEquals(encodingNeed(undefined, 64, known, MACHINE), undefined);
  assertEquals(untrained.memory!(untrained.params.parse({}), {}, MACHINE), undefined);
});

Deno.test("encoding needs less than a step, and room for the features of every member", () => {
  const encoder = { width: 16, dim: 128, stream: "joint", members: 1 };
  const peak = (more = {}, clips = {}) =>
    encodingNeed({ ...encoder, ...more }, 32, { clips: { ...CLIPS, ...clips } }, MACHINE)!.peakMiB;
  const step = classifierNeed(work, { clips: CLIPS }, MACHINE)!.peakMiB;
  assert(peak() < step);
  const features = 4 * 5000 * 128 / 2 ** 20;
  assert(Math.abs(peak({ members: 5 }) - peak() - 4 * features) <= 1);
});

Deno.test("untrained encoders say their width, and what their calibration needs", () => {
  const params = untrained.params.parse({ width: 16, hidden_dim: 128, batch: 32 });
  const { encoder } = untrained.facts!(params, { clips: CLIPS });
  assertEquals(encoder?.width, 16);
  const { peakMiB, problem } = untrained.memory!(params, { clips: CLIPS }, MACHINE)!;
  assertEquals(problem, undefined);
  const whole = untrained.memory!({ ...params, batch: 128 }, { clips: CLIPS }, MACHINE)!;
  assert(peakMiB > 400 && whole.peakMiB > peakMiB + 50, `${peakMiB} ${whole.peakMiB}`);
});
