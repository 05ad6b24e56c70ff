/**
 * The lines of the long layout: one for each row and each kind of classifier, with everything that a
 * number has to say of itself. All accuracies and errors are in percent.
 *
 * @module
 */
import { UnusableInput } from "../formats/unusable_input.ts";
import { FROM_SCRATCH } from "../results/probe_names.ts";
import type { ResultFile, ResultRow } from "../results/result_file.ts";
import { type AccuracyInterval, accuracyInterval } from "../statistics/accuracy_interval.ts";
import { standardError } from "../statistics/binomial.ts";
import { mean } from "../statistics/moments.ts";
import type { Answers } from "./answers.ts";
import type { Figure, RowSource } from "./comparison.ts";
import type { Reference } from "./definition.ts";
import { differingAxes } from "./rows.ts";
import { probesOf } from "./row_probes.ts";
import { isCameraSplit, isSetupSplit, splitName } from "./full_data_sets.ts";
import type { Gain } from "./gains.ts";
import { type Claim, claimOf, FEWEST_SEEDS } from "./levels.ts";

/** A published number beside a line. */
export interface Published extends Reference {
  /** Last epoch less the published number, in points. */
  readonly difference: number;
  /** Best on test less the published number. */
  readonly difference_best?: number;
  /** It is NTU 120's second number, of which it is doubtful which split it is of. */
  readonly doubtful: boolean;
}

/** Accuracy on some of the test clips, mean over the members. */
export interface PartFigure {
  readonly n: number;
  readonly last: number;
}

/** One row's one kind of classifier. */
export interface Line {
  readonly input: string;
  readonly title: string;
  readonly control: boolean;
  readonly probe: string;
  /** Split, such as `xsub`; that of NTU 120 by camera is `camera`. */
  readonly split: string;
  readonly classes: number;
  /** Of the clips, where that is known. */
  readonly dataset?: string;
  /** What it was computed with, to stand beside a published number. */
  readonly setting: {
    readonly frames?: number;
    readonly width?: number;
    readonly hidden_dim?: number;
  };
  /** Test clips. */
  readonly test: number;
  readonly train: number;
  readonly clips_per_epoch?: readonly number[];
  readonly members: number;
  readonly cells: number;
  /** Axes of a grid along which its cells differ. */
  readonly axes: readonly string[];
  /** What differs between members. */
  readonly varied: ResultFile["varied"];
  readonly last: Figure;
  readonly best?: Figure;
  readonly top5: Figure;
  /** Of `last`. */
  readonly bootstrap: AccuracyInterval;
  readonly one_person?: PartFigure;
  readonly mutual?: PartFigure;
  /** Different pre-trainings (or trainings from scratch) behind it; absent where nothing was trained. */
  readonly seeds?: number;
  /** Fewer than five of them, in a row that is no control. */
  readonly indicative: boolean;
  readonly reference?: Published;
  /** Absent for controls, which claim nothing. */
  readonly claim?: Claim;
}

/**
 * The lines of a row.
 *
 * @param gains All differences of the table, by which a line's level is judged.
 * @param untrained Inputs whose encoder was not trained.
 * @throws {UnusableInput} If a classifier is asked for that the result has not, or a published number is
 * of another split or of a classifier that the row does not show.
 */
export function linesOf(
  source: RowSource,
  gains: readonly Gain[],
  untrained: ReadonlySet<string>,
): readonly Line[] {
  const probes = probesOf(source);
  const referred = source.reference?.probe ?? probes[0]!;
  if (!probes.includes(referred)) {
    throw new UnusableInput(
      `table: rows: ${source.input} shows no ${referred}, which its published number is of ` +
        `(reference.probe); it shows ${probes.join(", ")}`,
    );
  }
  return probes.map((probe) => {
    const line = plainLine(source, probe);
    const reference = probe === referred ? published(source, line) : undefined;
    const shown = { ...line, ...(reference === undefined ? {} : { reference }) };
    if (source.control) return shown;
    const own = gains.filter((gain) => gain.inputs[0] === source.input && gain.probe === probe);
    const claim = claimOf({
      result: source.result,
      probe,
      seeds: line.seeds ?? 0,
      last: line.last.value,
      ...(line.last.spread === undefined ? {} : { spread: line.last.spread }),
      gains: own.map(({ control, control_probe, inputs, interval }) => ({
        control,
        low: interval[0],
        floor: untrained.has(inputs[1]) || (control_probe ?? probe) === FROM_SCRATCH,
      })),
      ...(reference === undefined ? {} : { reference: reference.value }),
    });
    return { ...shown, claim };
  });
}

