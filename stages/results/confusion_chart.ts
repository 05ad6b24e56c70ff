/**
 * The confusion matrix of a result as a heat map.
 *
 * @module
 */
import { heatMap } from "../charts/heat_map.ts";
import { mean } from "../statistics/moments.ts";
import { probeName } from "./probe_names.ts";
import type { ResultInput } from "./result_writer.ts";

/**
 * Draws a confusion matrix, each true class's row as shares.
 *
 * @param counts True class by predicted class, summed over the members, row-major.
 * @param probe Whose answers they are.
 */
export function confusionChart(
  { title, protocol, classes, classNames, test }: ResultInput,
  probe: string,
  counts: ArrayLike<number>,
): string {
  const shares = Float64Array.from(counts);
  for (let c = 0; c < classes; c++) {
    const row = shares.subarray(c * classes, (c + 1) * classes);
    const total = row.reduce((sum, count) => sum + count, 0);
    for (let i = 0; i < classes; i++) row[i] = row[i]! / total;
  }
  // Numbers from 1, as data sets count their actions, keep long names apart that have to be cut.
  const names = Array.from({ length: classes }, (_, c) => {
    const name = classNames?.[c];
    return name === undefined ? String(c + 1) : `${c + 1} ${name}`;
  });
  const diagonal = Array.from({ length: classes }, (_, c) => shares[c * classes + c]!)
    .filter((share) => Number.isFinite(share));
  return heatMap({
    title: `${title}: confusion (${probeName(probe)})`,
    description: `Shares of each true class that were predicted as each class, on ` +
      `${test.clips.length} test clips of the ${protocol} split; on average over classes ` +
      `${(100 * mean(diagonal)).toFixed(1)} % are right.`,
    rowLabel: "true class",
    columnLabel: "predicted class",
    rows: names,
    columns: names,
    values: shares,
    legend: "of the true class's test clips",
  });
}
