/**
 * What a project's `deno.json` says that code hangs on: where imports lead, and how it is transpiled.
 *
 * @module
 */
import { exists } from "../store/blobs.ts";

/** The part of a project's configuration that closures need. */
export interface ProjectConfig {
  /** The project's `deno.json`. */
  readonly file: string;
  /** Its lockfile; absent where it has none. */
  readonly lock?: string;
  /** Every file that decides where imports lead, whether or not it exists. */
  readonly files: readonly string[];
  /** Such files can be told beforehand: no workspace member is named by a pattern. */
  readonly complete: boolean;
  /** The settings by which the same code may run otherwise, those that are given. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Compiler options that change what is run, rather than what is checked. */
const RUN_OPTIONS = [
  "emitDecoratorMetadata",
  "experimentalDecorators",
  "jsx",
  "jsxFactory",
  "jsxFragmentFactory",
  "jsxImportSource",
  "jsxPrecompileSkipElements",
  "verbatimModuleSyntax",
];

interface DenoJson {
  readonly lock?: boolean | string | { readonly path?: string };
  readonly importMap?: string;
  readonly links?: readonly string[];
  readonly workspace?: readonly string[] | { readonly members?: readonly string[] };
  readonly compilerOptions?: Readonly<Record<string, unknown>>;
  readonly unstable?: readonly string[];
}

/**
 * Reads the configuration of a project. One that is no plain JSON (it may have comments) counts whole:
 * its text is a setting then.
 *
 * @param project The folder that holds `deno.json`.
 */
export function readProjectConfig(project: string): ProjectConfig {
  const file = `${project}/deno.json`;
  const text = exists(file) ? Deno.readTextFileSync(file) : "{}";
  let config: DenoJson;
  let settings: Record<string, unknown>;
  try {
    config = JSON.parse(text) as DenoJson;
    settings = settingsOf(config);
  } catch {
    config = {};
    settings = { "deno.json": text };
  }
  const { lock = true, importMap, links = [], workspace = [] } = config;
  const members = "members" in workspace ? workspace.members ?? [] : workspace as string[];
  const lockFile = `${project}/${
    typeof lock === "string"
      ? lock
      : typeof lock === "object"
      ? lock.path ?? "deno.lock"
      : "deno.lock"
  }`;
  const folders = [".", ...links, ...members];
  return {
    file,
    ...(lock !== false && exists(lockFile) ? { lock: lockFile } : {}),
    files: [
      lockFile,
      ...(importMap === undefined ? [] : [`${project}/${importMap}`]),
      ...folders.flatMap((folder) =>
        ["deno.json", "deno.jsonc", "package.json"].map((name) => `${project}/${folder}/${name}`)
      ),
    ],
    complete: !folders.some((folder) => /[*?[{!]/.test(folder)),
    settings,
  };
}

function settingsOf({ compilerOptions = {}, unstable = [] }: DenoJson): Record<string, unknown> {
  const options = RUN_OPTIONS.filter((name) => Object.hasOwn(compilerOptions, name))
    .map((name) => [name, compilerOptions[name]] as const);
  return {
    ...Object.fromEntries(options),
    ...(unstable.length > 0 ? { unstable: [...unstable].sort() } : {}),
  };
}
