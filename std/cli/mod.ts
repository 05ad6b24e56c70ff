/**
 * Stand-in for `@std/cli`'s `parseArgs` over npm's `minimist`, for machines that reach only the npm
 * registry. Deleting `links` in `deno.json` gives the original.
 *
 * @module
 */
import minimist from "minimist";

/** What {@link parseArgs} is told; the options of `@std/cli` that this project uses. */
export interface ParseOptions {
  /** Options that take no value. */
  readonly boolean?: readonly string[];
  /** Options whose value stays a string, whatever it looks like. */
  readonly string?: readonly string[];
  /** String options that may be given several times; always an array in the result. */
  readonly collect?: readonly string[];
  /** Other names: `{ help: "h" }`. */
  readonly alias?: Readonly<Record<string, string | readonly string[]>>;
  /** Values for options not given. */
  readonly default?: Readonly<Record<string, unknown>>;
  /** Stop at the first positional argument; what follows lands in `_` untouched. */
  readonly stopEarly?: boolean;
  /** Called for each option not named above; returning `false` leaves it out. */
  readonly unknown?: (arg: string) => unknown;
}

/** The parsed arguments: options by name, positional arguments (as strings) in `_`. */
export type Args = { _: string[] } & Record<string, unknown>;

/**
 * Parses command-line arguments.
 *
 * @param args The arguments, such as `Deno.args`.
 * @param options Which options exist.
 * @returns Options by name; positional arguments in `_`.
 *
 * @example
 * ```ts
 * import { parseArgs } from "@std/cli";
 * import { assertEquals } from "@std/assert";
 * const args = parseArgs(["run", "--jobs", "2", "--json"], { boolean: ["json"], string: ["jobs"] });
 * assertEquals(args._, ["run"]);
 * assertEquals(args.jobs, "2");
 * assertEquals(args.json, true);
 * ```
 */
export function parseArgs(args: readonly string[], options: ParseOptions = {}): Args {
  const unknown = options.unknown;
  const parsed = minimist([...args], {
    boolean: [...(options.boolean ?? [])],
    string: ["_", ...(options.string ?? [])],
    alias: Object.fromEntries(
      Object.entries(options.alias ?? {}).map(([k, v]) => [k, typeof v === "string" ? v : [...v]]),
    ),
    default: { ...(options.default ?? {}) },
    stopEarly: options.stopEarly ?? false,
    ...(unknown === undefined ? {} : {
      unknown: (arg: string) => arg.startsWith("-") ? unknown(arg) !== false : true,
    }),
  }) as Args;
  const collected = new Set(options.collect ?? []);
  for (const [name, value] of Object.entries(parsed)) {
    if (name !== "_" && !collected.has(name) && Array.isArray(value)) parsed[name] = value.at(-1);
  }
  for (const name of collected) {
    const value = parsed[name];
    parsed[name] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  }
  return parsed;
}
