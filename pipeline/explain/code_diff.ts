/**
 * What differs between the code behind two digests: files, imports that lead elsewhere, npm packages.
 *
 * @module
 */
import type { ClosureListing } from "../code/closure_listing.ts";
import type { Difference } from "./manifest_diff.ts";
import { valueText } from "./value_text.ts";

/** An import that leads elsewhere, though the file it is in reads as before. */
export interface ImportChange {
  /** Project-relative path. */
  readonly file: string;
  /** As it is written. */
  readonly specifier: string;
  /** Where it led. */
  readonly old: string;
  /** Where it leads. */
  readonly new: string;
}

/** What became of the files of a code closure; all empty where one of the listings is gone. */
export interface CodeChange {
  /** Files that read otherwise. */
  readonly changed: readonly string[];
  /** Files that were not part of it. */
  readonly added: readonly string[];
  /** Files that are no longer part of it. */
  readonly removed: readonly string[];
  /** Imports of files that read as before. */
  readonly imports: readonly ImportChange[];
}

/** An npm package of which other versions are in use; no version where it is not in use at all. */
export interface PackageChange {
  /** Without the version. */
  readonly name: string;
  /** Versions that were in use. */
  readonly old: readonly string[];
  /** Versions that are. */
  readonly new: readonly string[];
}

/** A setting of the project's `deno.json` by which the same code may run otherwise. */
export interface SettingChange {
  /** Of the compiler option. */
  readonly name: string;
  /** Absent where it was not set. */
  readonly old?: unknown;
  /** Absent where it is not set. */
  readonly new?: unknown;
}

type Modules = ClosureListing["modules"];

const NOTHING: CodeChange = { changed: [], added: [], removed: [], imports: [] };

/** Names of files that a phrase shows. */
const SHOWN = 3;

/**
 * The differences of two code digests: at most one each of the settings, the files and the packages.
 *
 * @param closure The listing of a code digest, where it is known.
 */
export function codeDifferences(
  before: string,
  after: string,
  closure: (digest: string) => ClosureListing | undefined,
): Difference[] {
  if (before === after) return [];
  const [old, now] = [closure(before), closure(after)];
  if (!old || !now) return [{ kind: "code", text: "code changed", ...NOTHING }];
  if (old.printer !== now.printer) {
    const text = `code printer ${old.printer} -> ${now.printer}`;
    return [{ kind: "code", text, ...NOTHING }];
  }
  const found: Difference[] = [];
  const files = fileChanges(old.modules, now.modules);
  const packages = packageChanges(old.packages, now.packages);
  const text = codeText(files);
  if (text !== "") found.push({ kind: "code", text, ...files });
  if (packages.length > 0) {
    const texts = packages.map(packageText);
    found.push({ kind: "packages", text: `package ${shortened(texts)}`, packages });
  }
  const settings = settingChanges(old.settings ?? {}, now.settings ?? {});
  if (settings.length > 0) {
    const text = `compiler settings: ${shortened(settings.map(settingText))}`;
    found.push({ kind: "settings", text, settings });
  }
  if (found.length === 0) {
    const text = JSON.stringify(old.roots) === JSON.stringify(now.roots)
      ? "code changed"
      : "code roots changed";
    found.push({ kind: "code", text, ...NOTHING });
  }
  return found;
}

/** A package's change in words: `zod 4.0.0 -> 4.1.0`. */
export function packageText({ name, old, new: now }: PackageChange): string {
  if (old.length === 0) return `${name} ${now.join(", ")} added`;
  if (now.length === 0) return `${name} ${old.join(", ")} removed`;
  if (old.join() === now.join()) return `${name} ${now.join(", ")} with other content`;
  return `${name} ${old.join(", ")} -> ${now.join(", ")}`;
}

/** An import's change in words. */
export function importText({ file, specifier, old, new: now }: ImportChange): string {
  return `${file}: ${JSON.stringify(specifier)} ${old} -> ${now}`;
}

/** A setting's change in words. */
function settingText({ name, old, new: now }: SettingChange): string {
  return `${name} ${valueText(old)} -> ${valueText(now)}`;
}

function settingChanges(
  old: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): SettingChange[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort()
    .filter((name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]))
    .map((name) => ({
      name,
      ...(name in old ? { old: old[name] } : {}),
      ...(name in now ? { new: now[name] } : {}),
    }));
}

function fileChanges(old: Modules, now: Modules): CodeChange {
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  const both = names.filter((name) => old[name] && now[name]);
  const changed = both.filter((name) => old[name]!.digest !== now[name]!.digest);
  return {
    changed,
    added: names.filter((name) => !old[name]),
    removed: names.filter((name) => !now[name]),
    imports: both.filter((name) => !changed.includes(name)).flatMap((file) =>
      importChanges(file, old[file]!.edges, now[file]!.edges)
    ),
  };
}

/** Another version of a package is the package's change, not one of each file that imports it. */
function importChanges(
  file: string,
  old: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): ImportChange[] {
  return Object.keys(now).sort().flatMap((specifier) => {
    const [before, after] = [old[specifier] ?? "nowhere", now[specifier]!];
    if (packageless(before) === packageless(after)) return [];
    return [{ file, specifier, old: before, new: after }];
  });
}

function packageless(target: string): string {
  return target.startsWith("npm:") ? `npm:${packageName(target.slice(4))}` : target;
}

/** `@scope/name` of `@scope/name@1.2.3_peer@2.0.0`. */
function packageName(id: string): string {
  const at = id.indexOf("@", 1);
  return at < 0 ? id : id.slice(0, at);
}

function packageChanges(
  old: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): PackageChange[] {
  const ids = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  const changed = new Set(ids.filter((id) => old[id] !== now[id]).map(packageName));
  const versions = (packages: object, name: string) =>
    Object.keys(packages).filter((id) => packageName(id) === name)
      .map((id) => id.slice(name.length + 1)).sort();
  return [...changed].map((name) => ({
    name,
    old: versions(old, name),
    new: versions(now, name),
  }));
}

function codeText({ changed, added, removed, imports }: CodeChange): string {
  const part = (what: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${what}: ${shortened(names)}`];
  return [
    ...part("code changed", changed),
    ...part("code added", added),
    ...part("code removed", removed),
    ...part("imports lead elsewhere", imports.map(importText)),
  ].join("; ");
}

function shortened(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  return `${names.slice(0, SHOWN).join(", ")}${more}`;
}
