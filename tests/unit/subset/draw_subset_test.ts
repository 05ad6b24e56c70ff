import { assert, assertEquals } from "@std/assert";
import {
  byClass,
  drawSubset,
  halfToEven,
  ownDraw,
  releasedDraw,
} from "../../../stages/subset/draw_subset.ts";

/** Clip i is of class i modulo 3, but the first clip is of class 2. */
const labels = Int32Array.from({ length: 60 }, (_, i) => (i + 2) % 3);
const train = Array.from({ length: 60 }, (_, i) => i);
const classes = byClass(train, labels);

Deno.test("byClass() lists classes in the order in which they first occur", () => {
  assertEquals(classes.map(({ label }) => label), [2, 0, 1]);
  assertEquals(classes[1]!.clips.slice(0, 3), [1, 4, 7]);
});

Deno.test("halfToEven() rounds as Python does", () => {
  assertEquals([0.5, 1.5, 2.5, 3.5, 2.4, 2.6, 0].map(halfToEven), [0, 2, 2, 4, 2, 3, 0]);
  // 0.15 of 30 is 4.5 in float64; a hundredth of 250 is 2.5; 0.35 of 10 is 3.5.
  assertEquals([0.15 * 30, 0.01 * 250, 0.35 * 10].map(halfToEven), [4, 2, 4]);
});

Deno.test("the released draw takes the same clips every time, class by class, ascending", () => {
  const golden = byClass(
    Array.from({ length: 1336 }, (_, i) => i),
    Int32Array.from({ length: 1336 }, (_, i) => i < 668 ? 4 : 1),
  );
  const subset = drawSubset(golden, { fraction: 0.01 }, releasedDraw());
  assertEquals(subset, [
    ...[57, 86, 93, 173, 257, 315, 369],
    ...[704, 830, 885, 1109, 1263, 1288, 1289],
  ]);
  assertEquals(drawSubset(golden, { perClass: 7 }, releasedDraw()), subset);
});

Deno.test("our own draws are balanced, differ by seed, number and fold, and the more include the fewer", () => {
  const draw = (perClass: number, seed = 1, n = 0, fold = 0) =>
    drawSubset(classes, { perClass }, ownDraw(seed, n, fold));
  const five = draw(5);
  assertEquals(byClass(five, labels).map(({ clips }) => clips.length), [5, 5, 5]);
  assertEquals(five, draw(5));
  assertEquals(five, [...five].sort((a, b) => a - b));
  const others = [draw(5, 2), draw(5, 1, 1), draw(5, 1, 0, 1)].map(String);
  assertEquals(new Set([String(five), ...others]).size, 4);
  for (const more of [6, 10, 20]) {
    const larger = new Set(draw(more));
    assert(five.every((clip) => larger.has(clip)), `5 in ${more}`);
  }
});

Deno.test("every clip of a class is as likely to be drawn", () => {
  const counts = new Array<number>(60).fill(0);
  for (let n = 0; n < 2000; n++) {
    for (const clip of drawSubset(classes, { perClass: 5 }, ownDraw(3, n, 0))) counts[clip]!++;
  }
  // 500 expected each; the standard deviation is 19.4.
  assert(counts.every((count) => Math.abs(count - 500) < 5 * 19.4), String(counts));
});
