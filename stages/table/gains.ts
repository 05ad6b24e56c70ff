/**
 * How far trained rows are above controls: paired, on the same test clips.
 *
 * @module
 */
import { FROM_SCRATCH } from "../results/probe_names.ts";
import { type PairedDifference, pairedDifference } from "../statistics/paired_bootstrap.ts";
import { type Answers, ofSameClips } from "./answers.ts";
import type { RowSource } from "./comparison.ts";
import { probesOf } from "./row_probes.ts";
import { isOneCell } from "./rows.ts";

/** A trained row against a control, on the same test clips. */
export interface Gain {
  readonly row: string;
  readonly control: string;
  /** Names of the two inputs. */
  readonly inputs: readonly [row: string, control: string];
  /** Kind of classifier of the row. */
  readonly probe: string;
  /** That of the control, where it is another one. */
  readonly control_probe?: string;
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

/** Kinds of classifier that train the whole network, from a pre-trained one. */
const WHOLE_NETWORK: ReadonlySet<string> = new Set(["finetune", "semi_supervised", "transfer"]);

/**
 * Every row that is no control against every control that was tested on the same clips, in a grid those
 * of its own cell; by each kind of classifier that both have. A network trained from scratch is the
 * control of every kind that trains the whole network.
 */
export function gainsOf(sources: readonly RowSource[]): Gain[] {
  const controls = sources.filter(({ control }) => control);
  return sources.filter(({ control }) => !control).flatMap((row) =>
    controls.filter((control) => isOneCell(row.input, control.input)).flatMap((control) => {
      const theirs = probesOf(control);
      const own = probesOf(row);
      return own.flatMap((probe) => {
        const other = theirs.includes(probe)
          ? probe
          : WHOLE_NETWORK.has(probe) && theirs.includes(FROM_SCRATCH)
          ? FROM_SCRATCH
          : undefined;
        const found = other === undefined ? undefined : gainOver(row, probe, control, other);
        return found === undefined ? [] : [found];
      });
    })
  );
}

function gainOver(
  row: RowSource,
  probe: string,
  control: RowSource,
  controlProbe: string,
): Gain | undefined {
  const mine: Answers = row.answers[probe]!, its: Answers = control.answers[controlProbe]!;
  if (row.result.protocol !== control.result.protocol || !ofSameClips(mine, its)) return undefined;
  const differences = mine.right.map((right, i) => right - its.right[i]!);
  const found = pairedDifference(differences, mine.subjects);
  return {
    row: row.title,
    control: control.title,
    inputs: [row.input, control.input],
    probe,
    ...(probe === controlProbe ? {} : { control_probe: controlProbe }),
    gain: 100 * found.difference,
    standard_error: 100 * found.standard_error,
    interval: [100 * found.interval[0], 100 * found.interval[1]],
    by: found.by,
    units: found.units,
  };
}
