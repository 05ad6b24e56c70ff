/**
 * Where two texts differ first.
 *
 * @module
 */

/** Letters of a line that a message shows. */
const SHOWN = 60;

/** Letters before the first difference that a message shows of a long line. */
const BEFORE = 20;

/**
 * How two texts differ: the first line and column (from 1) that do, what is there in each, and how
 * many lines differ.
 *
 * @returns Undefined where they are equal.
 */
export function textDifference(a: string, b: string): string | undefined {
  if (a === b) return undefined;
  const [first, second] = [a.split("\n"), b.split("\n")];
  const lines = Math.max(first.length, second.length);
  const differing = Array.from({ length: lines }, (_, i) => i)
    .filter((i) => first[i] !== second[i]);
  const line = differing[0]!;
  const others = differing.length === 1 ? "" : `; ${differing.length} of ${lines} lines differ`;
  const [here, there] = [first[line], second[line]];
  if (here === undefined || there === undefined) {
    const which = here === undefined ? "first" : "second";
    return `line ${line + 1}: the ${which} ends before it${others}`;
  }
  let column = 0;
  while (here[column] === there[column]) column++;
  return `line ${line + 1}, column ${column + 1}: ${shown(here, column)} / ` +
    `${shown(there, column)}${others}`;
}

function shown(line: string, column: number): string {
  const from = line.length <= SHOWN ? 0 : Math.max(0, column - BEFORE);
  const cut = line.slice(from, from + SHOWN);
  return JSON.stringify(
    `${from > 0 ? "..." : ""}${cut}${from + SHOWN < line.length ? "..." : ""}`,
  );
}
