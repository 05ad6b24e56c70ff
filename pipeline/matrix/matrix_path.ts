/**
 * Paths that an axis of a matrix may set.
 *
 * @module
 */
import { stepsOf } from "../experiment/overrides.ts";
import type { Step } from "../experiment/source.ts";
import { didYouMean, listed } from "../suggest.ts";

const FORM =
  "expected stages.STAGE.params.NAME, stages.STAGE.inputs.NAME, stages.STAGE.uses or seed";

/**
 * Takes a path apart that an axis sets: a parameter at any depth, an input, a stage's type, the seed.
 *
 * @param text The path.
 * @param stages The stages that the experiment has in some cell.
 * @returns The path's steps, or what is wrong with it.
 */
export function settingPath(
  text: string,
  stages: ReadonlySet<string>,
): { readonly path: readonly Step[] } | { readonly message: string } {
  const path = stepsOf(text) ?? [];
  const [first, stage, part] = path;
  if (first === "seed" && path.length === 1) return { path };
  const whole = part === "params"
    ? path.length > 3
    : part === "inputs"
    ? path.length === 4 || (path.length === 5 && path[4] === "path")
    : part === "uses" && path.length === 3;
  if (first !== "stages" || stage === undefined || !whole) {
    return { message: `${FORM}, found ${JSON.stringify(text)}` };
  }
  if (stages.has(stage)) return { path };
  return {
    message: `there is no stage ${JSON.stringify(stage)} in this experiment${
      didYouMean(stage, stages) || "."
    } The stages here: ${listed(stages)}`,
  };
}
