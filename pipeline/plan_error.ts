/**
 * What is wrong with an experiment before anything runs: every problem at once, each with its place.
 *
 * @module
 */
import { placeOf } from "./experiment/experiment_error.ts";
import type { Experiment } from "./types.ts";

/** One thing that keeps an experiment from being planned. */
export interface PlanProblem {
  /** Path from the experiment file's root, such as `["stages", "pretrain", "params", "queue"]`. */
  readonly path: readonly (string | number)[];
  /** What was expected, what was found and what to do. */
  readonly message: string;
}

/** An experiment cannot be planned; the message has a line `file:line:column: ...` for each problem. */
export class PlanError extends Error {
  /** All problems, in the order they were found. */
  readonly problems: readonly PlanProblem[];

  constructor(problems: readonly PlanProblem[], experiment: Pick<Experiment, "locate">) {
    super(
      problems.map(({ path, message }) => `${placeOf(experiment.locate(path))}: ${message}`)
        .join("\n"),
    );
    this.name = "PlanError";
    this.problems = problems;
  }
}
