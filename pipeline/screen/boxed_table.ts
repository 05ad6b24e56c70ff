/**
 * Rows of cells with lines around them, for terminals.
 *
 * @module
 */
import Table from "cli-table3";

/**
 * Draws a table.
 *
 * @param head The first row.
 * @param rows Rows of as many cells; a cell may have several lines.
 * @returns The text, without a final newline.
 */
export function boxedTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}
