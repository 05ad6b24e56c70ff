/**
 * The form of an experiment: what is the same whatever stages exist.
 *
 * @module
 */
import type { ExperimentChecker } from "./experiment_checker.ts";
import { type ExperimentForm, experimentSchema } from "./experiment_schema.ts";
import { shown, valueAt, wordIssues } from "./issue_wording.ts";
import { isPlainMap, type PlainMap } from "./layers.ts";
import type { Step } from "./source.ts";

/** Keys beginning so hold anchors for use elsewhere in the file; they mean nothing by themselves. */
const SCRATCH_KEY = "x-";

const SECTIONS = new Set(["params", "inputs", "expect", "variants", "extends", "matrix"]);

function says([key, value]: readonly [string, unknown]): boolean {
  return !key.startsWith(SCRATCH_KEY) && !(value === null && SECTIONS.has(key));
}

/**
 * A stage without its empty sections.
 *
 * @param stage As the layers give it.
 */
export function filled(stage: unknown): unknown {
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
function isStage(stage: unknown): stage is PlainMap {
  if (!isPlainMap(stage) || typeof stage.uses !== "string") return false;
  const { uses: _, params = {}, inputs = {}, ...rest } = stage;
  return isPlainMap(params) && isPlainMap(inputs) && Object.keys(rest).length === 0 &&
    Object.values(inputs).every(isBinding);
}

/** The forms of an axis, of which a schema would name the first that comes near. */
const AXIS_FORMS = "expected {set: stages.STAGE.params.NAME, values: [...]}, " +
  "{cases: {LABEL: {stages: ...}}}, a list of variants, or, for the axis seed, a list of seeds";

/**
 * Checks the form of an experiment, all but its stages.
 *
 * @param checker Collects what is wrong.
 * @param value The experiment, tidied.
 * @returns The experiment after defaults, or `undefined` if anything is wrong.
 */
export function checkForm(
  checker: ExperimentChecker,
  value: PlainMap,
): Omit<ExperimentForm, "stages"> | undefined {
  const { stages } = value;
  const parsed = experimentSchema.safeParse(isPlainMap(stages) ? { ...value, stages: {} } : value);
  if (isPlainMap(stages) && Object.keys(stages).length === 0) {
    checker.complain(["stages"], "stages: expected at least one stage, found none");
  }
  if (parsed.success) return parsed.data;
  for (const issue of wordIssues(experimentSchema, value, parsed.error.issues)) {
    const [section, part, name] = issue.path;
    const axis = section === "matrix" && part === "axes" && issue.path.length === 3;
    const found = axis ? valueAt(value, issue.path) : undefined;
    checker.complain(
      issue.path,
      axis ? `axis ${name}: ${AXIS_FORMS}, found ${shown(found)}` : issue.message,
      issue.key,
    );
  }
  return undefined;
}

/**
 * Checks the form of a stage.
 *
 * @param checker Collects what is wrong.
 * @param id The stage's id.
 * @param base Its name in the file.
 * @param stage The stage.
 * @returns Whether its form is sound.
 */
export function checkStageForm(
  checker: ExperimentChecker,
  id: string,
  base: string,
  stage: unknown,
): stage is PlainMap {
  if (isStage(stage)) return true;
  const value = { name: "x", stages: { [base]: stage } };
  const parsed = experimentSchema.safeParse(value);
  if (parsed.success) return true;
  for (const issue of wordIssues(experimentSchema, value, parsed.error.issues)) {
    const [, , part, input] = issue.path;
    const path = ["stages", id, ...issue.path.slice(2)];
    const found = valueAt(value, issue.path);
    if (part === "inputs" && issue.path.length === 4) {
      complainOfInput(checker, path, String(input), found);
    } else if (part === "uses" && found === undefined) {
      checker.complain(path, `stage ${JSON.stringify(base)} does not say its type; add uses: TYPE`);
    } else checker.complain(path, issue.message, issue.key);
  }
  return false;
}

function complainOfInput(
  checker: ExperimentChecker,
  path: readonly Step[],
  name: string,
  found: unknown,
): void {
  const form = isPlainMap(found) ? ["path", "all"].find((key) => Object.hasOwn(found, key)) : "";
  const inner = form ? valueAt(found, [form]) : undefined;
  if (form && typeof inner !== "string") {
    checker.complain([...path, form], `${name}: ${form}: expected a text, found ${shown(inner)}`);
    return;
  }
  checker.complain(
    path,
    `${name}: expected stage.output such as "normalize.clips", {path: ...} or {all: stage.output}, ` +
      `found ${shown(found)}`,
  );
}
