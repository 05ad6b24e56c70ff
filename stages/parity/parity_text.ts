/**
 * Results of parity checks as text.
 *
 * @module
 */
import type { ParityResult } from "./parity_check.ts";

/** A difference for people: `exact`, `3.1e-7`, or `wrong` where no number says how much. */
export function differenceText(difference: number): string {
  if (difference === 0) return "exact";
  return Number.isFinite(difference) ? difference.toExponential(1) : "wrong";
}

/**
 * One case as a table: a row a quantity.
 *
 * @param backend Name of the backend's column.
 */
export function parityText(result: ParityResult, backend: string, tolerance: number): string {
  const { float64 } = result;
  const head = ["quantity", ...(float64 === undefined ? [] : ["float64"]), backend, "largest at"];
  const rows = result.backend.map(({ quantity, difference, where }, i) => {
    const formula = float64?.[i];
    const bad = [formula?.difference ?? 0, difference].some((d) => !(d <= tolerance));
    return [
      quantity,
      ...(formula === undefined ? [] : [differenceText(formula.difference)]),
      differenceText(difference),
      `${where}${bad ? "  <- past the tolerance" : ""}`,
    ];
  });
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]!.length))
  );
  const lines = [head, ...rows].map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()}`
  );
  const verdict = result.passed ? "passes" : "FAILS";
  return [
    `${result.name}: ${verdict}, largest difference ${differenceText(result.largest)} ` +
    `(tolerance ${tolerance})`,
    ...lines,
    "",
  ].join("\n");
}
