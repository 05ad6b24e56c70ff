import { assert, assertEquals, assertThrows } from "@std/assert";
import { augmentParams } from "../../../stages/augment/definition.ts";
import { drawSwap, drawView } from "../../../stages/augment/draws.ts";
import { resolvePolicy } from "../../../stages/augment/policy.ts";
import { jointsOfParts } from "../../../stages/skeleton/parts.ts";
import { chiSquareDeviation, tally } from "../random/chi_square.ts";

const POLICY = resolvePolicy(augmentParams.parse({ seed: 42 }), 64);
const DRAWS = Deno.env.get("SKELRUN_LONG") === undefined ? 20_000 : 400_000;

Deno.test("draws are the ones of an independent implementation of streams and order", () => {
  // Computed in another language from the formulas of the random streams and of the method.
  const views = [
    ["query", 9, [
      0.47604429721832275,
      0.3919530510902405,
      0.4077531695365906,
      0.3604274392127991,
      -0.39986807107925415,
      -0.4598243832588196,
    ]],
    ["key", 8, [
      -0.4206729531288147,
      -0.0009760260581970215,
      -0.09085136651992798,
      0.04002690315246582,
      0.312938392162323,
      0.07604473829269409,
    ]],
  ] as const;
  for (const [view, start, shear] of views) {
    assertEquals(drawView(POLICY, view, 3, 1001), { start, shear: Float32Array.from(shear) });
  }
  const swap = { shift: 122, parts: [0, 3, 4], joints: jointsOfParts([0, 3, 4]), ct: 7, t0: 6 };
  assertEquals(drawSwap(POLICY, 3, 7, 128), swap);
  const small = { shift: 1, parts: [1, 3, 4], joints: jointsOfParts([1, 3, 4]), ct: 7, t0: 7 };
  assertEquals(drawSwap(POLICY, 0, 0, 3), small);
});

Deno.test("crop starts are uniform over 0 .. 2P", () => {
  let sample = 0;
  const counts = tally(21, DRAWS, () => drawView(POLICY, "query", 0, sample++).start);
  assert(chiSquareDeviation(counts) < 4);
});

Deno.test("each of the six shears is uniform over the amplitude, and no two go together", () => {
  const draws = Array.from(
    { length: DRAWS },
    (_, sample) => drawView(POLICY, "key", 5, sample).shear,
  );
  for (let i = 0; i < 6; i++) {
    const counts = new Array<number>(20).fill(0);
    for (const shear of draws) {
      assert(Math.abs(shear[i]!) <= 0.5);
      counts[Math.min(19, Math.floor((shear[i]! + 0.5) * 20))]!++;
    }
    assert(chiSquareDeviation(counts) < 4, `shear ${i}`);
    for (let j = 0; j < i; j++) {
      const product = draws.reduce((sum, shear) => sum + shear[i]! * shear[j]!, 0) / DRAWS;
      assert(Math.abs(12 * product) < 4 / Math.sqrt(DRAWS), `shears ${j} and ${i}`);
    }
  }
});

Deno.test("query and key, epochs and clips are drawn independently", () => {
  const pairs: [string, (n: number) => [number, number]][] = [
    ["views", (n) => [drawView(POLICY, "query", 0, n).start, drawView(POLICY, "key", 0, n).start]],
    [
      "epochs",
      (n) => [drawView(POLICY, "query", 0, n).start, drawView(POLICY, "query", 1, n).start],
    ],
    [
      "clips",
      (n) => [drawView(POLICY, "query", n, 0).start, drawView(POLICY, "query", n, 1).start],
    ],
  ];
  for (const [name, pair] of pairs) {
    let n = 0;
    const counts = tally(441, DRAWS, () => {
      const [a, b] = pair(n++);
      return 21 * a + b;
    });
    assert(chiSquareDeviation(counts) < 4, name);
  }
});

Deno.test("a draw depends on nothing but policy, epoch and clip", () => {
  const once = drawView(POLICY, "query", 2, 9);
  drawView(POLICY, "query", 2, 8);
  drawSwap(POLICY, 2, 0, 8);
  assertEquals(drawView(POLICY, "query", 2, 9), once);
  const other = resolvePolicy(augmentParams.parse({ seed: 43 }), 64);
  assert(drawView(other, "query", 2, 9).shear[0] !== once.shear[0]);
});

