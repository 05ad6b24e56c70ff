/**
 * The modules that entries load, as `deno info` sees them.
 *
 * @module
 */
import { CodeError } from "./code_text.ts";

/** A module of the graph. */
export interface ModuleNode {
  readonly specifier: string;
  /** Its file; absent for npm packages and Node's built-in modules. */
  readonly local?: string;
  /** The package's id with version and peers, for an npm package. */
  readonly package?: string;
  /** It is imported as text or JSON: its bytes count, also where its name is that of code. */
  readonly data: boolean;
  /** Why it could not be read. */
  readonly error?: string;
  /** What its code imports: the specifier as written, and the module it leads to. */
  readonly edges: readonly (readonly [string, string])[];
}

/** Modules by specifier, and npm packages by id. */
export interface ModuleGraph {
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
      readonly code?: { readonly specifier?: string; readonly error?: string };
    }[];
  }[];
  readonly redirects: Readonly<Record<string, string>>;
  readonly npmPackages?: Readonly<Record<string, { readonly dependencies: readonly string[] }>>;
}

/**
 * Reads the graph of several entries with one start of `deno info`.
 *
 * Only what code imports is followed: an import of types alone leaves no trace when the code runs.
 *
 * @param entries URLs of modules.
 * @param config The project's `deno.json`.
 * @param folder Where a module that imports all entries may be written for the moment.
 * @throws {CodeError} If the graph cannot be built.
 */
export async function readModuleGraph(
  entries: readonly string[],
  config: string,
  folder: string,
): Promise<ModuleGraph> {
  const gathering = `${folder}/entries-${crypto.randomUUID()}.ts`;
  await Deno.writeTextFile(
    gathering,
    entries.map((url) => `import ${JSON.stringify(url)};\n`).join(""),
  );
  let info: InfoOutput;
  try {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--config", config, gathering],
      env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    }).output();
    if (!success) throw new CodeError(new TextDecoder().decode(stderr).trim());
    info = JSON.parse(new TextDecoder().decode(stdout)) as InfoOutput;
  } finally {
    await Deno.remove(gathering).catch(() => {});
  }
  const modules = new Map<string, ModuleNode>();
  for (const module of info.modules) {
    modules.set(module.specifier, {
      specifier: module.specifier,
      ...(module.local && !module.npmPackage ? { local: module.local } : {}),
      ...(module.npmPackage ? { package: module.npmPackage } : {}),
      data: module.kind !== "esm",
      ...(module.error ? { error: module.error } : {}),
      edges: (module.dependencies ?? []).flatMap(({ specifier, code }) => {
        if (code?.error) throw new CodeError(`${module.specifier}: ${code.error}`);
        if (!code?.specifier) return [];
        return [[specifier, info.redirects[code.specifier] ?? code.specifier] as const];
      }),
    });
  }
  const packages = new Map(
    Object.entries(info.npmPackages ?? {}).map(([id, { dependencies }]) => [id, dependencies]),
  );
  return { modules, packages };
}

/**
 * The modules that are reached from some of a graph's entries.
 *
 * @throws {CodeError} If an entry or an import is missing from the graph.
 */
export function reachable(graph: ModuleGraph, entries: readonly string[]): ModuleNode[] {
  const seen = new Map<string, ModuleNode>();
  const queue = [...entries];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue;
    const node = graph.modules.get(next);
    if (!node) {
      if (next.startsWith("node:")) continue;
      throw new CodeError(`${next} is imported, but cannot be found.`);
    }
    if (node.error) throw new CodeError(node.error);
    seen.set(next, node);
    for (const [, target] of node.edges) queue.push(target);
  }
  return [...seen.values()];
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
