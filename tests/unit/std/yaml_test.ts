import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parse, stringify } from "@std/yaml";

Deno.test("parse() reads maps, lists, numbers, truth values and null", () => {
  assertEquals(parse("a: [1, 2.5, 1e-3]\nb: {c: true, d: null}\ne: yes\n"), {
    a: [1, 2.5, 0.001],
    b: { c: true, d: null },
    e: "yes",
  });
});

Deno.test("parse() follows anchors and merge keys", () => {
  assertEquals(parse("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n"), {
    x: { a: 1, b: 2 },
    y: { a: 1, b: 3 },
  });
});

Deno.test("parse() throws a SyntaxError with line and column", () => {
  const error = assertThrows(() => parse("a: 1\nb: [1\n"), SyntaxError);
  assertMatch(error.message, /line \d+, column \d+/);
});

Deno.test("stringify() writes what parse() reads back", () => {
  const value = { text: "yes", number: "007", list: [1, null, true], map: { colon: "a: b" } };
  assertEquals(parse(stringify(value)), value);
});
