import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  DecimalScanner,
  isNonFiniteWord,
  quoteBytes,
} from "../../../stages/formats/decimal_text.ts";

const RUNS = Deno.env.get("SKELRUN_LONG") ? 200_000 : 5_000;
const bytes = (text: string) => new TextEncoder().encode(text);

function scanned(text: string): number | undefined {
  const scanner = new DecimalScanner(bytes(text));
  return scanner.scan() && scanner.position === text.length ? scanner.value : undefined;
}

Deno.test("a scanned number is the nearest float64, whatever its form", () => {
  for (
    const text of [
      ...["0", "-0", "7", "+7", "103", "0.2181153", "-1.23E-05", "1e22", "1e23", "5e-324", "1e400"],
      ...["123456789012345678", "0.1234567890123456789", "9007199254740993", ".5", "5.", "1e-400"],
      ...["72057594037931101", "2.2250738585072011e-308", "1.7976931348623157E+308", "4.35"],
    ]
  ) assertEquals(Object.is(scanned(text), Number(text)), true, text);
});

Deno.test("any printed float64 is scanned back to itself", () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: 1, max: 17 }),
      (value, digits) => {
        const printed = String(value);
        assertEquals(Object.is(scanned(printed), Number(printed)), true, printed);
        for (const text of [value.toPrecision(digits), value.toExponential(digits)]) {
          assertEquals(Object.is(scanned(text), Number(text)), true, text);
        }
      },
    ),
    { seed: 1, numRuns: RUNS },
  );
});

Deno.test("what is no number is refused and the position stays", () => {
  for (const text of ["", "-", "+", ".", "-.", "e5", "nan", "inf", "--1", "x1"]) {
    const scanner = new DecimalScanner(bytes(`  ${text}`));
    scanner.position = 2;
    assertEquals(scanner.scan(), false, text);
    assertEquals(scanner.position, 2, text);
  }
});

Deno.test("a number ends where its form ends", () => {
  for (
    const [text, end] of [["12abc", 2], ["1.2.3", 3], ["1e", 1], ["1e+", 1], ["3-4", 1]] as const
  ) {
    const scanner = new DecimalScanner(bytes(text));
    assertEquals(scanner.scan(), true);
    assertEquals(scanner.position, end, text);
  }
});

Deno.test("words for what is not finite are known, others are not", () => {
  for (const word of ["nan", "NaN", "-nan", "inf", "-Infinity", "1.#INF", "-1.#IND", "∞", "-∞"]) {
    assertEquals(isNonFiniteWord(bytes(word)), true, word);
  }
  for (const word of ["", "1", "none", "nano", "information that goes on"]) {
    assertEquals(isNonFiniteWord(bytes(word)), false, word);
  }
});

Deno.test("a quoted piece is short and printable", () => {
  assertEquals(quoteBytes(bytes("")), "nothing");
  assertEquals(quoteBytes(bytes("a\x00é")), '"a???"');
  assertEquals(quoteBytes(bytes("x".repeat(30))), `"${"x".repeat(24)}"...`);
});
