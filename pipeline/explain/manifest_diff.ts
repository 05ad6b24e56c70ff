/**
 * Why a key is not an earlier one: what differs between two manifests, as values and in words.
 *
 * @module
 */
import {
  type CodeChange,
  codeDifferences,
  type PackageChange,
  type SettingChange,
} from "./code_diff.ts";
import type { ClosureListing } from "../code/closure_listing.ts";
import type { ActionManifest, ContentDigest } from "../manifest.ts";
import { valueText } from "./value_text.ts";

/** A difference between two manifests: `text` says it in one short phrase, the rest as values. */
export type Difference =
  & { readonly text: string }
  & (
    | { readonly kind: "stage" | "deno" | "salt"; readonly old: string; readonly new: string }
    | {
      readonly kind: "param";
      readonly path: string;
      readonly old?: unknown;
      readonly new?: unknown;
    }
    | {
      readonly kind: "input";
      readonly input: string;
      readonly old?: ContentDigest;
      readonly new?: ContentDigest;
      /** Where it comes from now. */
      readonly source: string;
      /** Where it came from, if that is known and was elsewhere. */
      readonly oldSource?: string;
    }
    | ({ readonly kind: "code" } & CodeChange)
    | { readonly kind: "packages"; readonly packages: readonly PackageChange[] }
    | { readonly kind: "settings"; readonly settings: readonly SettingChange[] }
    | { readonly kind: "device"; readonly old?: string; readonly new?: string }
    | {
      readonly kind: "outputs";
      readonly old: Readonly<Record<string, string>>;
      readonly new: Readonly<Record<string, string>>;
    }
  );

/** What the words need beyond the manifests. */
export interface DiffContext {
  /** The listing of a code digest, where it is known. */
  readonly closure: (digest: string) => ClosureListing | undefined;
  /** Where an input comes from, such as `normalize.clips` or a path. */
  readonly source: (input: string) => string;
  /** Where an input came from then, where that is known. */
  readonly oldSource?: (input: string) => string | undefined;
}

/**
 * All differences, those nearest to the user's hand first.
 */
export function differences(
  earlier: ActionManifest,
  current: ActionManifest,
  context: DiffContext,
): Difference[] {
  const found: Difference[] = [];
  if (earlier.stage !== current.stage) {
    found.push({ kind: "stage", ...change("uses", earlier.stage, current.stage) });
  }
  found.push(...paramDifferences(earlier.params, current.params, ""));
  for (const name of union(earlier.inputs, current.inputs)) {
    const [before, after] = [earlier.inputs[name], current.inputs[name]];
    if (before === after) continue;
    const source = context.source(name);
    const known = context.oldSource?.(name);
    const oldSource = known === source ? undefined : known;
    const text = before === undefined
      ? `input ${name} added (${source})`
      : after === undefined
      ? `input ${name} removed${oldSource === undefined ? "" : ` (${oldSource})`}`
      : oldSource === undefined
      ? `input ${name} changed (${source})`
      : `input ${name} changed (${oldSource} -> ${source})`;
    found.push({
      kind: "input",
      text,
      input: name,
      ...defined({ old: before, new: after, oldSource }),
      source,
    });
  }
  found.push(...codeDifferences(earlier.code, current.code, context.closure));
  if (earlier.device !== current.device) {
    found.push({
      kind: "device",
      text: `device ${earlier.device ?? "none"} -> ${current.device ?? "none"}`,
      ...defined({ old: earlier.device, new: current.device }),
    });
  }
  if (earlier.deno !== current.deno) {
    found.push({ kind: "deno", ...change("Deno", earlier.deno, current.deno) });
  }
  if (paramDifferences(earlier.outputs, current.outputs, "").length > 0) {
    found.push({
      kind: "outputs",
      text: outputText(earlier.outputs, current.outputs),
      old: earlier.outputs,
      new: current.outputs,
    });
  }
  if (earlier.salt !== current.salt) {
    found.push({ kind: "salt", ...change("runner", earlier.salt, current.salt) });
  }
  return found;
}

/** Outputs that are declared otherwise: `output table removed; output page added`. */
function outputText(
  old: ActionManifest["outputs"],
  now: ActionManifest["outputs"],
): string {
  return union(old, now).filter((name) => old[name] !== now[name]).map((name) => {
    if (old[name] === undefined) return `output ${name} added`;
    if (now[name] === undefined) return `output ${name} removed`;
    return `output ${name} of type ${old[name]} -> ${now[name]}`;
  }).join("; ");
}

/** The differences in one line: the first three, and how many more there are. */
export function inOneLine(found: readonly Difference[]): string {
  const shown = found.slice(0, 3).map(({ text }) => text).join("; ");
  return found.length > 3 ? `${shown}; and ${found.length - 3} more` : shown;
}

/**
 * How far apart two sets of parameters are: how many differ, and, of as many, how far numbers are
 * from each other.
 */
export function paramDistance(
  one: ActionManifest["params"],
  other: ActionManifest["params"],
): number {
  return one === other ? 0 : distance(paramDifferences(one, other, ""));
}

/** How many differences there are, and, of as many, how far numbers are from each other. */
export function distance(found: readonly Difference[]): number {
  const apart = found.reduce((sum, difference) => {
    if (difference.kind !== "param") return sum + 1;
    const { old, new: now } = difference;
    if (typeof old !== "number" || typeof now !== "number") return sum + 1;
    return sum + Math.abs(now - old) / (Math.abs(now) + Math.abs(old));
  }, 0);
  return found.length === 0 ? 0 : found.length + apart / (2 * found.length);
}

function change(what: string, before: string, after: string) {
  return { text: `${what} ${before} -> ${after}`, old: before, new: after };
}

function defined<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as { [K in keyof T]?: NonNullable<T[K]> };
}

function union(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

/** One for each value inside two JSON values that differs, such as `crop.ratio 0.5 -> 0.8`. */
function paramDifferences(
  before: unknown,
  after: unknown,
  path: string,
): (Difference & { kind: "param" })[] {
  if (isMap(before) && isMap(after)) {
    return union(before, after).flatMap((name) =>
      paramDifferences(before[name], after[name], path === "" ? name : `${path}.${name}`)
    );
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{
    kind: "param",
    text: `${path} ${valueText(before)} -> ${valueText(after)}`,
    path,
    ...(before === undefined ? {} : { old: before }),
    ...(after === undefined ? {} : { new: after }),
  }];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
