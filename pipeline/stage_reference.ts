/**
 * How a user names stages and their outputs on the command line.
 *
 * @module
 */
import { didYouMean, listed } from "./suggest.ts";
import { UsageError } from "./usage_error.ts";

/** What can be named. */
export interface NamedStage {
  /** Its name in the experiment. */
  readonly id: string;
  /** The name of which a matrix made this one. */
  readonly base?: string | undefined;
}

/**
 * The stages of a name: the one of that id, or all cells of that base.
 *
 * @param where Whose stages they are, for the message: `demo`.
 * @throws {UsageError} If there is none.
 */
export function stagesNamed(
  name: string,
  stages: readonly NamedStage[],
  where: string,
): readonly [string, ...string[]] {
  const [id, ...rest] = stages.some((stage) => stage.id === name)
    ? [name]
    : stages.filter(({ base }) => base === name).map(({ id }) => id);
  if (id !== undefined) return [id, ...rest];
  const known = [...new Set(stages.flatMap(({ id, base = id }) => [base, id]))];
  throw new UsageError(
    `no stage ${JSON.stringify(name)} in ${where}${didYouMean(name, known) || "."} ` +
      `Its stages: ${listed(stages.map(({ id }) => id))}`,
  );
}

/**
 * Splits `STAGE.OUTPUT` at the end of the longest known stage, since ids may hold dots.
 *
 * @param ids Ids of the stages that are known.
 * @returns Undefined if it begins with none of them.
 */
export function splitOutput(
  text: string,
  ids: Iterable<string>,
): { readonly stage: string; readonly output: string | undefined } | undefined {
  let stage: string | undefined;
  for (const id of ids) {
    const begins = text === id || text.startsWith(`${id}.`);
    if (begins && id.length > (stage?.length ?? -1)) stage = id;
  }
  if (stage === undefined) return undefined;
  return { stage, output: text === stage ? undefined : text.slice(stage.length + 1) };
}
