import { assertEquals } from "@std/assert";
import { ulpDistances, ulpsBetween } from "../../../stages/tensor_difference/ulps.ts";

const single = (a: number, b: number) => ulpDistances(Float32Array.of(a), Float32Array.of(b))(0);
const half = (a: number, b: number) => ulpDistances(Float16Array.of(a), Float16Array.of(b))(0);

Deno.test("`ulpsBetween()` counts the representable numbers from one to the other", () => {
  assertEquals(ulpsBetween(1, 1), 0n);
  assertEquals(ulpsBetween(1, 1 + Number.EPSILON), 1n);
  assertEquals(ulpsBetween(1 - Number.EPSILON / 2, 1), 1n);
  assertEquals(ulpsBetween(0.1 + 0.2, 0.3), 1n);
  assertEquals(ulpsBetween(1, 2), 2n ** 52n);
  assertEquals(ulpsBetween(-1, -1 - 2 * Number.EPSILON), 2n);
});

Deno.test("distances go through zero, and the two zeros are one place", () => {
  assertEquals(ulpsBetween(0, -0), 0n);
  assertEquals(ulpsBetween(Number.MIN_VALUE, -Number.MIN_VALUE), 2n);
  assertEquals(single(1.401298464324817e-45, -1.401298464324817e-45), 2n);
  assertEquals(half(6e-8, -6e-8), 2n);
});

Deno.test("the largest finite number is 1 ulp from infinity, and NaN has no distance", () => {
  assertEquals(ulpsBetween(Number.MAX_VALUE, Infinity), 1n);
  assertEquals(single(3.4028234663852886e38, Infinity), 1n);
  assertEquals(half(65504, Infinity), 1n);
  assertEquals(ulpsBetween(-Infinity, Infinity), 2n * 0x7ff0000000000000n);
  assertEquals(ulpsBetween(NaN, 1), undefined);
  assertEquals(single(1, NaN), undefined);
});

Deno.test("single and half precision are counted in their own steps", () => {
  assertEquals(single(1, 1 + 2 ** -23), 1n);
  assertEquals(single(1, 2), 2n ** 23n);
  assertEquals(half(1, 1 + 2 ** -10), 1n);
  assertEquals(half(-1, -2), 2n ** 10n);
});

Deno.test("arrays that begin inside their buffers are read where they begin", () => {
  const buffer = Float32Array.of(9, 1, 1 + 2 ** -22).buffer;
  const distance = ulpDistances(new Float32Array(buffer, 4, 2), Float32Array.of(1, 1));
  assertEquals([distance(0), distance(1)], [0n, 2n]);
});
