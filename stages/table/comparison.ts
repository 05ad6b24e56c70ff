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
import { type AnswersByProbe, ofSameClips } from "./answers.ts";
import { splitName } from "./full_data_sets.ts";
import { type Gain, gainsOf } from "./gains.ts";
import { anyOf } from "./gathered.ts";
import type { Claim } from "./levels.ts";
import { type Line, linesOf } from "./lines.ts";
import type { RowChoice } from "./rows.ts";

/** One accuracy of a row. */
export interface Figure {
  /** Mean over the members. */
  readonly value: number;
  /** Binomial standard error of that mean, from the number of test clips. */
  readonly standard_error: number;
  /** Standard deviation over the members; absent for a single one. */
  readonly spread?: number;
  /** The 95 % interval, by the bootstrap over subjects, or over clips where those are few. */
  readonly interval?: readonly [number, number];
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
  /** What the row may claim, by the converged probe; absent for controls. */
  readonly claim?: Claim;
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

/** See the parameter of that name. */
export type Layout = "wide" | "long";

/** The whole table; of the long layout `protocol` to `chance` are those of the first row. */
export interface Comparison {
  readonly layout: Layout;
  readonly title: string;
  readonly protocol: string;
  readonly classes: number;
  /** Test clips. */
  readonly test: number;
  /** Different training clips of the probes. */
  readonly train: number;
  readonly chance: Chance;
  readonly rows: readonly ComparisonRow[];
  /** All figures again, a line for each row and kind of classifier. */
  readonly lines: readonly Line[];
  /** In the wide layout of the converged probe alone. */
  readonly gains: readonly Gain[];
  /** Chance on each set of test clips, in the order of the rows. */
  readonly chances: readonly {
    readonly split: string;
    readonly test: number;
    readonly chance: Chance;
  }[];
  readonly training?: TrainingSummary;
}

/** A result and how its row is to be shown. */
export interface RowSource extends RowChoice {
  readonly title: string;
  readonly result: ResultFile;
  readonly answers: AnswersByProbe;
}

/** The probe that rows of linear evaluations are compared by. */
const CONVERGED = "linear_converged";

/** The layout that suits the rows. */
function suitedLayout(sources: readonly RowSource[]): Layout {
  const wide = sources.every(({ answers, probes, reference }) =>
    CONVERGED in answers && probes === undefined && reference === undefined
  );
  return wide ? "wide" : "long";
}

/**
 * Sets results side by side.
 *
 * @param asked The layout; the one that suits the rows if unset.
 * @throws {UnusableInput} If there is no result, or two of the wide layout were not tested on the same
 * clips, or a row asks for what its result has not.
 */
export function compare(
  title: string,
  sources: readonly RowSource[],
  training?: TrainingSummary,
  asked?: Layout,
): Comparison {
  const [first] = sources;
  if (first === undefined) {
    throw new UnusableInput("table: no result is given; name some among the inputs");
  }
  const layout = asked ?? suitedLayout(sources);
  if (layout === "wide") requireSameClips(first, sources);
  const { protocol, classes, test, train, chance } = first.result;
  const all = gainsOf(sources);
  const gains = layout === "wide" ? all.filter(({ probe }) => probe === CONVERGED) : all;
  const untrained = new Set(
    sources.filter(({ result }) => result.encoder?.trained.steps === 0).map(({ input }) => input),
  );
  const lines = sources.flatMap((source) => linesOf(source, all, untrained));
  return {
    layout,
    title,
    protocol,
    classes,
    test,
    train,
    chance,
    rows: sources.map((source) => comparisonRow(source, lines)),
    lines,
    gains,
    chances: chancesOf(sources),
    ...(training === undefined ? {} : { training }),
  };
}

function chancesOf(sources: readonly RowSource[]): Comparison["chances"] {
  const found = new Map(sources.map(({ result: { data, protocol, test, classes, chance } }) => {
    const split = splitName(data, protocol);
    return [[split, test, classes, chance.majority].join(), { split, test, chance }];
  }));
  return [...found.values()];
}

function requireSameClips(first: RowSource, sources: readonly RowSource[]): void {
  for (const { input, result, answers } of sources) {
    for (const field of ["protocol", "classes", "test"] as const) {
      if (result[field] === first.result[field]) continue;
      throw new UnusableInput(
        `table: ${input} has ${field} ${result[field]} and ${first.input} has ` +
          `${
            first.result[field]
          }; rows of one table must be tested on the same clips, unless its ` +
          "layout is long",
      );
    }
    if (!ofSameClips(anyOf(answers), anyOf(first.answers))) {
      throw new UnusableInput(
        `table: ${input} and ${first.input} were tested on different clips, as many as they are; ` +
          "rows of one table must be tested on the same clips, unless its layout is long",
      );
    }
  }
}

function comparisonRow(
  { input, title, control, cells, result }: RowSource,
  lines: readonly Line[],
): ComparisonRow {
  const of = (probe: string) => lines.find((line) => line.input === input && line.probe === probe);
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
      ...drawnInterval(of(probe), figure),
    };
  }
  const claim = of(CONVERGED)?.claim;
  return {
    input,
    title,
    control,
    members,
    cells: cells.length,
    figures,
    ...(claim === undefined ? {} : { claim }),
  };
}

function drawnInterval(
  line: Line | undefined,
  figure: typeof COLUMNS[number]["figure"],
): Pick<Figure, "interval"> {
  const found = figure === "top1_last"
    ? line?.last.interval
    : figure === "top1_best"
    ? line?.best?.interval
    : undefined;
  return found === undefined ? {} : { interval: found };
}
