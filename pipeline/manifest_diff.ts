/**
 * Why a key is not an earlier one: what differs between two manifests, in words.
 *
 * @module
 */
import type { ClosureListing } from "./code_closure.ts";
import type { ActionManifest } from "./manifest.ts";

/** A difference between two manifests, in one short phrase. */
export interface Difference {
  readonly kind: "param" | "input" | "code" | "deno" | "device" | "stage" | "outputs" | "salt";
  readonly text: string;
}

/** What the words need beyond the manifests. */
export interface DiffContext {
  /** The listing of a code digest, where it is known. */
  readonly closure: (digest: string) => ClosureListing | undefined;
  /** Where an input comes from, such as `normalize.clips` or a path. */
  readonly source: (input: string) => string;
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
    found.push({ kind: "stage", text: `uses ${earlier.stage} -> ${current.stage}` });
  }
  for (const text of valueDifferences(earlier.params, current.params, "")) {
    found.push({ kind: "param", text });
  }
  for (const name of union(earlier.inputs, current.inputs)) {
    const [before, after] = [earlier.inputs[name], current.inputs[name]];
    if (before === after) continue;
    const text = before === undefined
      ? `input ${name} added`
      : after === undefined
      ? `input ${name} removed`
      : `input ${name} changed (${context.source(name)})`;
    found.push({ kind: "input", text });
  }
  if (earlier.code !== current.code) {
    found.push({ kind: "code", text: codeDifference(earlier.code, current.code, context) });
  }
  if (earlier.device !== current.device) {
    found.push({
      kind: "device",
      text: `device ${earlier.device ?? "none"} -> ${current.device ?? "none"}`,
    });
  }
  if (earlier.deno !== current.deno) {
    found.push({ kind: "deno", text: `Deno ${earlier.deno} -> ${current.deno}` });
  }
  if (valueDifferences(earlier.outputs, current.outputs, "").length > 0) {
    found.push({ kind: "outputs", text: "its declared outputs changed" });
  }
  if (earlier.salt !== current.salt) {
    found.push({ kind: "salt", text: `runner ${earlier.salt} -> ${current.salt}` });
  }
  return found;
}

/** The differences in one line. */
export function inOneLine(found: readonly Difference[]): string {
  const shown = found.slice(0, 3).map(({ text }) => text).join("; ");
  return found.length > 3 ? `${shown}; and ${found.length - 3} more` : shown;
}

function codeDifference(before: string, after: string, context: DiffContext): string {
  const [old, now] = [context.closure(before), context.closure(after)];
  if (!old || !now) return "code changed";
  const parts: string[] = [];
  const files = (text: string, names: string[]) => {
    if (names.length > 0) parts.push(`${text}: ${names.slice(0, 3).join(", ")}${more(names)}`);
  };
  const names = union(old.modules, now.modules);
  files(
    "code changed",
    names.filter((name) =>
      old.modules[name] && now.modules[name] &&
      JSON.stringify(sorted(old.modules[name])) !== JSON.stringify(sorted(now.modules[name]))
    ),
  );
  files("code added", names.filter((name) => !old.modules[name]));
  files("code removed", names.filter((name) => !now.modules[name]));
  files(
    "packages changed",
    union(old.packages, now.packages).filter((id) => old.packages[id] !== now.packages[id]),
  );
  if (old.printer !== now.printer) parts.push(`code printer ${old.printer} -> ${now.printer}`);
  return parts.length > 0 ? parts.join("; ") : "code roots changed";
}

function more(names: readonly string[]): string {
  return names.length > 3 ? ` and ${names.length - 3} more` : "";
}

function sorted(module: ClosureListing["modules"][string]) {
  return [module.digest, Object.entries(module.edges).sort()];
}

function union(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

/** Phrases such as `crop.ratio 0.5 -> 0.8`, for two JSON values. */
function valueDifferences(before: unknown, after: unknown, path: string): string[] {
  if (isMap(before) && isMap(after)) {
    return union(before, after).flatMap((name) =>
      valueDifferences(before[name], after[name], path === "" ? name : `${path}.${name}`)
    );
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [`${path} ${shown(before)} -> ${shown(after)}`];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (value === undefined) return "(none)";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
