/**
 * How far trained rows are above controls: paired, on the same test clips.
 *
 * @module
 */
import { type PairedDifference, pairedDifference } from "../statistics/paired_bootstrap.ts";
import { type Answers, ofSameClips } from "./answers.ts";
import type { RowSource } from "./comparison.ts";
import { probesOf } from "./lines.ts";
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

/**
 * Every row that is no control against every control that was tested on the same clips, in a grid those
 * of its own cell; by each kind of classifier that both have. A control of one other kind, such as the
 * same network trained from scratch, is compared with all that the row shows.
 */
export function gainsOf(sources: readonly RowSource[]): Gain[] {
  const controls = sources.filter(({ control }) => control);
  return sources.filter(({ control }) => !control).flatMap((row) =>
    controls.filter((control) => isOneCell(row.input, control.input)).flatMap((control) => {
      const theirs = probesOf(control);
      const [other] = theirs;
      const own = probesOf(row);
      const shared = own.filter((probe) => theirs.includes(probe)).map((probe) => [probe, probe]);
      const pairs = shared.length > 0
        ? shared
        : theirs.length === 1
        ? own.map((probe) => [probe, other!])
        : [];
      return pairs.flatMap(([mine, its]) => {
        const found = gainOver(row, mine!, control, its!);
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
