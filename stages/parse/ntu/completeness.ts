/**
 * Whether all clips of NTU RGB+D 60 or 120 are there, and what to fetch again where they are not.
 *
 * How many clips each data set has is published, and how they lie in two archives; which clips these are
 * is not. But a performance (setup, performer, replication) was filmed by three cameras in 60 actions:
 * every published size, also that of each split, is a whole number of such 180 clips, with the clips on the lists
 * of missing skeletons. So what lacks in a performance of which something is there is known exactly; performances that are
 * absent altogether show in the totals alone.
 *
 * @module
 */
import { parseNtuName } from "../../formats/ntu_name.ts";
import { counted } from "../../formats/counted.ts";
import { type NtuProtocol, trainsInNtu } from "../../split/ntu_protocols.ts";
import type { NamedRecording } from "../recording_form.ts";

/** Clips of one performance: 3 cameras, 60 actions. */
const PERFORMANCE = 180;

/** The published archives: setups, and clips before any are left out. */
const ARCHIVES = [
  { name: "nturgbd_skeletons_s001_to_s017.zip", first: 1, last: 17, clips: 56_880 },
  { name: "nturgbd_skeletons_s018_to_s032.zip", first: 18, last: 32, clips: 57_600 },
] as const;

/** Archives of a data set, and sizes of its splits without the listed clips: training, test (method section 1.1). */
const DATASETS: Readonly<
  Record<
    "ntu60" | "ntu120",
    {
      readonly archives: number;
      readonly splits: Readonly<Partial<Record<NtuProtocol, readonly [number, number]>>>;
    }
  >
> = {
  ntu60: { archives: 1, splits: { xsub: [40_091, 16_487], xview: [37_646, 18_932] } },
  ntu120: { archives: 2, splits: { xsub: [63_026, 50_919], xset: [54_468, 59_477] } },
};

/** Clips of one setup. */
export interface SetupCount {
  readonly setup: number;
  readonly found: number;
  /** Clips that lack in performances of which others are there. */
  readonly short: number;
}

/** Clips of one published archive. */
export interface ArchiveCount {
  readonly name: string;
  readonly expected: number;
  readonly found: number;
  /** Of those found: recordings that cannot be used; absent where only a part is read. */
  readonly unusable?: number;
}

/** Clips on the two sides of a split. */
export interface SplitCount {
  readonly train: number;
  readonly test: number;
  readonly expected: { readonly train: number; readonly test: number };
}

/** The part `completeness` of the parse report. Clips on the list in use do not count. */
export interface Completeness {
  readonly dataset: "ntu60" | "ntu120";
  readonly complete: boolean;
  readonly expected: number;
  readonly found: number;
  readonly short: number;
  /** Every setup, also such of which nothing is there. */
  readonly setups: readonly SetupCount[];
  /** Setups of which nothing is there. */
  readonly absent: readonly number[];
  readonly archives: readonly ArchiveCount[];
  /** Names of archives to fetch again. */
  readonly fetch: readonly string[];
  readonly splits: Readonly<Partial<Record<NtuProtocol, SplitCount>>>;
}

/**
 * Counts what is there.
 *
 * @param found Recordings that are there, those on the list left out.
 * @param listed Names that are left out.
 */
export function completeness(
  dataset: "ntu60" | "ntu120",
  found: readonly NamedRecording[],
  listed: ReadonlySet<string>,
): Completeness {
  const { archives: count, splits } = DATASETS[dataset];
  const archives = ARCHIVES.slice(0, count);
  const last = archives.at(-1)!.last;
  const setupsFound = new Tally(found.map(({ identity }) => identity.setup));
  const omitted = [...listed].map((name) => parseNtuName(name)!)
    .filter(({ setup }) => setup <= last);
  const setupsOmitted = new Tally(omitted.map(({ setup }) => setup));
  const short = shortBySetup(found, omitted);
  const setups = Array.from({ length: last }, (_, i) => i + 1).map((setup) => ({
    setup,
    found: setupsFound.of(setup),
    short: short.of(setup),
  }));
  const counts = archives.map(({ name, first, last, clips }) => {
    const sum = (tally: Tally) =>
      setups.filter(({ setup }) => setup >= first && setup <= last)
        .reduce((sum, { setup }) => sum + tally.of(setup), 0);
    return { name, expected: clips - sum(setupsOmitted), found: sum(setupsFound) };
  });
  const total = (which: "expected" | "found") =>
    counts.reduce((sum, archive) => sum + archive[which], 0);
  return {
    dataset,
    complete: counts.every(({ expected, found }) => found >= expected),
    expected: total("expected"),
    found: total("found"),
    short: counts.reduce((sum, { expected, found }) => sum + Math.max(0, expected - found), 0),
    setups,
    absent: setups.filter(({ found }) => found === 0).map(({ setup }) => setup),
    archives: counts,
    fetch: counts.filter(({ expected, found }) => found < expected).map(({ name }) => name),
    splits: Object.fromEntries(
      Object.entries(splits).map(([protocol, [train, test]]) => {
        const training = found.filter(({ identity }) =>
          trainsInNtu(protocol as NtuProtocol, identity)
        ).length;
        return [protocol, {
          train: training,
          test: found.length - training,
          expected: { train, test },
        }];
      }),
    ),
  };
}

