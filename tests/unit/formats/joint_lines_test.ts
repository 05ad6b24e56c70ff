import { assert, assertEquals } from "@std/assert";
import { JointLines } from "../../../stages/formats/joint_lines.ts";
import { readSkeletonRecords } from "../../../stages/formats/skeleton_records.ts";
import { randomStream } from "../../../stages/random.ts";
import { skeletonLines, textOf } from "./skeleton_fixture.ts";

const VALUES = Deno.env.has("SKELRUN_LONG") ? 1_000_000 : 50_000;
const REST = "277.419 191.8218 1036.233 519.1677 -0.20594 0.0535 0.9692 -1.2E-05 2";
const bytes = (text: string) => new TextEncoder().encode(text);

/** 25 lines of three words each. */
function linesOf(words: readonly string[], lineEnd = "\r\n"): string {
  return Array.from(
    { length: 25 },
    (_, j) => `${words.slice(3 * j, 3 * j + 3).join(" ")} ${REST}${lineEnd}`,
  ).join("");
}

/** Words in the ways that programs print numbers. */
function printed(value: number, digits: number): string {
  switch (digits % 5) {
    case 0:
      return value.toFixed(3 + digits % 16);
    case 1:
      return String(Math.fround(value));
    case 2:
      return value.toPrecision(1 + digits % 17);
    case 3:
      return value.toFixed(digits % 8);
    default:
      return String(value);
  }
}

Deno.test("every value is what Math.fround(Number(text)) says, to the bit", () => {
  const stream = randomStream(3, "joint lines");
  const reader = new JointLines();
  let fast = 0, given = 0;
  for (let from = 0; from < VALUES; from += 75) {
    // Every other block as files have it, the rest in any form.
    const usual = given % 2 === 0;
    const words = Array.from({ length: 75 }, () => {
      const value = 10 ** stream.integer(-6, 6) * stream.normal();
      const word = printed(value, stream.integer(0, 1000));
      return usual && !/^-?\d{1,7}(\.\d{0,8})?$/.test(word) ? value.toFixed(8) : word;
    });
    const text = bytes(linesOf(words));
    reader.load(text);
    if (reader.joints(0) === text.length) {
      fast++;
      for (const [i, word] of words.entries()) {
        const expected = Math.fround(Number(word));
        assert(Object.is(reader.coordinates[i], expected), `${word}: ${reader.coordinates[i]}`);
      }
    }
    // Whoever reads them, the values are the same.
    const head = "1\n1\n72057594037931101 0 1 1 1 1 0 0.02 -0.05 2\n25\n";
    const { positions } = readSkeletonRecords(bytes(head + linesOf(words, "\n")), "x.skeleton");
    assertEquals(positions, Float32Array.from(words, Number));
    given++;
  }
  assert(fast >= given / 2, `${fast} of ${given} were read here`);
});

Deno.test("halves between two float32 and numbers of 17 and 18 digits are rounded as Number and Math.fround do", () => {
  const hard = ["1.00000005960464477539", "0.500000029802322387", "16777217", "9007199254740992"]
    .concat("9007199254740993", "0.100000001490116119", "-0.0", "-0", "0.0", "5.", "1.17549435e-38")
    .concat("0.3333333432674407", "33554433.5", "-1.401298464324817", "00.5", "999999999999999999");
  const reader = new JointLines();
  for (const word of hard) {
    const text = bytes(linesOf(Array(75).fill(word)));
    reader.load(text);
    const next = reader.joints(0);
    assert(next === -1 || next === text.length);
    if (next === -1) continue;
    assert(Object.is(reader.coordinates[40], Math.fround(Number(word))), word);
  }
});

Deno.test("lines of another form are left to the general reader, wherever they differ", () => {
  const reader = new JointLines();
  const good = linesOf(Array(75).fill("-0.2181153"));
  const at = 24 * good.length / 25;
  const last = good.slice(at);
  const others = [
    last.replace("-0.2", ".2"),
    last.replace("-0.2", "+0.2"),
    last.replace("-0.2181153 ", "-0.2181153  "),
    last.replace("-0.2181153 ", "-0.2181153\t"),
    last.replace("-0.2181153 ", "nan "),
    last.replace("-0.2181153 ", "-0.2181153E-05 "),
    last.replace("-0.2181153 ", "-0.2181153x "),
    last.replace("-0.2181153 ", "- "),
    last.replace("-0.2181153 ", ""),
    last.replace("0.0535", "inf"),
    last.replace("0.0535", "0.0535 7"),
    last.replace(" 0.0535", ""),
    last.replace(" 2\r\n", "  2\r\n"),
    last.replace(" 2\r\n", " 2 \r\n"),
    last.replace(" 2\r\n", " 2\r\r\n"),
    last.replace(" 2\r\n", " 2\r"),
    last.replace(" 2\r\n", " 2"),
    last.replace(" 2\r\n", " \u0000\r\n"),
    last.replace("277.419", "277,419"),
    "",
  ];
  for (const other of others) {
    const text = bytes(good.slice(0, at) + other);
    reader.load(text);
    assertEquals(reader.joints(0), -1, JSON.stringify(other));
  }
  for (const lineEnd of ["\n", "\r\n"]) {
    const text = bytes(linesOf(Array(75).fill("1"), lineEnd) + "rest");
    reader.load(text);
    assertEquals(reader.joints(0), text.length - 4);
  }
});

Deno.test("a line is passed over if it has as many words as it should, whatever its length", () => {
  const reader = new JointLines();
  for (let length = 1; length < 40; length++) {
    for (const words of [1, 2, 3]) {
      const line = Array(words).fill("7".repeat(length)).join(" ");
      reader.load(bytes(`${line}\r\nnext`));
      for (const columns of [1, 2, 3, 4]) {
        assertEquals(reader.pass(0, columns), columns === words ? line.length + 2 : -1);
      }
    }
  }
});

Deno.test("a longer text after a shorter one, and a shorter after a longer, are read whole", () => {
  const long = textOf(skeletonLines(new Array(900).fill(2)));
  const short = textOf(skeletonLines([1]));
  for (const text of [short, long, short]) {
    const { positions, records } = readSkeletonRecords(text, "x.skeleton");
    assertEquals(positions.length, records * 75);
    assertEquals(positions.every((value) => value >= 1), true);
  }
  assertEquals(long.length > 32 * 65536, true);
});
