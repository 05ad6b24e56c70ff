/**
 * Values from the command line: `--set stages.pretrain.params.epochs=3`.
 *
 * @module
 */
import type { Step } from "./source.ts";

/** One value from the command line, taken apart. */
export interface Override {
  /** Where the value goes. */
  readonly path: readonly Step[];
  /** The value as YAML text. */
  readonly value: string;
}

const FORM = "expected PATH=VALUE, such as stages.pretrain.params.epochs=3";

/**
 * The steps of a dotted path; a step with dots in it is written in double quotes.
 *
 * @param path Such as `stages.pretrain.params.epochs`.
 * @returns `undefined` if it is no path.
 */
export function stepsOf(path: string): readonly string[] | undefined {
  const steps: string[] = [];
  const pattern = /(?:"([^"]+)"|([^."]+))(\.|$)/y;
  while (pattern.lastIndex < path.length) {
    const match = pattern.exec(path);
    if (match === null) return undefined;
    steps.push(match[1] ?? match[2] ?? "");
    if (match[3] === "" && pattern.lastIndex !== path.length) return undefined;
  }
  return path.endsWith(".") || steps.length === 0 ? undefined : steps;
}

/**
 * Takes `path=value` apart. The name of an expectation holds a dot itself, so that
 * `expect.linear.top1.min=5` means the bound `min` of `linear.top1`, and `expect.linear.top1=` that
 * expectation as a whole.
 *
 * @param text What stands after `--set`.
 * @returns The path and the value's YAML text, or a message that says what was expected.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(parseOverride("stages.pretrain.params.epochs=3"), {
 *   path: ["stages", "pretrain", "params", "epochs"],
 *   value: "3",
 * });
 * ```
 */
export function parseOverride(text: string): Override | { readonly message: string } {
  const equals = text.indexOf("=");
  if (equals < 0) return { message: `${FORM}; there is no "=" in it` };
  const steps = stepsOf(text.slice(0, equals).trim());
  if (steps === undefined) return { message: `${FORM}; the part before "=" is no path` };
  const value = text.slice(equals + 1);
  const last = steps.at(-1)!;
  if (steps[0] === "expect" && steps.length > 3 && (last === "min" || last === "max")) {
    return { path: ["expect", steps.slice(1, -1).join("."), last], value };
  }
  if (steps[0] === "expect" && steps.length > 2 && !steps[1]!.includes(".")) {
    return { path: ["expect", steps.slice(1).join(".")], value };
  }
  return { path: steps, value };
}