/** Clips that lack in performances of which some are there. */
function shortBySetup(
  found: readonly NamedRecording[],
  omitted: readonly { setup: number; performer: number; replication: number }[],
): Tally {
  const key = (setup: number, subject: number, replication: number) =>
    (setup * 1000 + subject) * 1000 + replication;
  const there = new Tally(
    found.map(({ identity: { setup, subject, replication } }) => key(setup, subject, replication)),
  );
  const left = new Tally(
    omitted.map(({ setup, performer, replication }) => key(setup, performer, replication)),
  );
  const short = new Tally([]);
  for (const [performance, clips] of there.counts) {
    const lacking = PERFORMANCE - clips - left.of(performance);
    if (lacking > 0) short.add(Math.floor(performance / 1e6), lacking);
  }
  return short;
}

/** Which of the published archives holds a setup: 0 or 1. */
export function archiveOf(setup: number): number {
  return ARCHIVES.findIndex(({ last }) => setup <= last);
}

/**
 * The count with what became clear while reading.
 *
 * @param taken Clips that were taken, by archive.
 */
export function withUnusable(count: Completeness, taken: readonly number[]): Completeness {
  return {
    ...count,
    archives: count.archives.map((archive, i) => ({
      ...archive,
      unusable: archive.found - taken[i]!,
    })),
  };
}

/** Which archives have recordings that cannot be used, in words; undefined if none has. */
export function unusableText({ archives }: Completeness): string | undefined {
  const some = archives.filter(({ unusable = 0 }) => unusable > 0);
  if (some.length === 0) return undefined;
  const parts = some.map(({ name, unusable }) => `${counted(unusable!, "recording")} of ${name}`);
  return `${
    parts.join(" and ")
  } cannot be used, for the reasons in report.json: if they were damaged ` +
    "on their way, fetch them again";
}

/** What a count comes to, in words. */
export function completenessText(count: Completeness): string {
  const { dataset, expected, found, short, setups, absent, splits } = count;
  if (count.complete) {
    const sizes = Object.entries(splits).map(([protocol, { train, test, expected }]) => {
      const asPublished = train === expected.train && test === expected.test;
      return `${protocol} ${train} + ${test}${
        asPublished ? "" : ` (others report ${expected.train} + ${expected.test})`
      }`;
    });
    return `${dataset} is complete: ${counted(found, "clip")}; ${sizes.join(", ")}`;
  }
  const known = setups.filter(({ short }) => short > 0);
  const unknown = short - known.reduce((sum, { short }) => sum + short, 0);
  const parts = [
    ...(known.length === 0 ? [] : [
      `of performances that are there in part: ${
        known.map(({ setup, short }) => `${short} of setup ${setup}`).join(", ")
      }`,
    ]),
    ...(absent.length === 0 ? [] : [`nothing is there of setup ${absent.join(", ")}`]),
    ...(unknown <= 0 ? [] : [`${unknown} are of performances that are not there at all`]),
  ];
  const again = count.archives.filter(({ name }) => count.fetch.includes(name)).map((
    { name, expected, found },
  ) => `${name} (${found} of its ${expected} are there)`);
  return `${dataset} is not complete: ${short} of ${expected} clips are not there; ${
    parts.join("; ")
  }. Fetch again: ${again.join(", ")}. report.json of this stage's output counts all setups`;
}

/** How often each number came up. */
class Tally {
  readonly counts = new Map<number, number>();

  constructor(values: readonly number[]) {
    for (const value of values) this.add(value);
  }

  of(value: number): number {
    return this.counts.get(value) ?? 0;
  }

  add(value: number, times = 1): void {
    this.counts.set(value, this.of(value) + times);
  }
}
