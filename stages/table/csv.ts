/**
 * A comparison as CSV (RFC 4180), full precision, one line a row.
 *
 * @module
 */
import { standardError } from "../statistics/binomial.ts";
import { COLUMNS, type Comparison } from "./comparison.ts";
import { longCsv } from "./long_csv.ts";

/** The CSV of the comparison's layout: header and rows, chance last, ending in a newline. */
export function csvTable(comparison: Comparison): string {
  return comparison.layout === "long" ? longCsv(comparison) : wideCsv(comparison);
}

function wideCsv(comparison: Comparison): string {
  const header = [
    "features",
    "control",
    "members",
    "test_clips",
    ...COLUMNS.flatMap(({ key }) => [key, `${key}_standard_error`, `${key}_spread`]),
    "level",
  ];
  const rows = comparison.rows.map((row) => [
    row.title,
    String(row.control),
    String(row.members),
    String(comparison.test),
    ...COLUMNS.flatMap(({ key }) => {
      const figure = row.figures[key];
      return [figure?.value, figure?.standard_error, figure?.spread].map(numberText);
    }),
    row.claim?.level ?? "",
  ]);
  const { uniform, uniform_top5 } = comparison.chance;
  const chance = [
    "chance",
    "true",
    "",
    String(comparison.test),
    ...COLUMNS.flatMap(({ key }) => {
      const value = key.endsWith("top5") ? uniform_top5 : uniform;
      return [value, standardError(value, comparison.test), undefined].map(numberText);
    }),
    "",
  ];
  return csvText([header, ...rows, chance]);
}

/** Lines of cells, quoted where they need it. */
export function csvText(lines: readonly (readonly string[])[]): string {
  return lines.map((cells) => cells.map(quote).join(",")).join("\n") + "\n";
}

/** Ten digits; empty for no number. */
export function numberText(value: number | undefined): string {
  return value === undefined ? "" : String(Number(value.toPrecision(10)));
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
