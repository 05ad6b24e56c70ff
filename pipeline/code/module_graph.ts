/**
 * The modules that entries load, as `deno info` sees them.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { CodeError } from "./code_text.ts";
import type { ProjectConfig } from "./project_config.ts";

/** An import as it is written, and the module it leads to. */
export interface ModuleEdge {
  /** The specifier as written. */
  readonly written: string;
  /** The specifier of the module. */
  readonly target: string;
  /** The import's attribute, such as `text` or `json`; of two that differ, one. */
  readonly attribute?: string;
  /** Where it is written, from 1. */
  readonly line: number;
}

/** A module of the graph. */
export interface ModuleNode {
  /** Its URL, which is its name in the graph. */
  readonly specifier: string;
  /** Its file; absent for npm packages and Node's built-in modules. */
  readonly local?: string;
  /** The package's id with version and peers, for an npm package. */
  readonly package?: string;
  /** `code` has imports of its own; `json` counts by its value, `data` byte by byte. */
  readonly kind: "code" | "json" | "data";
  /** Why it could not be read, as Deno says it. */
  readonly error?: string;
  /** What its code imports. */
  readonly edges: readonly ModuleEdge[];
}

/** Modules by specifier, and npm packages by id. */
export interface ModuleGraph {
  /** By their URLs. */
  readonly modules: ReadonlyMap<string, ModuleNode>;
  /** Ids of the packages that a package needs. */
  readonly packages: ReadonlyMap<string, readonly string[]>;
}

interface InfoOutput {
  readonly modules: readonly {
    readonly specifier: string;
    readonly kind?: string;
    readonly local?: string;
    readonly npmPackage?: string;
    readonly error?: string;
    readonly dependencies?: readonly {
      readonly specifier: string;
      readonly assertionType?: string;
      readonly code?: {
        readonly specifier?: string;
        readonly error?: string;
        readonly span?: { readonly start: { readonly line: number } };
      };
    }[];
  }[];
  readonly redirects: Readonly<Record<string, string>>;
  readonly npmPackages?: Readonly<Record<string, { readonly dependencies: readonly string[] }>>;
}

/**
 * Reads the graph of several entries with one start of `deno info`. It writes no lockfile.
 *
 * Only what code imports is followed: an import of types alone leaves no trace when the code runs.
 *
 * @param entries URLs of modules.
 * @param config The project's configuration.
 * @param folder Where a module that imports all entries may be written for the moment.
 * @param nameOf A module's name in errors.
 * @throws {CodeError} If the graph cannot be built, or an import cannot be resolved.
 */
export async function readModuleGraph(
  entries: readonly string[],
  config: ProjectConfig,
  folder: string,
  nameOf: (specifier: string) => string,
): Promise<ModuleGraph> {
  if (entries.length === 0) return { modules: new Map(), packages: new Map() };
  const gathering = `${folder}/entries-${crypto.randomUUID()}.ts`;
  await Deno.writeTextFile(
    gathering,
    entries.map((url) => `import ${JSON.stringify(url)};\n`).join(""),
  );
  const lock = config.lock === undefined ? ["--no-lock"] : ["--frozen"];
  let info: InfoOutput;
  try {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", ...lock, "--config", config.file, pathToFileURL(gathering).href],
      env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    }).output();
    if (!success) throw new CodeError(refusal(new TextDecoder().decode(stderr), config));
    info = JSON.parse(new TextDecoder().decode(stdout)) as InfoOutput;
  } finally {
    await Deno.remove(gathering).catch(() => {});
  }
  const modules = new Map<string, ModuleNode>();
  for (const { specifier, kind, local, npmPackage, error, dependencies = [] } of info.modules) {
    modules.set(specifier, {
      specifier,
      ...(local && !npmPackage ? { local } : {}),
      ...(npmPackage ? { package: npmPackage } : {}),
      kind: kind === "esm" ? "code" : kind === "asserted" ? "json" : "data",
      ...(error ? { error } : {}),
      edges: dependencies.flatMap(({ specifier: written, assertionType, code }) => {
        const line = (code?.span?.start.line ?? 0) + 1;
        if (code?.error) {
          throw new CodeError(`${nameOf(specifier)}:${line}: ${inNames(code.error, nameOf)}`);
        }
        if (!code?.specifier) return [];
        const target = info.redirects[code.specifier] ?? code.specifier;
        return [{ written, target, line, ...(assertionType ? { attribute: assertionType } : {}) }];
      }),
    });
  }
  const packages = new Map(
    Object.entries(info.npmPackages ?? {}).map(([id, { dependencies }]) => [id, dependencies]),
  );
  return { modules, packages };
}

/** What `deno info` says when it gives no graph, in one sentence. */
function refusal(said: string, { file, lock }: ProjectConfig): string {
  if (said.includes("lockfile is out of date")) {
    return `${lock} does not hold what ${file} and the code import; bring it up to date with: ` +
      `deno install --frozen=false`;
  }
  return said.replace(/^\s*error: /, "").split("\n\nStack backtrace")[0]!.trim();
}

/** What is reached from some entries. */
export interface Reached {
  /** Modules, each once. */
  readonly nodes: readonly ModuleNode[];
  /** Why the first module that cannot be read cannot; names the file and line of its import. */
  readonly unreadable?: CodeError;
}

/**
 * The modules that are reached from some of a graph's entries.
 *
 * @param nameOf A module's name in errors.
 */
export function reachable(
  graph: ModuleGraph,
  entries: readonly string[],
  nameOf: (specifier: string) => string,
): Reached {
  const seen = new Map<string, ModuleNode>();
  let unreadable: CodeError | undefined;
  const queue = entries.map((target) => ({ target, from: undefined as string | undefined }));
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { target, from } = next;
    if (seen.has(target)) continue;
    const node = graph.modules.get(target);
    if (!node && target.startsWith("node:")) continue;
    if (!node || node.error) {
      unreadable ??= new CodeError(reasonOf(target, from, node?.error, nameOf));
      continue;
    }
    seen.set(target, node);
    for (const { target, line } of node.edges) {
      queue.push({ target, from: `${nameOf(node.specifier)}:${line}` });
    }
  }
  return { nodes: [...seen.values()], ...(unreadable ? { unreadable } : {}) };
}

/** Why a module cannot be read: its own file and line if it does not parse, else its importer's. */
function reasonOf(
  specifier: string,
  from: string | undefined,
  error = "it cannot be found",
  nameOf: (specifier: string) => string,
): string {
  const place = /at (file:\S+):(\d+):\d+/.exec(error);
  const said = inNames(error, nameOf).replace(/^SyntaxError: /, "");
  if (place) return `${nameOf(place[1]!)}:${place[2]}: ${said}`;
  const name = nameOf(specifier);
  return from === undefined ? `${name}: ${said}` : `${from}: it imports ${name}: ${said}`;
}

/** The first line of what Deno said, with the names of modules instead of their URLs. */
function inNames(text: string, nameOf: (specifier: string) => string): string {
  return text.split("\n")[0]!.replaceAll(/file:\/\/[^"'\s]+/g, nameOf);
}

/** The packages that some packages need, they themselves included; sorted. */
export function packageClosure(graph: ModuleGraph, ids: readonly string[]): string[] {
  const seen = new Set<string>();
  const queue = [...ids];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    queue.push(...graph.packages.get(id) ?? []);
  }
  return [...seen].sort();
}
