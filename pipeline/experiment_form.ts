/**
 * The form of an experiment: what is the same whatever stages exist.
 *
 * @module
 */
import type { ExperimentChecker } from "./experiment_checker.ts";
import { type ExperimentForm, experimentSchema } from "./experiment_schema.ts";
import { shown, valueAt, wordIssues } from "./issue_wording.ts";
import { isPlainMap, type PlainMap } from "./layers.ts";

/** Keys beginning so hold anchors for use elsewhere in the file; they mean nothing by themselves. */
const SCRATCH_KEY = "x-";

const SECTIONS = new Set(["params", "inputs", "expect", "variants", "extends", "matrix"]);

function says([key, value]: readonly [string, unknown]): boolean {
  return !key.startsWith(SCRATCH_KEY) && !(value === null && SECTIONS.has(key));
}

function filled(stage: unknown): unknown {
  if (!isPlainMap(stage) || (stage.params !== null && stage.inputs !== null)) return stage;
  return Object.fromEntries(
    Object.entries(stage).filter(([key, value]) => value !== null || !SECTIONS.has(key)),
  );
}

/**
 * Takes off what may be written but says nothing: empty sections and `x-` keys.
 *
 * @param value The experiment as the layers give it.
 */
export function tidied(value: unknown): PlainMap {
  const map = Object.fromEntries(Object.entries(isPlainMap(value) ? value : {}).filter(says));
  const { stages } = map;
  if (!isPlainMap(stages)) return map;
  const entries = Object.entries(stages);
  if (entries.every(([, stage]) => filled(stage) === stage)) return map;
  return { ...map, stages: Object.fromEntries(entries.map(([id, s]) => [id, filled(s)])) };
}

/** Whether an input has one of its forms. */
function isBinding(input: unknown): boolean {
  if (typeof input === "string") return true;
  return isPlainMap(input) && typeof input.path === "string" && Object.keys(input).length === 1;
}

/** Whether a stage has its form; told without the schema, which takes ten times as long. */
function isStage(stage: unknown): boolean {
  if (!isPlainMap(stage) || typeof stage.uses !== "string") return false;
  const { uses: _, params = {}, inputs = {}, ...rest } = stage;
  return isPlainMap(params) && isPlainMap(inputs) && Object.keys(rest).length === 0 &&
    Object.values(inputs).every(isBinding);
}

/**
 * Checks the form of an experiment.
 *
 * @param checker Collects what is wrong.
 * @param value The experiment, tidied.
 * @returns The experiment after defaults (its stages, where all are sound, as they are), or
 * `undefined` if anything is wrong.
 */
export function checkForm(
  checker: ExperimentChecker,
  value: PlainMap,
): Omit<ExperimentForm, "stages"> | undefined {
  const { stages } = value;
  const sound = isPlainMap(stages) && Object.values(stages).every(isStage);
  const parsed = experimentSchema.safeParse(sound ? { ...value, stages: {} } : value);
  if (parsed.success) {
    if (isPlainMap(stages) && Object.keys(stages).length === 0) {
      checker.complain(["stages"], "stages: expected at least one stage, found none");
    }
    return parsed.data;
  }
  for (const issue of wordIssues(experimentSchema, value, parsed.error.issues)) {
    const [section, name, part] = issue.path;
    const binding = section === "stages" && part === "inputs" && issue.path.length === 4;
    const path = binding ? [...issue.path, "path"] : [];
    const given = binding ? valueAt(value, path) : undefined;
    if (given !== undefined && typeof given !== "string") {
      checker.complain(path, `${issue.path[3]}: path: expected a text, found ${shown(given)}`);
      continue;
    }
    const message = binding
      ? `${issue.path[3]}: expected stage.output such as "normalize.clips", or {path: ...}, ` +
        `found ${shown(valueAt(value, issue.path))}`
      : part === "uses" && valueAt(value, issue.path) === undefined
      ? `stage ${JSON.stringify(name)} does not say its type; add uses: TYPE`
      : issue.message;
    checker.complain(issue.path, message, issue.key);
  }
  return undefined;
}
