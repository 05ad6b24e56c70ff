/**
 * Divides clips into those that train and those that test, by a protocol of their data set.
 *
 * @module
 */
import { UnusableInput } from "../formats/unusable_input.ts";
import { NTU_PROTOCOLS, type NtuProtocol, trainsInNtu } from "./ntu_protocols.ts";
import { NW_UCLA_PROTOCOLS, type NwUclaProtocol, trainsInNwUcla } from "./nw_ucla_protocols.ts";
import { divideByViewSwap, VIEW_SWAPS, type ViewSwap } from "./view_swap.ts";

/** Protocols by data set. */
export const PROTOCOLS = { ntu: NTU_PROTOCOLS, nw_ucla: NW_UCLA_PROTOCOLS } as const;

/** Names of all protocols. */
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

/** What is wrong with asking for a protocol of a data set, or `undefined` if nothing is. */
export function protocolProblem(dataset: string, protocol: string): string | undefined {
  const known: readonly string[] | undefined = PROTOCOLS[dataset as keyof typeof PROTOCOLS];
  if (known === undefined) {
    return `expected clips of ${Object.keys(PROTOCOLS).join(" or ")}, found data set ${dataset}`;
  }
  return known.includes(protocol)
    ? undefined
    : `${protocol} is no protocol of ${dataset}: choose one of ${known.join(", ")}`;
}

/**
 * Divides clips.
 *
 * @throws {UnusableInput} If the data set has no such protocol, or a side is left without clips, saying which
 * subjects, cameras and setups there are.
 */
export function divide(dataset: string, protocol: ProtocolName, origins: Origins): Division {
  const problem = protocolProblem(dataset, protocol);
  if (problem !== undefined) throw new UnusableInput(problem);
  const division = isViewSwap(protocol)
    ? divideByViewSwap(protocol, origins)
    : divideInTwo(dataset, protocol, origins);
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
