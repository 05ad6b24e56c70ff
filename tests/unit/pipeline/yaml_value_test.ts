/** The quick reader of YAML gives what the other one gives, or nothing. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { expandedSize } from "../../../pipeline/experiment/expanded_size.ts";
import { YamlSource } from "../../../pipeline/experiment/yaml_source.ts";
import { readYamlValue } from "../../../pipeline/experiment/yaml_value.ts";
import { EXPERIMENT_TEXT, SCALARS, yamlText } from "./yaml_texts.ts";

/** What the reader that knows places makes of a text; `undefined` if it refuses it. */
function placed(text: string): { readonly value: unknown } | undefined {
  const source = YamlSource.parse("x.yaml", text);
  return source instanceof YamlSource ? { value: source.value } : undefined;
}

/** Holds the two against each other, the order of keys included. */
function assertAgree(text: string): boolean {
  const quick = readYamlValue(text);
  if (quick === undefined) return false;
  const other = placed(text);
  assert(other !== undefined, `read quickly, but refused: ${JSON.stringify(text)}`);
  assertEquals(quick.value, other.value, JSON.stringify(text));
  assertEquals(JSON.stringify(quick.value), JSON.stringify(other.value), "the order of keys");
  return true;
}

Deno.test("both readers give the same for an experiment that uses what YAML has", () => {
  assert(assertAgree(EXPERIMENT_TEXT));
  assert(assertAgree("name: x\r\nstages:\r\n  a: {uses: numbers}\r\n  b:\r\n"));
  assertAgree(EXPERIMENT_TEXT.replaceAll("\n", "\r\n"));
});

for (const file of ["demo.yaml", "ablations/temperature.yaml", "nw_ucla/xview_joint.yaml"]) {
  Deno.test(`both readers give the same for experiments/${file}`, () => {
    const url = new URL(`../../../experiments/${file}`, import.meta.url);
    assert(assertAgree(Deno.readTextFileSync(url)), "it is read quickly");
  });
}

Deno.test("both readers give the same for every scalar, as value, as item and as key", () => {
  for (const scalar of SCALARS) {
    for (const text of [`a: ${scalar}\n`, `- ${scalar}\n`, `{a: ${scalar}}\n`, `${scalar}: a\n`]) {
      assertAgree(text);
    }
  }
});

Deno.test("scalars are those of YAML 1.2: yes is a text, 012 is twelve, a date is a text", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["yes", "yes"],
    ["off", "off"],
    ["012", 12],
    ["0o17", 15],
    ["0x1F", 31],
    ["1e3", 1000],
    ["1_000", "1_000"],
    ["2024-01-01", "2024-01-01"],
    ["12:30:45", "12:30:45"],
    ["~", null],
    ["True", true],
    [".5", 0.5],
    ["5.", 5],
    ["1e400", Infinity],
    ["-.inf", -Infinity],
  ];
  for (const [text, value] of cases) {
    assertEquals(readYamlValue(`a: ${text}\n`)?.value, { a: value });
  }
});

Deno.test("merge keys and anchors give the same; an own key stands over a merged one", () => {
  const texts = [
    "a: &a {x: 1, y: 2}\nb: {<<: *a, x: 3}\n",
    "a: &a {x: 1, y: 2}\nb:\n  x: 3\n  <<: *a\n  z: 4\n",
    "a: &a {x: 1}\nc: &c {x: 2, w: 3}\nb: {<<: [*a, *c]}\n",
    "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n",
    "a: &a\n  x: 1\nb: *a\nc: [*a, *a]\n",
    'b: {"<<": 3}\n',
  ];
  for (const text of texts) assert(assertAgree(text), text);
});

Deno.test("what is refused by the one is not read by the other", () => {
  const texts = [
    "",
    "# nothing\n",
    "a: 1\na: 2\n",
    "1: a\n'1': b\n",
    "a: *nowhere\n",
    "a: &a [*a]\n",
    "a: 1\n---\nb: 2\n",
    "a: !x 3\n",
    "a:\n\t- b\n",
    "[a, b]: 3\n",
    "null: 3\n",
    "a: {<<: 3}\n",
    "a: [1, 2\n",
    "\ufeffa: 1\n",
    "%YAML 1.1\n---\na: 1\n",
  ];
  for (const text of texts) assertEquals(readYamlValue(text), undefined, JSON.stringify(text));
});

Deno.test("whatever the text, the quick reader gives what the other one gives, or nothing", () => {
  let agreed = 0;
  fc.assert(
    fc.property(yamlText, (text) => {
      if (assertAgree(text)) agreed++;
    }),
    { numRuns: Deno.env.get("SKELRUN_LONG") ? 100_000 : 2500, seed: 3 },
  );
  assert(agreed > 200, `only ${agreed} texts were read quickly`);
});

Deno.test("aliases that make a text too large, or of itself, are refused by both", () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 10; i++) {
    lines.push(`a${i}: &a${i} [${Array(10).fill(`*a${i - 1}`).join(", ")}]`);
  }
  assertEquals(readYamlValue(lines.join("\n")), undefined);
  assertEquals(placed(lines.join("\n")), undefined);
  assertEquals(placed("a: &a [*a]\n"), undefined);
  const often = `a: &a {x: 1}\nb: [${Array(5000).fill("*a").join(", ")}]\n`;
  assert(assertAgree(often), "one value at five thousand places is no bomb");
});

Deno.test("expandedSize() counts what is shared once for each place, and knows circles", () => {
  const shared = { x: [1, 2] };
  assertEquals(expandedSize([shared, shared]), 9);
  const circle: unknown[] = [];
  circle.push([circle]);
  assertEquals(expandedSize(circle), undefined);
});
