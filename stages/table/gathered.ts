/**
 * One row of several results: the cells of a grid, each of which may have several members already.
 *
 * @module
 */
import { UnusableInput } from "../formats/unusable_input.ts";
import { type EncoderOrigin, type ResultFile, summarize } from "../results/result_file.ts";
import { type Answers, type AnswersByProbe, ofSameClips } from "./answers.ts";
import { differingAxes } from "./rows.ts";

/** A result with its answers. */
export interface Answered {
  /** Name of the input it came by. */
  readonly input: string;
  readonly result: ResultFile;
  readonly answers: AnswersByProbe;
}

/**
 * The results of several cells as one, whose members are all of theirs.
 *
 * @throws {UnusableInput} If they have not the same classifiers and number of members, or were tested
 * on other clips.
 */
export function gathered(cells: readonly Answered[]): Pick<Answered, "result" | "answers"> {
  const [first, ...rest] = cells as readonly [Answered, ...Answered[]];
  const membersOf = ({ result }: Answered) => new Set(result.rows.map(({ member }) => member)).size;
  const probesOf = ({ answers }: Answered) => Object.keys(answers).sort().join(", ");
  for (const cell of rest) {
    if (membersOf(cell) !== membersOf(first)) {
      throw new UnusableInput(
        `table: ${cell.input} has ${membersOf(cell)} members and ${first.input} has ` +
          `${membersOf(first)}; a mean is taken over cells with equal numbers`,
      );
    }
    if (probesOf(cell) !== probesOf(first)) {
      throw new UnusableInput(
        `table: ${cell.input} has answers by ${probesOf(cell)} and ${first.input} by ` +
          `${probesOf(first)}; a mean is taken over cells with the same classifiers`,
      );
    }
    if (!ofSameClips(anyOf(cell.answers), anyOf(first.answers))) {
      throw new UnusableInput(
        `table: ${cell.input} and ${first.input} were tested on different clips; a mean is taken ` +
          "over cells with the same ones",
      );
    }
  }
  const rows = cells.flatMap(({ input, result }) =>
    result.rows.map((row) => ({ ...row, member: `${input}/${row.member}` }))
  );
  const { encoder: _, ...same } = first.result;
  const encoder = together(cells.map(({ result }) => result.encoder));
  const most = Math.max(...cells.map(({ result }) => result.encoder?.weights.length ?? 0));
  const varied = new Set(cells.flatMap(({ result }) => result.varied));
  if (encoder !== undefined && encoder.weights.length > most) varied.add("initialisation");
  // The stage subset numbers its draws so, and experiments their axis.
  if (differingAxes(cells.map(({ input }) => input)).includes("draw")) varied.add("subset");
  return {
    result: {
      ...same,
      rows,
      varied: [...varied],
      summary: summarize(rows),
      ...(encoder === undefined ? {} : { encoder }),
    },
    answers: Object.fromEntries(
      Object.keys(first.answers).map((probe) => [
        probe,
        meanAnswers(cells.map(({ answers }) => answers[probe]!)),
      ]),
    ),
  };
}

/** The answers of some classifier: all of a result are of the same test clips. */
export function anyOf(answers: AnswersByProbe): Answers {
  return Object.values(answers)[0]!;
}

function meanAnswers(answers: readonly Answers[]): Answers {
  const [first] = answers as readonly [Answers, ...Answers[]];
  const over = (of: (one: Answers) => Float64Array | undefined) => {
    const all = answers.map(of);
    if (all.some((shares) => shares === undefined)) return undefined;
    return first.right.map((_, i) =>
      all.reduce((sum, shares) => sum + shares![i]!, 0) / all.length
    );
  };
  const best = over(({ right_best }) => right_best);
  return {
    ...first,
    right: over(({ right }) => right)!,
    ...(best === undefined ? {} : { right_best: best }),
  };
}

/** Encoders of all cells; trained as long as the one that was trained least. */
function together(all: readonly (EncoderOrigin | undefined)[]): EncoderOrigin | undefined {
  const known = all.filter((encoder) => encoder !== undefined);
  const [first] = known;
  if (first === undefined || known.length < all.length) return undefined;
  const least = known.reduce((a, b) => b.trained.steps < a.trained.steps ? b : a);
  const weights = [...new Set(known.flatMap((encoder) => encoder.weights))];
  return { ...first, trained: least.trained, weights };
}
