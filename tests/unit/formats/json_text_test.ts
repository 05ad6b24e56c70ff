import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { jsonText, parseJsonText } from "../../../stages/formats/json_text.ts";

Deno.test("keys are sorted at every depth, the indent is two spaces, the end a line feed", () => {
  assertEquals(
    jsonText({ b: [1, { d: null, c: "x" }], a: true, e: {}, f: [] }),
    `{
  "a": true,
  "b": [
    1,
    {
      "c": "x",
      "d": null
    }
  ],
  "e": {},
  "f": []
}
`,
  );
});

Deno.test("the order in which a value was built does not show", () => {
  assertEquals(jsonText({ a: 1, 10: 2, 9: 3 }), jsonText({ 9: 3, a: 1, 10: 2 }));
  assertEquals(Object.keys(JSON.parse(jsonText({ "10": 1, a: 2 }))), ["10", "a"]);
});

Deno.test("any JSON value comes back", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = jsonText(value);
      assertEquals(parseJsonText(text, "a.json"), JSON.parse(JSON.stringify(value)));
      assertEquals(jsonText(JSON.parse(text)), text);
    }),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("members that are undefined are left out", () => {
  assertEquals(jsonText({ a: undefined, b: 1 }), '{\n  "b": 1\n}\n');
});

Deno.test("what JSON has no word for is refused with its path", () => {
  assertThrows(() => jsonText({ a: [1, { b: NaN }] }), TypeError, "$.a[1].b: JSON has no NaN");
  assertThrows(() => jsonText([Infinity]), TypeError, "$[0]");
  assertThrows(() => jsonText({ a: new Float32Array(1) }), TypeError, "got Float32Array");
  assertThrows(() => jsonText({ a: new Map() }), TypeError, "got Map");
  assertThrows(() => jsonText([undefined]), TypeError, "got undefined");
  assertThrows(() => jsonText(1n), TypeError, "got bigint");
});

const BROKEN: [text: string, message: string][] = [
  ['{\n  "a": 1,\n  "b": x\n}', 'm.json:3:8: not JSON: unexpected "x\\n}"'],
  ["[1,\n2,\n]", 'm.json:3:1: not JSON: unexpected "]"'],
  ["[1 2]", "m.json:1:4: "],
  ["[1, NaN, 3]", "m.json:1:5: "],
  ['["a\\x"]', "m.json:1:5: "],
  ["{a: 1}", "m.json:1:2: "],
  ["[]\n[]", "m.json:2:1: "],
  ["[1.5, -]", "m.json:1:8: "],
  ["", "m.json:1: the JSON text ends too early"],
  ['{"a": [1,\n2', "m.json:2: the JSON text ends too early, after 11 characters"],
  ['"abc', "ends too early"],
];

for (const [text, message] of BROKEN) {
  Deno.test(`no JSON: ${JSON.stringify(text)} is an error with file and line`, () => {
    assertThrows(() => parseJsonText(text, "m.json"), SyntaxError, message);
  });
}
