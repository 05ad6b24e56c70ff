/**
 * An inspection as text.
 *
 * @module
 */
import { counted } from "../formats/counted.ts";
import type { Inspection, Problem } from "./inspection.ts";

/** Problems that are shown; the rest is counted. */
const SHOWN = 12;

function valueText(value: unknown): string {
  return typeof value === "string" || typeof value === "number"
    ? String(value)
    : JSON.stringify(value);
}

/** A fault with its place, as `FILE:LINE: reason`. */
export function problemText(path: string, { file, line, reason }: Problem): string {
  const place = `${file ?? path}${line === undefined ? "" : `:${line}`}`;
  return `${place}: ${reason}`;
}

/**
 * The inspection for people.
 *
 * @param path What was looked into.
 * @param columns Width of the terminal; longer lines are wrapped at words.
 */
export function inspectionText(path: string, inspection: Inspection, columns: number): string {
  const { what, facts, notes, problems } = inspection;
  const left = Math.max(4, ...facts.map(({ name }) => name.length));
  const lines = [...wrapped(`${path}: ${what}`, columns, "  ")];
  for (const { name, value, text } of facts) {
    const parts = (text ?? valueText(value)).split("\n")
      .flatMap((part) => wrapped(part, columns - left - 4, ""));
    parts.forEach((part, i) => lines.push(`  ${(i === 0 ? name : "").padEnd(left)}  ${part}`));
  }
  for (const note of notes) lines.push(...wrapped(note, columns, "  "));
  if (problems.length === 0) lines.push("No problem found.");
  else {
    lines.push(problems.length === 1 ? "A problem:" : `${counted(problems.length, "problem")}:`);
    for (const problem of problems.slice(0, SHOWN)) lines.push(`  ${problemText(path, problem)}`);
    if (problems.length > SHOWN) {
      lines.push(`  and ${problems.length - SHOWN} more (--json has them)`);
    }
  }
  return printable(lines.join("\n")) + "\n";
}

/** Names of files and texts in them may hold anything; a terminal is not to act on it. */
function printable(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, "?");
}

function wrapped(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > Math.max(20, width)) {
      lines.push(line);
      line = indent + word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
