import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  bitsAt,
  fillBits,
  randomStream,
  streamKey,
  threefry2x32,
  uniformAt,
} from "../../../stages/random.ts";
import { chiSquareDeviation, tally } from "./chi_square.ts";

const long = Deno.env.get("SKELRUN_LONG") !== undefined;
const DRAWS = long ? 2_000_000 : 100_000;

// From an implementation in another language, written from the page's formulas.
const INDICES = [0, 1, 2, 3, 1_000_001];
const STREAMS: [Parameters<typeof streamKey>, number[], number[]][] = [
  [[0, "a", 0, 0], [4207972103, 638135045], [
    968617388,
    2942988662,
    1601464978,
    909886864,
    40223023,
  ]],
  [[1234567890123456, "augment/query/crop", 5, 56879], [2800295974, 4078269250], [
    2752406447,
    1561000888,
    3051385823,
    717535073,
    3413986276,
  ]],
  [[7, "größe", 4294967295, 1], [2305351231, 2845455653], [
    175196215,
    450250544,
    2901583847,
    90182477,
    668507551,
  ]],
];

for (const [source, expectedKey, expectedWords] of STREAMS) {
  Deno.test(`the stream of ${source.join(", ")} has the integers that its derivation gives`, () => {
    const key = streamKey(...source);
    assertEquals([...key], expectedKey);
    assertEquals(INDICES.map((index) => bitsAt(key, index)), expectedWords);
    const stream = randomStream(...source);
    assertEquals([0, 1, 2, 3].map(() => stream.uint32()), expectedWords.slice(0, 4));
  });
}

Deno.test("bitsAt() reaches indices above 2^32", () => {
  const key = streamKey(1, "far");
  const words = new Uint32Array(2);
  threefry2x32(key[0], key[1], 2 ** 32 - 1, 0, words);
  assertEquals(bitsAt(key, 2 ** 33 - 1), words[1]);
});

Deno.test("fillBits() equals bitsAt() from even and odd beginnings, for even and odd lengths", () => {
  const key = streamKey(11, "fill");
  for (const from of [0, 1, 6, 7]) {
    for (const length of [0, 1, 2, 5, 8]) {
      const out = new Uint32Array(length);
      fillBits(key, out, from);
      assertEquals([...out], Array.from(out, (_, i) => bitsAt(key, from + i)));
    }
  }
});

Deno.test("uniform() is uniformAt(), exact in float32, and uniform over [0, 1)", () => {
  const key = streamKey(3, "uniform");
  const stream = randomStream(3, "uniform");
  let sum = 0;
  let i = 0;
  const counts = tally(64, DRAWS, () => {
    const value = stream.uniform();
    assert(value === Math.fround(value) && value >= 0 && value < 1);
    if (i < 100) assertEquals(value, uniformAt(key, i));
    i++;
    sum += value;
    return Math.floor(value * 64);
  });
  assert(chiSquareDeviation(counts) < 4);
  assertAlmostEquals(sum / DRAWS, 0.5, 4 / Math.sqrt(12 * DRAWS));
});

Deno.test("integer() gives both bounds and everything between equally often", () => {
  const stream = randomStream(5, "integer");
  const counts = tally(21, DRAWS, () => stream.integer(-10, 10) + 10);
  assert(chiSquareDeviation(counts) < 4);
});

Deno.test("integer() has no modulo bias where a range is large", () => {
  // Without rejection the lowest third of 3/4 of all words would come up half the time.
  const stream = randomStream(5, "bias");
  const size = 3 * 2 ** 30;
  const counts = tally(3, 30_000, () => Math.floor(stream.integer(0, size - 1) / 2 ** 30));
  assert(chiSquareDeviation(counts) < 4);
});

Deno.test("integer() covers all words where the range has 2^32 values", () => {
  const key = streamKey(5, "whole");
  assertEquals(randomStream(5, "whole").integer(0, 2 ** 32 - 1), bitsAt(key, 0));
});

Deno.test("normal() has the normal distribution's moments and quantiles", () => {
  const stream = randomStream(6, "normal");
  // Borders of eight equally likely cells.
  const borders = [-1.1503494, -0.6744898, -0.3186394, 0, 0.3186394, 0.6744898, 1.1503494];
  const power = [0, 0, 0, 0];
  const counts = tally(8, DRAWS, () => {
    const value = stream.normal();
    for (let p = 0; p < 4; p++) power[p]! += value ** (p + 1) / DRAWS;
    return borders.filter((border) => value >= border).length;
  });
  assert(chiSquareDeviation(counts) < 4);
  const error = 4 / Math.sqrt(DRAWS);
  assertAlmostEquals(power[0]!, 0, error);
  assertAlmostEquals(power[1]!, 1, error * Math.sqrt(2));
  assertAlmostEquals(power[2]!, 0, error * Math.sqrt(15));
  assertAlmostEquals(power[3]!, 3, error * Math.sqrt(96));
});

