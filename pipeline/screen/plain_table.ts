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
  const split = rows.map((row) =>
    row.map((cell) => cell.includes("\n") ? cell.split("\n") : [cell])
  );
  const widths: number[] = [];
  for (const row of split) {
    for (const [c, cell] of row.entries()) {
      for (const line of cell) widths[c] = Math.max(widths[c] ?? 0, line.length);
    }
  }
  return split.flatMap((row) => {
    const height = Math.max(1, ...row.map((cell) => cell.length));
    return Array.from(
      { length: height },
      (_, i) => row.map((cell, c) => (cell[i] ?? "").padEnd(widths[c]!)).join("  ").trimEnd(),
    );
  }).join("\n");
}
