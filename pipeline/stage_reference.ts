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
  const some = cellsWithin(name, stages);
  if (some.length > 0) {
    throw new UsageError(
      `${name} is a part of a name in ${where}: write the whole of it, or the part before the @ for ` +
        `all its cells. Those of this part: ${listed(some)}`,
    );
  }
  const known = [...new Set(stages.flatMap(({ id, base = id }) => [base, id]))];
  throw new UsageError(
    `no stage ${JSON.stringify(name)} in ${where}${didYouMean(name, known) || "."} ` +
      `Its stages: ${listed(stages.map(({ id }) => id))}`,
  );
}

/** The cells of which a name gives some of the axes: `pretrain@tau=0.07` of each seed. */
function cellsWithin(name: string, stages: readonly NamedStage[]): string[] {
  const at = name.indexOf("@");
  if (at < 0) return [];
  const [stage, labels] = [name.slice(0, at), name.slice(at + 1).split(",")];
  return stages.filter(({ id, base }) => {
    const own = id.slice(at + 1).split(",");
    return base === stage && labels.every((label) => own.includes(label));
  }).map(({ id }) => id);
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
