/**
 * Tables and paragraphs of Markdown that also read well as plain text.
 *
 * @module
 */
const WIDTH = 98;

/**
 * A table, its columns as wide as their widest cells.
 *
 * @param header The first line.
 * @param body The others, with as many cells each.
 * @param words How many columns from the left hold words; the others hold numbers, to the right.
 */
export function gridLines(
  header: readonly string[],
  body: readonly (readonly string[])[],
  words = 1,
): string[] {
  const grid = [header, ...body].map((cells) => cells.map(escapeCell));
  const widths = header.map((_, c) => Math.max(3, ...grid.map((cells) => [...cells[c]!].length)));
  const lines = grid.map((cells) => {
    const padded = cells.map((cell, c) => {
      const room = " ".repeat(widths[c]! - [...cell].length);
      return c < words ? cell + room : room + cell;
    });
    return `| ${padded.join(" | ")} |`;
  });
  const rule = widths.map((width, c) =>
    c < words ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
  );
  return [lines[0]!, `| ${rule.join(" | ")} |`, ...lines.slice(1)];
}

function escapeCell(cell: string): string {
  return cell.replaceAll("|", "\\|").replace(/\s+/g, " ");
}

/** An accuracy with its standard error, such as `71.2 ± 1.9`. */
export function figureText(
  figure: { readonly value: number; readonly standard_error: number } | undefined,
): string {
  return figure === undefined
    ? "-"
    : `${figure.value.toFixed(1)} ± ${figure.standard_error.toFixed(1)}`;
}

/** Breaks a paragraph into lines; later lines stand under the text of the first. */
export function wrap(paragraph: string, bullet = ""): string {
  const indent = " ".repeat(bullet.length);
  const lines = [bullet];
  let fresh = true;
  for (const word of paragraph.split(" ")) {
    const line = lines.at(-1)!;
    if (!fresh && line.length + 1 + word.length > WIDTH) lines.push(indent + word);
    else lines[lines.length - 1] = line + (fresh ? "" : " ") + word;
    fresh = false;
  }
  return lines.join("\n");
}

/** A difference in points with its sign, such as `+2.1`. */
export function points(value: number): string {
  const size = Math.abs(value).toFixed(1);
  return size === "0.0" ? size : `${value < 0 ? "−" : "+"}${size}`;
}

/** Such as `1 step` and `3 steps`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
