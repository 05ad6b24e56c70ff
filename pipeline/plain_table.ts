/**
 * Rows of cells as aligned plain text, for pipes and files.
 *
 * @module
 */

/**
 * Aligns columns with two spaces between them.
 *
 * @param rows Rows of equally many cells; a cell may have several lines.
 * @returns The text, without a final newline and without spaces at line ends.
 */
export function plainTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from(
    { length: columns },
    (_, c) =>
      Math.max(...rows.flatMap((row) => (row[c] ?? "").split("\n").map((line) => line.length))),
  );
  return rows.flatMap((row) => {
    const cells = row.map((cell) => cell.split("\n"));
    const height = Math.max(1, ...cells.map((cell) => cell.length));
    return Array.from(
      { length: height },
      (_, i) => cells.map((cell, c) => (cell[i] ?? "").padEnd(widths[c]!)).join("  ").trimEnd(),
    );
  }).join("\n");
}