function plainLine(source: RowSource, probe: string): Line {
  const { input, title, control, cells, result, answers: all } = source;
  const answers = all[probe]!;
  const summary = result.summary[probe]!;
  const rows = result.rows.filter((row) => row.probe === probe);
  const seeds = seedsOf(result, probe, summary.members);
  const bootstrap = accuracyInterval(answers.right, answers.subjects);
  const figure = (spread: { mean: number; spread?: number }): Figure => ({
    value: spread.mean,
    standard_error: standardError(spread.mean, summary.n),
    ...(spread.spread === undefined ? {} : { spread: spread.spread }),
  });
  const parts = (name: "one_person" | "mutual") => {
    const found = rows.map((row: ResultRow) => row[name]).filter((part) => part !== undefined);
    if (found.length === 0) return {};
    return { [name]: { n: found[0]!.n, last: mean(found.map(({ top1_last }) => top1_last)) } };
  };
  return {
    input,
    title,
    control,
    probe,
    split: splitName(result.data, result.protocol),
    classes: result.classes,
    ...(result.data === undefined ? {} : { dataset: result.data.dataset }),
    setting: {
      ...(result.data === undefined ? {} : { frames: result.data.frames }),
      ...(result.encoder === undefined ? {} : {
        width: result.encoder.width,
        hidden_dim: result.encoder.hidden_dim,
      }),
    },
    test: summary.n,
    train: result.train,
    ...(result.clips_per_epoch === undefined ? {} : { clips_per_epoch: result.clips_per_epoch }),
    members: summary.members,
    cells: cells.length,
    axes: differingAxes(cells),
    varied: result.varied,
    last: { ...figure(summary.top1_last!), ...intervalOf(bootstrap) },
    ...bestFigure(answers, summary.top1_best === undefined ? undefined : figure(summary.top1_best)),
    top5: figure(summary.top5_last!),
    bootstrap,
    ...parts("one_person"),
    ...parts("mutual"),
    ...(seeds === undefined ? {} : { seeds }),
    indicative: !control && seeds !== undefined && seeds < FEWEST_SEEDS,
  };
}

function bestFigure(answers: Answers, best: Figure | undefined): { best?: Figure } {
  if (best === undefined) return {};
  if (answers.right_best === undefined) return { best };
  const found = accuracyInterval(answers.right_best, answers.subjects);
  return { best: { ...best, ...intervalOf(found) } };
}

/** The interval that is drawn: over subjects, or over clips where there are too few of them. */
export function intervalOf({ by_subject, by_clip }: AccuracyInterval): Pick<Figure, "interval"> {
  const shown = by_clip ?? by_subject;
  return shown === undefined ? {} : { interval: shown.interval };
}

/** How many different trainings are behind a result; `undefined` where nothing was trained. */
function seedsOf(
  { encoder, varied, source }: ResultFile,
  probe: string,
  members: number,
): number | undefined {
  if (probe === FROM_SCRATCH) return varied.includes("initialisation") ? members : 1;
  if (encoder !== undefined) {
    return encoder.trained.steps === 0 ? undefined : new Set(encoder.weights).size;
  }
  // A result that does not say which encoder it comes from is taken for one of a single training.
  return source === "raw coordinates" ? undefined : 1;
}

function published(source: RowSource, line: Line): Published | undefined {
  const { reference, result, input } = source;
  if (reference === undefined) return undefined;
  const camera = isCameraSplit(result.data, result.protocol);
  if ((reference.split ?? (camera ? "xset" : line.split)) !== line.split) {
    const split = reference.split ??
      "xset (the second split of NTU 120, unless reference.split says camera)";
    throw new UnusableInput(
      `table: rows: ${input} was tested on the split ${line.split} and its published number is of ` +
        `${split}; numbers of different splits are never set side by side`,
    );
  }
  return {
    ...reference,
    difference: line.last.value - reference.value,
    doubtful: camera || isSetupSplit(result.data, result.protocol),
    ...(line.best === undefined ? {} : { difference_best: line.best.value - reference.value }),
  };
}
