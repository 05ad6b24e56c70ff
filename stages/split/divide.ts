/**
 * Divides clips into those that train and those that test, by a protocol of their data set: as the
 * files that came with the recordings say, or by the data set's rules.
 *
 * @module
 */
import type { ShippedSplit, ShippedSplits } from "../clips/shipped_splits.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import { NTU_PROTOCOLS, type NtuProtocol, trainsInNtu } from "./ntu_protocols.ts";
import { NW_UCLA_PROTOCOLS, type NwUclaProtocol, trainsInNwUcla } from "./nw_ucla_protocols.ts";
import { divideByViewSwap, VIEW_SWAPS, type ViewSwap } from "./view_swap.ts";

/** Protocols by data set, where they follow from whom and what a recording shows. */
export const PROTOCOLS = { ntu: NTU_PROTOCOLS, nw_ucla: NW_UCLA_PROTOCOLS } as const;

/** Names of all protocols that follow from rules. */
export const PROTOCOL_NAMES = ["xsub", "xview", "xset", "xview_loso", ...VIEW_SWAPS] as const;

/** One of {@link PROTOCOL_NAMES}. */
export type ProtocolName = typeof PROTOCOL_NAMES[number];

/** Where clips come from: columns of equal length. */
export interface Origins {
  readonly subjects: ArrayLike<number>;
  readonly cameras: ArrayLike<number>;
  readonly setups: ArrayLike<number>;
}

/** Train and test clips, as ascending indices. */
export interface Fold {
  readonly name: string;
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** A division: what an encoder may be trained on without labels, and the folds of its evaluation. */
export interface Division {
  readonly pretrain: readonly number[];
  readonly folds: readonly Fold[];
}

/**
 * What is wrong with asking for a protocol of a data set, or `undefined` if nothing is.
 *
 * @param shipped Protocols that came with the recordings.
 */
export function protocolProblem(
  dataset: string,
  protocol: string,
  shipped: readonly string[],
): string | undefined {
  const rules: readonly string[] = PROTOCOLS[dataset as keyof typeof PROTOCOLS] ?? [];
  const known = [...new Set([...shipped, ...rules])];
  if (known.includes(protocol)) return undefined;
  if (known.length > 0) {
    return `${protocol} is no protocol of ${dataset}: choose one of ${known.join(", ")}`;
  }
  return `no protocol of ${dataset} is known, so ${protocol} is not: its splits come in files beside ` +
    `the recordings, and none was found there; add the split files and parse again`;
}

/**
 * Divides clips. A split that came with the recordings goes before the rule of the same name.
 *
 * @param shipped Splits that came with the recordings.
 * @throws {UnusableInput} If there is no such protocol, saying which there are, or a side is left without
 * clips, saying which subjects, cameras and setups there are.
 */
export function divide(
  dataset: string,
  protocol: string,
  origins: Origins,
  shipped: ShippedSplits = {},
): Division {
  const problem = protocolProblem(dataset, protocol, Object.keys(shipped).sort());
  if (problem !== undefined) throw new UnusableInput(problem);
  const division = Object.hasOwn(shipped, protocol)
    ? asShipped(protocol, shipped[protocol]!)
    : divideByRule(dataset, protocol as ProtocolName, origins);
  for (const fold of division.folds) {
    const empty = fold.train.length === 0 ? "train" : fold.test.length === 0 ? "test" : undefined;
    if (empty !== undefined) {
      throw new UnusableInput(
        `protocol ${protocol} of ${dataset} leaves nothing to ${empty} on` +
          `${
            fold.name === protocol ? "" : ` in fold ${fold.name}`
          }: the ${origins.subjects.length} ` +
          `clips come from ${describe(origins)}`,
      );
    }
  }
  return division;
}

/** One fold, in which everything that trains a probe also trains the encoder. */
function asShipped(name: string, { train, test }: ShippedSplit): Division {
  return { pretrain: train, folds: [{ name, train, test }] };
}

function divideByRule(dataset: string, protocol: ProtocolName, origins: Origins): Division {
  return isViewSwap(protocol)
    ? divideByViewSwap(protocol, origins)
    : divideInTwo(dataset, protocol, origins);
}

function isViewSwap(protocol: ProtocolName): protocol is ViewSwap {
  return VIEW_SWAPS.includes(protocol as ViewSwap);
}

/** Every clip trains or tests; `xview_loso` then tests subject by subject. */
function divideInTwo(
  dataset: string,
  protocol: Exclude<ProtocolName, ViewSwap>,
  origins: Origins,
): Division {
  const trains = Array.from(origins.subjects, (subject, i) => {
    const origin = { subject, camera: origins.cameras[i]!, setup: origins.setups[i]! };
    return dataset === "ntu"
      ? trainsInNtu(protocol as NtuProtocol, origin)
      : trainsInNwUcla(protocol as Exclude<NwUclaProtocol, ViewSwap>, origin);
  });
  const train = indices(trains, true);
  const test = indices(trains, false);
  const folds = protocol === "xview_loso"
    ? leaveSubjectsOut(train, test, origins.subjects)
    : [{ name: protocol, train, test }];
  return { pretrain: train, folds };
}

/** One fold per subject of the test clips: they test, and that subject does not train. */
function leaveSubjectsOut(
  train: readonly number[],
  test: readonly number[],
  subjects: ArrayLike<number>,
): Fold[] {
  const tested = [...new Set(test.map((clip) => subjects[clip]!))].sort((a, b) => a - b);
  if (tested.length === 0) return [{ name: "xview_loso", train, test }];
  return tested.map((subject) => ({
    name: `subject ${subject}`,
    train: train.filter((clip) => subjects[clip] !== subject),
    test: test.filter((clip) => subjects[clip] === subject),
  }));
}

function indices(trains: readonly boolean[], side: boolean): number[] {
  return trains.flatMap((train, i) => train === side ? [i] : []);
}

function describe(origins: Origins): string {
  const values = (column: ArrayLike<number>) =>
    [...new Set(Array.from(column))].sort((a, b) => a - b).join(" ");
  return `subjects ${values(origins.subjects)}, cameras ${values(origins.cameras)}, ` +
    `setups ${values(origins.setups)}`;
}
