/**
 * One row of several results: the cells of a grid, each of which may have several members already.
 *
 * @module
 */
import { UnusableInput } from "../formats/unusable_input.ts";
import { type ResultFile, summarize } from "../results/result_file.ts";
import { type Answers, ofSameClips } from "./answers.ts";

/** A result with its answers. */
export interface Answered {
  /** Name of the input it came by. */
  readonly input: string;
  readonly result: ResultFile;
  readonly answers: Answers;
}

/**
 * The results of several cells as one, whose members are all of theirs.
 *
 * @throws {UnusableInput} If they have not the same number of members, or were tested on other clips.
 */
export function gathered(cells: readonly Answered[]): Pick<Answered, "result" | "answers"> {
  const [first, ...rest] = cells as readonly [Answered, ...Answered[]];
  const membersOf = ({ result }: Answered) => new Set(result.rows.map(({ member }) => member)).size;
  for (const cell of rest) {
    if (membersOf(cell) !== membersOf(first)) {
      throw new UnusableInput(
        `table: ${cell.input} has ${membersOf(cell)} members and ${first.input} has ` +
          `${membersOf(first)}; a mean is taken over cells with equal numbers`,
      );
    }
    if (!ofSameClips(cell.answers, first.answers)) {
      throw new UnusableInput(
        `table: ${cell.input} and ${first.input} were tested on different clips; a mean is taken ` +
          "over cells with the same ones",
      );
    }
  }
  const rows = cells.flatMap(({ input, result }) =>
    result.rows.map((row) => ({ ...row, member: `${input}/${row.member}` }))
  );
  const right = first.answers.right.map((_, i) =>
    cells.reduce((sum, { answers }) => sum + answers.right[i]!, 0) / cells.length
  );
  return {
    result: { ...first.result, rows, summary: summarize(rows) },
    answers: { ...first.answers, right },
  };
}
