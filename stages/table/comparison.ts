/**
 * The content of a table, before it becomes text: figures of each row, chance, and what they say
 * about each other. All accuracies and errors are in percent.
 *
 * @module
 */
import { UnusableInput } from "../formats/unusable_input.ts";
import type { ResultFile, Spread } from "../results/result_file.ts";
import { standardError } from "../statistics/binomial.ts";
import type { Chance } from "../statistics/classification.ts";
import { type PairedDifference, pairedDifference } from "../statistics/paired_bootstrap.ts";
import { type Answers, ofSameClips } from "./answers.ts";
import { isOneCell } from "./rows.ts";

/** One accuracy of a row. */
export interface Figure {
  /** Mean over the members. */
  readonly value: number;
  /** Binomial standard error of that mean, from the number of test clips. */
  readonly standard_error: number;
  /** Standard deviation over the members; absent for a single one. */
  readonly spread?: number;
}

/** Columns of a table, in order: key, probe and the probe's figure. */
export const COLUMNS = [
  { key: "linear_last", probe: "linear", figure: "top1_last" },
  { key: "linear_best", probe: "linear", figure: "top1_best" },
  { key: "linear_top5", probe: "linear", figure: "top5_last" },
  { key: "converged", probe: "linear_converged", figure: "top1_last" },
  { key: "converged_top5", probe: "linear_converged", figure: "top5_last" },
  { key: "nn1", probe: "nn1", figure: "top1_last" },
] as const satisfies readonly {
  key: string;
  probe: string;
  figure: "top1_last" | "top1_best" | "top5_last";
}[];

/** Name of a column. */
export type Column = typeof COLUMNS[number]["key"];

/** One row of a table. */
export interface ComparisonRow {
  readonly input: string;
  readonly title: string;
  readonly control: boolean;
  readonly members: number;
  /** Cells of a grid that they come from. */
  readonly cells: number;
  readonly figures: { readonly [K in Column]?: Figure };
}

/** How much was pre-trained. */
export interface TrainingSummary {
  readonly steps: number;
  readonly batch: number;
  /** Steps times batch. */
  readonly clips_seen: number;
  /** Passes over the training clips. */
  readonly passes: number;
  /** The global loss at the end and at chance; absent where no row was logged. */
  readonly loss?: { readonly L_z: number; readonly chance: number };
  /** The attention mask at the end; absent where it was not asked for or does not vary. */
  readonly mask?: MaskSummary;
}

/** Where the attention mask varies, and how well it finds swapped parts. */
export interface MaskSummary {
  /** Shares of its variance by channel, joint, frame, clip and residual. */
  readonly shares: Readonly<Record<string, number>>;
  /** Share of the variance between a body's tokens, channel by channel. */
  readonly tokens: number;
  /** Area under the ROC curve of swapped against own tokens; absent where parts are not swapped. */
  readonly auc?: { readonly trained: number; readonly untrained: number; readonly random: number };
}

/** A trained row against a control, by the converged probe, on the same test clips. */
export interface Gain {
  readonly row: string;
  readonly control: string;
  /** Names of the two inputs. */
  readonly inputs: readonly [row: string, control: string];
  /** Points by which the row is above the control. */
  readonly gain: number;
  /** Of the gain, by the paired bootstrap. */
  readonly standard_error: number;
  /** The 95 % interval of the gain, by the paired bootstrap. */
  readonly interval: readonly [number, number];
  /** What was resampled, and how many of them there are. */
  readonly by: PairedDifference["by"];
  readonly units: number;
}

/** The whole table. */
export interface Comparison {
  readonly title: string;
  readonly protocol: string;
  readonly classes: number;
  /** Test clips. */
  readonly test: number;
  /** Different training clips of the probes. */
  readonly train: number;
  readonly chance: Chance;
  readonly rows: readonly ComparisonRow[];
  readonly gains: readonly Gain[];
  readonly training?: TrainingSummary;
}

/** A result and how its row is to be shown. */
export interface RowSource {
  readonly input: string;
  readonly title: string;
  readonly control: boolean;
  /** Names of the inputs that its figures are the mean of. */
  readonly cells: readonly string[];
  readonly result: ResultFile;
  readonly answers: Answers;
}

/**
 * Sets results side by side.
 *
 * @throws {UnusableInput} If there is no result, or two were not tested on the same clips.
 */
export function compare(
  title: string,
  sources: readonly RowSource[],
  training?: TrainingSummary,
): Comparison {
  const [first] = sources;
  if (first === undefined) {
    throw new UnusableInput("table: no result is given; name some among the inputs");
  }
  for (const { input, result, answers } of sources) {
    for (const field of ["protocol", "classes", "test"] as const) {
      if (result[field] === first.result[field]) continue;
      throw new UnusableInput(
        `table: ${input} has ${field} ${result[field]} and ${first.input} has ` +
          `${first.result[field]}; rows of one table must be tested on the same clips`,
      );
    }
    if (!ofSameClips(answers, first.answers)) {
      throw new UnusableInput(
        `table: ${input} and ${first.input} were tested on different clips, as many as they are; ` +
          "rows of one table must be tested on the same clips",
      );
    }
  }
  const { protocol, classes, test, train, chance } = first.result;
  const rows = sources.map((source) => comparisonRow(source));
  return {
    title,
    protocol,
    classes,
    test,
    train,
    chance,
    rows,
    gains: gains(sources),
    ...(training === undefined ? {} : { training }),
  };
}

function comparisonRow({ input, title, control, cells, result }: RowSource): ComparisonRow {
  const figures: { [K in Column]?: Figure } = {};
  let members = 1;
  for (const { key, probe, figure } of COLUMNS) {
    const summary = result.summary[probe];
    const spread: Spread | undefined = summary?.[figure];
    if (summary === undefined || spread === undefined) continue;
    members = Math.max(members, summary.members);
    figures[key] = {
      value: spread.mean,
      standard_error: standardError(spread.mean, summary.n),
      ...(spread.spread === undefined ? {} : { spread: spread.spread }),
    };
  }
  return { input, title, control, members, cells: cells.length, figures };
}

/** Every row that is no control against every control, in a grid those of its own cell. */
function gains(sources: readonly RowSource[]): Gain[] {
  const controls = sources.filter(({ control }) => control);
  return sources.filter(({ control }) => !control).flatMap((row) =>
    controls.filter((control) => isOneCell(row.input, control.input))
      .map((control) => gainOver(row, control))
  );
}

function gainOver(row: RowSource, control: RowSource): Gain {
  const differences = row.answers.right.map((right, i) => right - control.answers.right[i]!);
  const found = pairedDifference(differences, row.answers.subjects);
  return {
    row: row.title,
    control: control.title,
    inputs: [row.input, control.input],
    gain: 100 * found.difference,
    standard_error: 100 * found.standard_error,
    interval: [100 * found.interval[0], 100 * found.interval[1]],
    by: found.by,
    units: found.units,
  };
}
