import {
  assert,
  assertAlmostEquals,
  assertEquals,
  AssertionError,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "@std/assert";

/** Each must throw an AssertionError; checked without the functions under test. */
const MUST_THROW: readonly (readonly [string, () => unknown])[] = [
  ["assert() of a falsy value", () => assert(0)],
  ["assertEquals() of different values", () => assertEquals({ a: [1] }, { a: [2] })],
  ["assertEquals() of 1 and '1'", () => assertEquals<unknown>(1, "1")],
  [
    "assertEquals() of typed arrays that differ",
    () => assertEquals(new Float32Array([1]), new Float32Array([2])),
  ],
  ["assertNotEquals() of equal values", () => assertNotEquals({ a: 1 }, { a: 1 })],
  ["assertStrictEquals() of two equal objects", () => assertStrictEquals({}, {})],
  ["assertAlmostEquals() beyond the tolerance", () => assertAlmostEquals(1, 1.1, 0.05)],
  ["assertAlmostEquals() of NaN", () => assertAlmostEquals(NaN, 1, 10)],
  ["assertStringIncludes() of a text that is not there", () => assertStringIncludes("ab", "c")],
  ["assertMatch() of a text that does not match", () => assertMatch("ab", /c/)],
  ["assertThrows() of what does not throw", () => assertThrows(() => 1)],
  ["assertThrows() of another kind of error", () =>
    assertThrows(() => {
      throw new Error("x");
    }, TypeError)],
  ["assertThrows() of another message", () =>
    assertThrows(
      () => {
        throw new Error("x");
      },
      Error,
      "y",
    )],
  ["fail()", () => fail("x")],
];

for (const [what, act] of MUST_THROW) {
  Deno.test(`${what} throws an AssertionError`, () => {
    let thrown: unknown;
    try {
      act();
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof AssertionError)) throw new Error(`nothing was thrown but ${thrown}`);
  });
}

Deno.test("assertRejects() takes a rejection of its kind, and refuses anything else", async () => {
  const error = await assertRejects(() => Promise.reject(new TypeError("no")), TypeError, "no");
  if (error.message !== "no") throw new Error("the error was not handed back");
  let refused = false;
  try {
    await assertRejects(() => Promise.resolve(1));
  } catch (error) {
    refused = error instanceof AssertionError;
  }
  if (!refused) throw new Error("a promise that resolved was taken for a rejection");
});

Deno.test("assertions that hold throw nothing", () => {
  assert("x");
  assertEquals({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] });
  assertEquals(new Float32Array([1, NaN]), new Float32Array([1, NaN]));
  assertNotEquals([1], [2]);
  assertStrictEquals(NaN, NaN);
  assertAlmostEquals(1, 1 + 1e-9);
  assertAlmostEquals(1, 1.04, 0.05);
  assertMatch("abc", /b/);
});