Deno.test("swaps follow the method's distributions", () => {
  const size = 10;
  const swaps = Array.from({ length: DRAWS }, (_, batch) => drawSwap(POLICY, 1, batch, size));
  const count = (cells: number, of: (swap: typeof swaps[0]) => number, among = swaps) => {
    const counts = new Array<number>(cells).fill(0);
    for (const swap of among) counts[of(swap)]!++;
    return counts;
  };
  // Shift over 1 .. N-2: N-1 never comes up.
  const shifts = count(size, (swap) => swap.shift);
  assertEquals([shifts[0], shifts[size - 1]], [0, 0]);
  assert(chiSquareDeviation(shifts.slice(1, size - 1)) < 4);
  const counts = count(6, (swap) => swap.parts.length);
  assertEquals(counts.filter((n) => n > 0).length, 2);
  assert(chiSquareDeviation(counts.slice(3, 5)) < 4);
  // Each set of three parts equally often, and each of four: told apart by the parts left out.
  for (const parts of [3, 4]) {
    const sets = new Map<string, number>();
    for (const swap of swaps.filter((swap) => swap.parts.length === parts)) {
      sets.set(swap.parts.join(), (sets.get(swap.parts.join()) ?? 0) + 1);
    }
    assertEquals(sets.size, parts === 3 ? 10 : 5);
    assert(chiSquareDeviation([...sets.values()]) < 4);
  }
  const lengths = count(17, (swap) => swap.ct);
  assertEquals(lengths.reduce((sum, n, ct) => sum + (ct >= 4 && ct <= 7 ? n : 0), 0), DRAWS);
  assert(chiSquareDeviation(lengths.slice(4, 8)) < 4);
  for (const ct of [4, 5, 6, 7]) {
    const starts = count(17 - ct, (swap) => swap.t0, swaps.filter((swap) => swap.ct === ct));
    assert(chiSquareDeviation(starts) < 4, `ct ${ct}`);
  }
});

Deno.test("joints are those of the parts, ascending, and parts are ascending", () => {
  for (let batch = 0; batch < 200; batch++) {
    const { parts, joints } = drawSwap(POLICY, 0, batch, 5);
    assertEquals(parts, [...new Set(parts)].sort((a, b) => a - b));
    assertEquals(joints, jointsOfParts(parts));
  }
});

Deno.test("a batch of three has one shift; a smaller one is refused", () => {
  for (let batch = 0; batch < 50; batch++) assertEquals(drawSwap(POLICY, 0, batch, 3).shift, 1);
  assertThrows(() => drawSwap(POLICY, 0, 0, 2), RangeError, "at least 3 clips, found 2");
});

Deno.test("switching crop or shear off leaves the other's draws as they are", () => {
  const uncropped = resolvePolicy(augmentParams.parse({ seed: 42, crop: { enabled: false } }), 64);
  const unsheared = resolvePolicy(augmentParams.parse({ seed: 42, shear: { enabled: false } }), 64);
  for (let sample = 0; sample < 20; sample++) {
    const { start, shear } = drawView(POLICY, "query", 0, sample);
    assertEquals(drawView(uncropped, "query", 0, sample), { start: 0, shear });
    const still = drawView(unsheared, "query", 0, sample);
    assertEquals([still.start, [...still.shear].map(Math.abs)], [start, [0, 0, 0, 0, 0, 0]]);
  }
});

Deno.test("turns and spans are drawn where they are asked for, and change nothing else", () => {
  const params = { seed: 42, rotate: { degrees: [90, 90, 90] }, resize: { shortest: 0.5 } };
  const policy = resolvePolicy(augmentParams.parse(params), 64);
  const shortest = { angle: Infinity, length: Infinity, from: Infinity };
  const longest = { angle: -Infinity, length: -Infinity, end: -Infinity };
  for (let sample = 0; sample < 2000; sample++) {
    const { angles, span, ...rest } = drawView(policy, "key", 5, sample);
    assertEquals(rest, drawView(POLICY, "key", 5, sample));
    assertEquals(angles!.length, 3);
    shortest.angle = Math.min(shortest.angle, ...angles!);
    longest.angle = Math.max(longest.angle, ...angles!);
    shortest.length = Math.min(shortest.length, span!.length);
    longest.length = Math.max(longest.length, span!.length);
    shortest.from = Math.min(shortest.from, span!.from);
    longest.end = Math.max(longest.end, span!.from + span!.length);
  }
  const within = (value: number, low: number, high: number) =>
    assert(value >= low && value <= high);
  within(shortest.angle, -Math.PI / 2, -0.99 * Math.PI / 2);
  within(longest.angle, 0.99 * Math.PI / 2, Math.PI / 2);
  within(shortest.length, 0.5 * 63, 0.505 * 63);
  within(longest.length, 0.995 * 63, 63);
  within(shortest.from, 0, 0.1);
  within(longest.end, 62.9, 63);
});
