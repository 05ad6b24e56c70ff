import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { NumberWriter } from "../../../stages/synth/number_writer.ts";

const RUNS = Deno.env.get("SKELRUN_LONG") ? 500_000 : 10_000;

function written(value: number): string {
  const out = new NumberWriter(false);
  out.number(value);
  out.endLine();
  return new TextDecoder().decode(out.bytes).trimEnd();
}

Deno.test("numbers have seven significant digits and no trailing zeros", () => {
  for (
    const [value, text] of [
      [0, "0"],
      [1, "1"],
      [-0.5, "-0.5"],
      [3.7855471, "3.785547"],
      [277.41899999, "277.419"],
      [1920, "1920"],
      [1234567.8, "1234568"],
      [9999999.7, "1E+07"],
      [0.99999996, "1"],
      [0.0001, "0.0001"],
      [0.00009999999, "9.999999E-05"],
      [-0.0000123, "-1.23E-05"],
      [1.5e-12, "1.5E-12"],
      [5e-324, "4.940656E-324"],
      [6.02214076e23, "6.022141E+23"],
    ] as const
  ) assertEquals(written(value), text);
});

Deno.test("what is written is the value to seven digits", () => {
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (value) => {
      const found = Number(written(value));
      const exact = Number(value.toPrecision(7));
      // Halfway between two decimals the product with a power of ten may round either way.
      const unit = 10 ** (Math.floor(Math.log10(Math.abs(value) || 1)) - 6);
      assertEquals(
        found === exact || Math.abs(found - value) <= 0.5000001 * unit,
        true,
        `${value}`,
      );
    }),
    { seed: 4, numRuns: RUNS },
  );
});

Deno.test("lines end as asked, without a blank before the end, beyond the first buffer too", () => {
  for (const [crlf, end] of [[false, "\n"], [true, "\r\n"]] as const) {
    const out = new NumberWriter(crlf);
    for (let line = 0; line < 9000; line++) {
      out.word("72057594037931101");
      out.number(-0.25);
      out.endLine();
    }
    assertEquals(
      new TextDecoder().decode(out.bytes),
      `72057594037931101 -0.25${end}`.repeat(9000),
    );
  }
});
