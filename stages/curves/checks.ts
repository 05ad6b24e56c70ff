/**
 * The checks of a run beside its log: what the kNN monitor and the mask's check found, as charts need it.
 *
 * @module
 */

/** Rows of a table of numbers by the names of its columns; null where a cell is empty. */
export type CheckRow = Readonly<Record<string, number | null>>;

/** Checks of a run; either may be empty. */
export interface Checks {
  /** `step`, `epoch`, `k`, `top1` (percent). */
  readonly knn: readonly CheckRow[];
  /** `step`, shares of the mask's variance, `auc` and more. */
  readonly mask: readonly CheckRow[];
  /** AUC of masks that learnt nothing, where it is known. */
  readonly auc?: { readonly untrained: number | null; readonly random: number | null };
}

/**
 * Reads a table as `knn.csv` and `mask.csv` are: a header, then numbers or nothing.
 *
 * @throws {Error} If a cell is no number, naming file and line.
 */
export function parseChecks(csv: string, file: string): CheckRow[] {
  const [header = "", ...lines] = csv.trimEnd().split("\n");
  const names = header.split(",");
  return lines.map((line, i) => {
    const cells = line.split(",");
    if (cells.length !== names.length) {
      throw new Error(
        `${file}, line ${i + 2}: expected ${names.length} cells, found ${cells.length}`,
      );
    }
    return Object.fromEntries(names.map((name, at) => {
      const cell = cells[at]!;
      const value = cell === "" ? null : Number(cell);
      if (Number.isNaN(value)) {
        throw new Error(`${file}, line ${i + 2}: expected a number for ${name}, found ${cell}`);
      }
      return [name, value];
    }));
  });
}
