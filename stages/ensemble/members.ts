/**
 * What an ensemble sums: the streams' results, found to be of the same clips, and their members in pairs.
 *
 * @module
 */
import { UnusableInput } from "../formats/unusable_input.ts";
import type { Moment } from "../results/result_file.ts";
import type { Result } from "../results/result_reader.ts";
import type { StreamInput } from "./streams.ts";

/** A stream with its results, one for each cell. */
export interface Stream {
  /** As the weights call it. */
  readonly name: string;
  readonly cells: readonly (StreamInput & { readonly result: Result })[];
}

/** One stream's part in a member of the ensemble. */
export interface Part {
  readonly input: string;
  readonly member: string;
  readonly result: Result;
}

/** What is summed: one part of each stream, in the streams' order. */
export interface Member {
  readonly name: string;
  readonly parts: readonly Part[];
}

/**
 * Refuses results that are not of the same test clips.
 *
 * @throws {UnusableInput} Naming the first difference.
 */
export function requireSameTest(streams: readonly Stream[]): void {
  const [first, ...rest] = streams.flatMap(({ cells }) => cells) as [
    Stream["cells"][number],
    ...Stream["cells"],
  ];
  const own = first.result;
  for (const { input, result } of rest) {
    const [split, ownSplit] = [result.file.protocol, own.file.protocol];
    const splits = split === ownSplit
      ? ""
      : ` (the one is of split ${split}, the other of ${ownSplit})`;
    const fail = (what: string, found: number, expected: number) => {
      throw new UnusableInput(
        `ensemble: ${input}: ${what}: expected ${expected} as in ${first.input}, found ${found}; ` +
          `streams are summed on the same test clips${splits}`,
      );
    };
    const [classes, expected] = [result.file.classes, own.file.classes];
    if (classes !== expected) fail("classes", classes, expected);
    const [clips, others] = [own.test.clips, result.test.clips];
    const count = Math.min(clips.length, others.length);
    for (
      const [list, what] of [["clips", "clip"], ["labels", "class"], [
        "subjects",
        "subject",
      ]] as const
    ) {
      for (let i = 0; i < count; i++) {
        const [found, wanted] = [result.test[list][i]!, own.test[list][i]!];
        if (found === wanted) continue;
        const where = `test clip ${i + 1} of ${others.length}`;
        fail(what === "clip" ? `${where}, its number` : `${where}, its ${what}`, found, wanted);
      }
    }
    if (clips.length !== others.length) fail("number of test clips", others.length, clips.length);
  }
}

/**
 * Pairs the streams' members by index, cell by cell.
 *
 * @param probe Whose logits are wanted.
 * @throws {UnusableInput} If a result has no such answers, or numbers of members or cells differ.
 */
export function pairMembers(streams: readonly Stream[], probe: string): readonly Member[] {
  const [first] = streams as [Stream, ...Stream[]];
  const cellsOf = ({ cells }: Stream) => cells.map(({ cell }) => cell).sort();
  for (const stream of streams) {
    const [found, expected] = [cellsOf(stream), cellsOf(first)];
    if (found.join(";") === expected.join(";") && new Set(found).size === found.length) continue;
    const list = (cells: readonly string[]) => cells.map((cell) => cell || "one").join("; ");
    throw new UnusableInput(
      `ensemble: ${stream.name}: expected the cells of ${first.name} (${list(expected)}), each ` +
        `once, found ${list(found)}`,
    );
  }
  return cellsOf(first).flatMap((cell) => {
    const parts = streams.map(({ cells }) =>
      partsOf(cells.find((one) => one.cell === cell)!, probe)
    );
    const [one] = parts as [Part[], ...Part[][]];
    for (const other of parts) {
      if (other.length === one.length) continue;
      throw new UnusableInput(
        `ensemble: ${other[0]!.input} has ${other.length} members by ${probe} and ` +
          `${one[0]!.input} has ${one.length}; members are paired by their place`,
      );
    }
    return one.map((_, i): Member => {
      const own = parts.map((all) => all[i]!);
      const names = [...new Set(own.map(({ member }) => member))].join("+");
      return { name: cell === "" ? names : `${cell}/${names}`, parts: own };
    });
  });
}

function partsOf({ input, result }: Stream["cells"][number], probe: string): Part[] {
  const members = result.membersOf(probe);
  if (members.length === 0) {
    const known = [...new Set(result.file.planes.map((plane) => plane.probe))].join(", ");
    throw new UnusableInput(
      `ensemble: ${input}: expected answers by ${probe}, found ${known}: set probe to one of them`,
    );
  }
  return members.map((member) => ({ input, member, result }));
}

/** A part's logits (test, classes); `undefined` where it has none at its best epoch. */
export function logitsOf(
  { result, member }: Part,
  probe: string,
  at: Moment,
): Float32Array<ArrayBuffer> | undefined {
  return result.logits(probe, member, at);
}

/** The epoch of a part's best answers, where it has such. */
export function bestEpoch({ result, member }: Part, probe: string): number | undefined {
  return result.file.rows.find((row) => row.probe === probe && row.member === member)?.best_epoch;
}

/**
 * The weighted sum of logits, added up in float64 in the order given.
 *
 * @param logits Of equal length, at least one.
 * @param weights One each.
 */
export function weightedSum(
  logits: readonly Float32Array[],
  weights: readonly number[],
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(logits[0]!.length);
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (let s = 0; s < logits.length; s++) sum += weights[s]! * logits[s]![i]!;
    out[i] = sum;
  }
  return out;
}
