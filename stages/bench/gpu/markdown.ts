/**
 * Tables and headings of a report.
 *
 * @module
 */

/** A report that grows by sections. */
export class MarkdownReport {
  readonly #lines: string[];

  constructor(title: string) {
    this.#lines = [`# ${title}`, ""];
  }

  /** Begins a section. */
  section(title: string): void {
    this.#lines.push(`## ${title}`, "");
  }

  /** A paragraph. */
  say(text: string): void {
    this.#lines.push(text, "");
  }

  /** A list. */
  list(items: readonly string[]): void {
    this.#lines.push(...items.map((item) => `- ${item}`), "");
  }

  /** A table, of which the first row is the head; columns from the second on hold figures. */
  table(rows: readonly (readonly string[])[]): void {
    const clean = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
    const columns = clean[0]!.length;
    const widths = Array.from(
      { length: columns },
      (_, i) => Math.max(3, ...clean.map((row) => (row[i] ?? "").length)),
    );
    const line = (row: readonly string[]) =>
      `| ${
        widths.map((width, i) =>
          i === 0 ? (row[i] ?? "").padEnd(width) : (row[i] ?? "").padStart(width)
        ).join(" | ")
      } |`;
    const rule = `| ${
      widths.map((width, i) => i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)
        .join(" | ")
    } |`;
    this.#lines.push(line(clean[0]!), rule, ...clean.slice(1).map(line), "");
  }

  /** All of it. */
  get text(): string {
    return this.#lines.join("\n");
  }
}
