/**
 * What a number may claim, from what is known of it and from nothing that anybody writes down by hand.
 *
 * @module
 */
import type { ResultFile } from "../results/result_file.ts";
import { FROM_SCRATCH } from "../results/probe_names.ts";
import { fullSplit } from "./full_data_sets.ts";

/**
 * `P`: parity, the arithmetic is that of the released code. `S`: on small real data, above all controls.
 * `R`: a full run on the paper's data that comes out at the published number.
 */
export type Level = "P" | "S" | "R";

/** A level and why it is no higher. */
export interface Claim {
  readonly level: Level;
  readonly reason: string;
}

/** What a level is worked out from. */
export interface Evidence {
  readonly result: ResultFile;
  /** Kind of classifier. */
  readonly probe: string;
  /** Different pre-trainings. */
  readonly seeds: number;
  /** Mean top-1 at the last epoch, percent, and its standard deviation over the members. */
  readonly last: number;
  readonly spread?: number;
  /** The row against each control, with the lower end of the paired interval. */
  readonly gains: readonly {
    readonly control: string;
    readonly low: number;
    /** The control is what there is without pre-training: an untrained encoder, or from scratch. */
    readonly floor: boolean;
  }[];
  /** The published number. */
  readonly reference?: number;
}

/** Pre-trainings with seeds of their own that a claim about a method needs. */
export const FEWEST_SEEDS = 5;

/** The released pre-training (method section 9). */
const RELEASED = { epochs: 300, width: 64, hidden_dim: 256, frames: 64, bodies: 2 } as const;

/** The highest level that the evidence supports. */
export function claimOf(evidence: Evidence): Claim {
  const small = whyNotSmall(evidence);
  if (small !== undefined) return { level: "P", reason: small };
  const full = whyNotFull(evidence);
  if (full !== undefined) return { level: "S", reason: full };
  return {
    level: "R",
    reason:
      `full run, ${evidence.seeds} pre-trainings, within their spread of the published number`,
  };
}

/** Why a number is no evidence on real data; `undefined` if it is. */
function whyNotSmall({ result, probe, gains }: Evidence) {
  const { data, classes } = result;
  // What is trained from scratch may name the size of its network there, and has no encoder.
  const encoder = probe === FROM_SCRATCH ? undefined : result.encoder;
  if (data === undefined) return "it is not known where the clips come from";
  if (data.synthetic) return "synthetic recordings";
  if (data.prepared) return "prepared arrays, which do not tell recordings from made-up ones";
  if (encoder !== undefined) {
    if (encoder.trained.steps === 0) return "an untrained encoder";
    if (encoder.clips?.synthetic) return "pre-trained on synthetic recordings";
    const other = probe === "transfer" || encoder.data.classes !== classes;
    if (other && encoder.clips === undefined) {
      return "pre-trained on another data set, of which it is not known here whether it is real";
    }
  }
  if (gains.length === 0) return "no control beside it";
  const beaten = gains.find(({ low }) => !(low > 0));
  if (beaten !== undefined) return `not clearly above ${beaten.control}`;
  if (encoder !== undefined && !gains.some(({ floor }) => floor)) {
    return "no untrained encoder (nor one from scratch) among its controls";
  }
  return undefined;
}

/** Why a number on real data reproduces nothing; `undefined` if it does. */
function whyNotFull({ result, probe, seeds, last, spread, reference }: Evidence) {
  const { data, encoder, protocol, test } = result;
  const whole = fullSplit(data!, protocol);
  if (whole === undefined) return "not one of the paper's data sets and splits";
  if (data!.clips !== whole.clips || test !== whole.test) {
    return `${data!.clips} clips of which ${test} test; the whole set has ${whole.clips} and ` +
      `${whole.test}`;
  }
  if (encoder === undefined || probe === FROM_SCRATCH) return "no pre-trained encoder";
  const { epochs } = encoder.trained;
  if (epochs < RELEASED.epochs) return `${epochs} epochs of pre-training of ${RELEASED.epochs}`;
  const setting = { ...encoder, frames: data!.frames, bodies: data!.bodies };
  for (const name of ["width", "hidden_dim", "frames", "bodies"] as const) {
    if (setting[name] !== RELEASED[name]) {
      return `${name} ${setting[name]}; the released setting is ${RELEASED[name]}`;
    }
  }
  if (seeds < FEWEST_SEEDS) return `${seeds} of ${FEWEST_SEEDS} pre-trainings`;
  if (reference === undefined) return "no published number beside it";
  if (spread === undefined || Math.abs(last - reference) > spread) {
    return "the published number is not within the spread of its seeds";
  }
  return undefined;
}
