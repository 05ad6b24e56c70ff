import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { fingerprint } from "../../pipeline/fingerprint.ts";

Deno.test("values that differ only in type or grouping have other fingerprints", () => {
  const values = [
    1,
    "1",
    true,
    null,
    [],
    {},
    [[]],
    ["ab"],
    ["a", "b"],
    { a: "b" },
    ["a", "b", {}],
    { a: null },
    "d1:1",
    [1, "2"],
    ["1", 2],
  ];
  const seen = new Set(values.map(fingerprint));
  assertEquals(seen.size, values.length);
});

Deno.test("the order of keys does not count, the order of a list does", () => {
  assertEquals(fingerprint({ a: 1, b: { c: 2, d: 3 } }), fingerprint({ b: { d: 3, c: 2 }, a: 1 }));
  assertNotEquals(fingerprint([1, 2]), fingerprint([2, 1]));
  assertEquals(fingerprint(-0), fingerprint(0));
});

Deno.test("what JSON cannot hold is refused by its path", () => {
  const message = (value: unknown) => assertThrows(() => fingerprint(value), TypeError).message;
  assertEquals(message({ a: [1, NaN] }), "value.a[1] is NaN, not a finite number");
  assertEquals(message({ m: new Map() }), "value.m is no JSON value but a Map");
  assertEquals(message({ u: undefined }), "value.u is no JSON value but undefined");
  assertEquals(message("\ud800"), "value is text with a broken character");
});

Deno.test("two JSON values have one fingerprint exactly when they are equal", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
      return (fingerprint(a) === fingerprint(b)) === same;
    }),
    { seed: 1, numRuns: 300 },
  );
  assert(fingerprint({ "": 0 }) !== fingerprint({}));
});

/** The value with keys sorted everywhere, as an independent notion of equality. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([k, v]) => ({
    [k]: sorted(v),
  }));
}
