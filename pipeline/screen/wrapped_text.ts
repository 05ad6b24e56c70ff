/**
 * Sentences in lines of a width.
 *
 * @module
 */

/** Columns by which the further lines of a sentence are indented. */
const HANGING = 4;

/**
 * A text broken at spaces, its further lines indented deeper. A word that is too long stays whole.
 *
 * @param columns The width; undefined where lines may be of any length.
 * @param indent Columns before the first line.
 */
export function wrapped(text: string, columns: number | undefined, indent = 0): string[] {
  if (columns === undefined) return [" ".repeat(indent) + text];
  const lines: string[] = [];
  let line = " ".repeat(indent);
  let empty = true;
  for (const word of text.split(" ")) {
    if (!empty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = " ".repeat(indent + HANGING);
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
