/**
 * Tables in text: one row a line, fields between commas, semicolons or tabs, quotes around fields that
 * hold such a character, as spreadsheets write them (RFC 4180, but for line ends inside a field, which
 * are faults: a forgotten quote must not swallow the rest). A fault costs its own line, never others.
 *
 * @module
 */

/** A row and where it begins. */
export interface CsvRow {
  /** From 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** A line that is no row. */
export interface CsvFault {
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

/** What a table holds, in its order. */
export interface CsvTable {
  readonly separator: "," | ";" | "\t";
  readonly rows: readonly CsvRow[];
  readonly faults: readonly CsvFault[];
}

/**
 * The text in bytes: UTF-8, or UTF-16 where a byte order mark says so. What is neither becomes U+FFFD,
 * so that one damaged byte costs one row.
 */
export function csvTextOf(bytes: Uint8Array): string {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe
    ? "utf-16le"
    : bytes[0] === 0xfe && bytes[1] === 0xff
    ? "utf-16be"
    : undefined;
  return new TextDecoder(utf16).decode(bytes);
}

/**
 * Reads a table. The separator is the one of `,`, `;` and tab that the first line has most of. Blanks
 * around fields do not count, nor do empty lines; LF, CRLF and CR end a line.
 */
export function readCsv(text: string): CsvTable {
  const lines = text.split(/\r\n|\n|\r/);
  const separator = separatorOf(lines.find((line) => line.trim() !== "") ?? "");
  const rows: CsvRow[] = [];
  const faults: CsvFault[] = [];
  for (const [i, content] of lines.entries()) {
    if (content.trim() === "") continue;
    const fields = fieldsOf(content, separator);
    if (typeof fields === "string") faults.push({ line: i + 1, reason: fields });
    else rows.push({ line: i + 1, fields });
  }
  return { separator, rows, faults };
}

function separatorOf(line: string): CsvTable["separator"] {
  const count = (separator: string) => line.split(separator).length;
  const [best] = ([",", ";", "\t"] as const).toSorted((a, b) => count(b) - count(a));
  return best!;
}

/** The fields of a line, or what is wrong with it. */
function fieldsOf(line: string, separator: string): string[] | string {
  const fields: string[] = [];
  const blanks = separator === "\t" ? / */y : /[ \t]*/y;
  for (let at = 0;; at++) {
    blanks.lastIndex = at;
    at += blanks.exec(line)![0].length;
    if (line[at] !== '"') {
      const end = line.indexOf(separator, at);
      fields.push(line.slice(at, end < 0 ? undefined : end).trim());
      if (end < 0) return fields;
      at = end;
      continue;
    }
    const field = quotedField(line, at + 1);
    if (field === undefined) return "a quote is opened and not closed on its line";
    fields.push(field.value.trim());
    blanks.lastIndex = field.end;
    at = field.end + blanks.exec(line)![0].length;
    if (at === line.length) return fields;
    if (line[at] !== separator) {
      return `expected a separator behind the closing quote, found ${quoted(line.slice(at))}`;
    }
  }
}

/** A field whose opening quote is behind it; two quotes stand for one. */
function quotedField(line: string, from: number): { value: string; end: number } | undefined {
  let value = "";
  for (let at = from;;) {
    const close = line.indexOf('"', at);
    if (close < 0) return undefined;
    value += line.slice(at, close);
    if (line[close + 1] !== '"') return { value, end: close + 1 };
    value += '"';
    at = close + 2;
  }
}

/** A field or a piece of one for an error message: in quotes, cut, without what cannot be shown. */
export function quoted(text: string): string {
  // deno-lint-ignore no-control-regex
  const shown = text.slice(0, 40).replace(/[\u0000-\u001f\u007f-\u009f\ufffd]/g, "?");
  return `"${shown}"${text.length > 40 ? "..." : ""}`;
}
