/**
 * Finds places of an experiment that are set twice: by two axes of a matrix, or by an axis and by
 * `--set`. One of the two would win unseen, and the names of the stages would not be true.
 *
 * @module
 */
import { SET_PREFIX } from "../experiment/experiment_error.ts";
import { isPlainMap } from "../experiment/layers.ts";
import type { Axis, Change, Complain } from "./matrix.ts";
import { parseOverride } from "../experiment/overrides.ts";
import type { Step } from "../experiment/source.ts";

/** The paths of the single values in a value; what is taken away is none. */
function* leaves(value: unknown, path: readonly Step[]): Generator<readonly Step[]> {
  if (value === null) return;
  if (!isPlainMap(value)) yield path;
  else for (const [key, inner] of Object.entries(value)) yield* leaves(inner, [...path, key]);
}

function* setBy(change: Change): Generator<readonly Step[]> {
  if (change.kind === "seed") yield ["seed"];
  else if (change.kind === "set") yield change.path;
  else {
    yield* leaves(change.value.stages ?? null, ["stages"]);
    if (change.value.seed !== undefined) yield ["seed"];
  }
}

function textOf(path: readonly Step[]): string {
  return path.map((step) => /[."]/.test(String(step)) ? JSON.stringify(step) : step).join(".");
}

/** The path itself and all that lead to it. */
function prefixes(path: readonly Step[]): readonly string[] {
  return path.map((_, i) => textOf(path.slice(0, i + 1)));
}

/**
 * Complains about what is set twice.
 *
 * @param axes The axes of the matrix.
 * @param overrides The values from the command line, each as `path=value`.
 * @param complain Reports a place.
 * @param refuse Reports a value from the command line.
 */
export function checkConflicts(
  axes: readonly Axis[],
  overrides: readonly string[],
  complain: Complain,
  refuse: (place: string, message: string) => void,
): void {
  const owners = new Map<string, string>();
  const paths = axes.map(({ name, values }) => {
    const own = new Map<string, readonly Step[]>();
    for (const change of values.flatMap(({ changes }) => changes)) {
      for (const path of setBy(change)) own.set(textOf(path), path);
    }
    return { name, own };
  });
  for (const { name, own } of paths) {
    for (const text of own.keys()) if (!owners.has(text)) owners.set(text, name);
  }
  const told = new Set<string>();
  for (const { name, own } of paths) {
    for (const path of own.values()) {
      const text = prefixes(path).find((text) => owners.has(text) && owners.get(text) !== name);
      const other = text === undefined ? undefined : owners.get(text);
      if (other === undefined || told.has(`${name} ${other}`)) continue;
      told.add(`${name} ${other}`).add(`${other} ${name}`);
      complain(
        ["matrix", "axes", name],
        `the axes ${other} and ${name} both set ${text}; let one of them set it`,
        true,
      );
    }
  }
  for (const text of overrides) {
    const override = parseOverride(text);
    if ("message" in override) continue;
    const axis = prefixes(override.path).map((text) => owners.get(text)).find((name) => name);
    if (axis === undefined) continue;
    refuse(
      `${SET_PREFIX}${text}`,
      `the axis ${axis} of the matrix sets this in each cell; choose cells with ` +
        `--cell ${axis}=LABEL, or give the axis other values with --set matrix.axes.${axis}...`,
    );
  }
}
