/**
 * Turns the issues of a zod schema into sentences for people: what was expected, what was found,
 * and the near name where a name is wrong.
 *
 * @module
 */
import type { z } from "zod";
import { namesAt } from "./schema_shape.ts";
import { didYouMean, listed } from "../suggest.ts";
import type { Step } from "./source.ts";

/** An issue in words, and where it is. */
export interface WordedIssue {
  readonly path: readonly Step[];
  /** The name itself is wrong, not its value: the position is the key's. */
  readonly key: boolean;
  readonly message: string;
}

const KINDS: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "a text",
  boolean: "true or false",
  object: "a map (key: value)",
  record: "a map (key: value)",
  array: "a list",
  tuple: "a list",
  null: "nothing",
};

/** How zod's own messages begin; any other was written by the author of the schema. */
const STANDARD_WORDS = /^(Invalid|Too small|Too big|Unrecognized)/;

/**
 * A value as a message shows it: `"many"`, `2.5`, `a list of 3`, `nothing`.
 *
 * @param value Any value a YAML file can hold.
 */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 1 ? "a list of 1" : `a list of ${value.length}`;
  if (typeof value === "object") {
    const keys = Object.keys(value);
    return keys.length === 0 ? "an empty map" : `a map with ${listed(keys, 4)}`;
  }
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The value at a path; `undefined` where the path leads nowhere. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, step)) return undefined;
    here = (here as Record<PropertyKey, unknown>)[step];
  }
  return here;
}

function count(n: number | bigint, thing: string): string {
  return `${n} ${thing}${Number(n) === 1 ? "" : "s"}`;
}

function bound(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const small = issue.code === "too_small";
  const limit = small ? issue.minimum : issue.maximum;
  const thing = issue.origin === "string"
    ? "letter"
    : issue.origin === "array" || issue.origin === "set" || issue.origin === "map"
    ? "value"
    : undefined;
  if (issue.exact === true && thing !== undefined) return `exactly ${count(limit, thing)}`;
  const word = small
    ? issue.inclusive === false ? "more than" : "at least"
    : issue.inclusive === false
    ? "less than"
    : "at most";
  return thing === undefined ? `${word} ${limit}` : `${word} ${count(limit, thing)}`;
}

/** What one issue says was expected; `undefined` for kinds that word themselves. */
function expected(issue: z.core.$ZodIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return KINDS[issue.expected] ?? `a value of type ${issue.expected}`;
    case "too_small":
    case "too_big":
      return bound(issue);
    case "not_multiple_of":
      return `a multiple of ${issue.divisor}`;
    case "invalid_value": {
      const values = issue.values.map((v) => typeof v === "string" ? v : String(v));
      return values.length === 1 ? shown(issue.values[0]) : `one of ${listed(values)}`;
    }
    case "invalid_format":
      return issue.pattern === undefined ? `a valid ${issue.format}` : `text like ${issue.pattern}`;
    case "invalid_union":
      return issue.errors.length === 0
        ? undefined
        : [...new Set(issue.errors.map((branch) => branch[0] && expected(branch[0])))]
          .filter((words) => words !== undefined).join(", or ");
    default:
      return undefined;
  }
}

function suggestion(issue: z.core.$ZodIssue, found: unknown): string {
  if (typeof found !== "string") return "";
  const values = issue.code === "invalid_value"
    ? issue.values
    : issue.code === "invalid_union"
    ? issue.errors.flatMap((branch) => branch[0]?.code === "invalid_value" ? branch[0].values : [])
    : [];
  return didYouMean(found, values.filter((value) => typeof value === "string"));
}

/**
 * Words the issues of a failed parse.
 *
 * @param schema The schema that was applied, for the names it knows.
 * @param value The value it was applied to.
 * @param issues What zod found.
 * @param noun What an unknown name is a name of, such as `parameter`.
 * @returns One entry for each fault; several for several unknown names in one map.
 */
export function wordIssues(
  schema: z.core.$ZodType,
  value: unknown,
  issues: readonly z.core.$ZodIssue[],
  noun = "name",
): readonly WordedIssue[] {
  return issues.flatMap((issue): readonly WordedIssue[] => {
    const path = issue.path.map((step) => typeof step === "number" ? step : String(step));
    if (issue.code === "unrecognized_keys") {
      const known = namesAt(schema, path);
      return issue.keys.map((name) => ({
        path: [...path, name],
        key: true,
        message: `unknown ${noun} ${JSON.stringify(name)}${
          didYouMean(name, known) || "."
        } Known here: ${listed(known)}`,
      }));
    }
    const found = valueAt(value, path);
    const last = path.at(-1);
    const name = typeof last === "number" ? `item ${last + 1}` : last;
    if (issue.code === "invalid_union" && issue.errors.length > 0) {
      // Alternatives that fail deeper down: the nearest one (fewest issues) tells most.
      const [near] = [...issue.errors].sort((a, b) => a.length - b.length);
      if (near !== undefined && near.every((inner) => inner.path.length > 0)) {
        return wordIssues(
          schema,
          value,
          near.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })),
          noun,
        );
      }
    }
    const want = issue.code === "invalid_union" && issue.errors.length === 0 &&
        "options" in issue && Array.isArray(issue.options)
      ? `one of ${listed(issue.options.map(String))}`
      : expected(issue);
    const label = name === undefined ? "" : `${name}: `;
    if (want === undefined || want === "" || !STANDARD_WORDS.test(issue.message)) {
      const what = issue.code === "custom" ? "" : `, found ${shown(found)}`;
      return [{ path, key: false, message: `${label}${issue.message}${what}` }];
    }
    const lacking = found === undefined && path.length > 0;
    const words = lacking
      ? `${name} is missing; expected ${want}`
      : `${label}expected ${want}, found ${shown(found)}${suggestion(issue, found)}`;
    return [{ path, key: false, message: words }];
  });
}
