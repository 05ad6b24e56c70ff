/** YAML texts, well-formed and not, for holding two readers against each other. */
import fc from "fast-check";

/** An experiment that uses what experiment files use. */
export const EXPERIMENT_TEXT = `# a comment
name: base
seed: 7
x-more: &more {count: 10}
stages:
  a:
    uses: numbers
    params: *more
  s:
    uses: scale
    inputs: {numbers: a.numbers}
    params:
      <<: [*more, {factor: 3}]
      optim: {rate: 1.5e-3, on: true, off: no}
      widths: [8, 16]   # more
      title: "two \\"words\\" é"
      note: |
        first

        second
      folded: >-
        one
        two
  r: {uses: gather, inputs: {one: a.numbers, two: s.numbers}, params: {title: 'it''s'}}
expect:
  "s.sum": {min: 1}
`;

/** Scalars that other versions of YAML, or other libraries, read otherwise. */
export const SCALARS: readonly string[] = [
  ..."yes no on off y n Yes NO true True TRUE tRUE null Null NULL ~".split(" "),
  ..."0 -0 +0 012 -012 0o17 0O17 -0o17 0x1F 0X1f -0x1 0b11 1_000 1__0 1,000 +12 --1 1-".split(" "),
  ..."1e3 1E3 1e+3 1e-3 1.e3 .5e1 -.5 +.5 . 5. 5.0 0.1e400 1e400 -1e400 1e 1e+ e3".split(" "),
  ..."9007199254740993 123456789012345678901234567890 0.1 1.0 -1.50".split(" "),
  ..."'.inf' .inf -.inf +.inf .Inf .INF .iNF .nan .NaN .NAN .Nan -.nan nan inf Infinity".split(" "),
  ..."2024-01-01 2024-01-01T10:00:00Z 12:30 12:30:45 190:20:30 1:2".split(" "),
  ..."= << '<<' \"\" '' a=b a:b a::b http://x.y/z C:\\x a#b - -a ?a a? a! a& a* %a".split(" ")
    .filter((text) => text !== "-"),
  '"\\n\\t\\x41\\u00e9\\U0001F600\\/\\e\\0\\_\\N\\L\\P"',
  '"a  b"',
  "'a\\nb'",
  "a b  c",
  "__proto__",
  "constructor",
];

/** Pieces that a hand might put in the wrong place. */
const PIECES: readonly string[] = [
  ..."[ ] { } : , - ? | > ! & * # % @ ` \" ' \\ ~ ...".split(" "),
  ..."|- |+ >- |2 >+2 --- &a *a *more !x !!str !!int !!binary !<t> <<: %YAML".split(" "),
  ...SCALARS,
  ": ",
  "- ",
  "? ",
  "\n",
  "\n  ",
  "\n    ",
  "\n\n",
  "\t",
  " \t",
  "\r\n",
  "\r",
  "\u0000",
  "\u0085",
  "\u00a0",
  "\u2028",
  "\ufeff",
  "é",
  "\ud83d\ude00",
  "\ud83d",
  " # x",
  "key: ",
  "key: value\n",
  "&a key: value\n",
  "key: &a\n  b: 1\n",
  "null: 1\n",
  "1: a\n",
  "1.0: a\n",
  "true: b\n",
  "? a\n: b\n",
  "--- ",
  " ---\n",
  "...\n",
  "- - a\n",
  "<<: *a\n",
  "\n- a\n- b\n",
];

const edit = fc.record({
  at: fc.nat(EXPERIMENT_TEXT.length),
  drop: fc.nat(12),
  put: fc.constantFrom("", ...PIECES),
});

/** An experiment with a few slips of the hand. */
const edited: fc.Arbitrary<string> = fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) => {
  let text = EXPERIMENT_TEXT;
  for (const { at, drop, put } of edits) text = text.slice(0, at) + put + text.slice(at + drop);
  return text;
});

/** Pieces in any order. */
const mixed: fc.Arbitrary<string> = fc.array(fc.constantFrom("a", "b", ...PIECES), {
  minLength: 1,
  maxLength: 14,
}).map((pieces) => pieces.join(""));

/** Texts that are near to experiments, and texts that are near to nothing. */
export const yamlText: fc.Arbitrary<string> = fc.oneof(edited, mixed);