Deno.test("normal() is Box and Muller's of two words, cosine first", () => {
  const key = streamKey(6, "pair");
  const radius = Math.sqrt(-2 * Math.log((bitsAt(key, 0) + 1) / 2 ** 32));
  const angle = 2 * Math.PI * bitsAt(key, 1) / 2 ** 32;
  const stream = randomStream(6, "pair");
  assertAlmostEquals(stream.normal(), radius * Math.cos(angle), 1e-12);
  assertAlmostEquals(stream.normal(), radius * Math.sin(angle), 1e-12);
});

Deno.test("permutation() gives each order of four equally often", () => {
  const stream = randomStream(8, "permutation");
  const counts = new Map<string, number>();
  for (let i = 0; i < DRAWS / 4; i++) {
    const order = stream.permutation(4).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assertEquals(counts.size, 24);
  assert(chiSquareDeviation([...counts.values()]) < 4);
});

Deno.test("permutation() of many has each value once; of none and one it is trivial", () => {
  const order = randomStream(8, "many").permutation(56_880);
  assertEquals([...order].sort((a, b) => a - b), Array.from(order, (_, i) => i));
  assert(order.some((value, i) => value !== i));
  assertEquals(randomStream(8, "none").permutation(0).length, 0);
  assertEquals([...randomStream(8, "one").permutation(1)], [0]);
});

Deno.test("choose() gives each pair of five equally often, without repetition", () => {
  const stream = randomStream(9, "choose");
  const counts = tally(25, DRAWS / 4, () => {
    const [a, b] = stream.choose(5, 2);
    assert(a !== b);
    return a! * 5 + b!;
  }).filter((_, cell) => Math.floor(cell / 5) !== cell % 5);
  assertEquals(counts.length, 20);
  assert(chiSquareDeviation(counts) < 4);
});

Deno.test("fillNormal() and fillUniform() scale what normal() and uniform() draw", () => {
  const normal = new Float32Array(5);
  randomStream(2, "fill").fillNormal(normal, 10, 0.02);
  const again = randomStream(2, "fill");
  for (const value of normal) assertEquals(value, Math.fround(10 + 0.02 * again.normal()));
  const uniform = new Float32Array(5);
  randomStream(2, "fill").fillUniform(uniform, -2, 2);
  const third = randomStream(2, "fill");
  for (const value of uniform) assertEquals(value, Math.fround(-2 + 4 * third.uniform()));
});

Deno.test("streams of neighbouring seeds, purposes, epochs and samples are unrelated", () => {
  const sources: Parameters<typeof streamKey>[] = [
    [1, "a", 0, 0],
    [2, "a", 0, 0],
    [2 ** 32 + 1, "a", 0, 0],
    [1, "b", 0, 0],
    [1, "a", 1, 0],
    [1, "a", 0, 1],
  ];
  const values = sources.map((source) => {
    const stream = randomStream(...source);
    return Array.from({ length: 10_000 }, () => stream.uniform() - 0.5);
  });
  for (let i = 0; i < values.length; i++) {
    for (let j = 0; j < i; j++) {
      const product = values[i]!.reduce((sum, value, n) => sum + value * values[j]![n]!, 0);
      assert(Math.abs(12 * product / 10_000) < 4.5 / Math.sqrt(10_000), `${sources[i]}`);
    }
  }
});

Deno.test("numbers out of range are refused by name", () => {
  assertThrows(() => streamKey(-1, "a"), RangeError, "seed");
  assertThrows(() => streamKey(2 ** 53, "a"), RangeError, "seed");
  assertThrows(() => streamKey(0, "a", 0.5), RangeError, "epoch");
  assertThrows(() => streamKey(0, "a", 0, 2 ** 32), RangeError, "sample");
  const stream = randomStream(0, "a");
  assertThrows(() => stream.integer(3, 2), RangeError, "from 3 to 2");
  assertThrows(() => stream.integer(0, 2 ** 32), RangeError);
  assertThrows(() => stream.integer(0.5, 2), RangeError);
  assertThrows(() => stream.choose(3, 4), RangeError, "from 0 to 3");
});
