/**
 * What a code digest stands for: the modules that an entry's code loads, their code and where their
 * imports lead, and the npm packages that they need.
 *
 * @module
 */
import type { PrintedModule } from "./code_text.ts";
import { CODE_PRINTER, CodeError, isCode } from "./code_text.ts";
import { sha256 } from "../fingerprint.ts";
import {
  type ModuleEdge,
  type ModuleGraph,
  type ModuleNode,
  packageClosure,
} from "./module_graph.ts";

/** What a code digest stands for. Stored, so that two keys can be compared later. */
export interface ClosureListing {
  /** Of the listing itself. */
  readonly format: "closure/1";
  /** The printer of the code, with its version. */
  readonly printer: string;
  /** Settings of the project by which the same code may run otherwise; absent if none is given. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Project-relative paths of the entry and the further roots. */
  readonly roots: readonly string[];
  /** Modules and files by project-relative path (or URL, for a remote one). */
  readonly modules: Readonly<
    Record<string, { readonly digest: string; readonly edges: Readonly<Record<string, string>> }>
  >;
  /** Integrities of npm packages by id. */
  readonly packages: Readonly<Record<string, string>>;
}

/** A file of a project as closures need it. */
export interface SourceFile {
  /** Hex SHA-256 of its bytes. */
  readonly raw: string;
  /** Its content. */
  readonly bytes: Uint8Array;
  /** Its code as printed, if it is code. */
  readonly printed?: PrintedModule;
}

/** What a listing is made from. */
export interface ListingParts {
  /** All modules. */
  readonly graph: ModuleGraph;
  /** Files by path. */
  readonly files: ReadonlyMap<string, SourceFile>;
  /** Integrities by package id, as the lockfile has them. */
  readonly integrities: Readonly<Record<string, { readonly integrity?: string }>>;
  /** Settings of the project by which code may run otherwise. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Project-relative path of a module, or its URL. */
  readonly nameOf: (specifier: string) => string;
}

/** How a module is loaded. */
interface Loaded {
  readonly node: ModuleNode;
  /** As code, with all that it imports in turn. */
  code: boolean;
  /** Byte by byte. */
  data: boolean;
}

/**
 * The listing of an entry and its further roots: code is taken as printed, JSON by its value, all else
 * byte by byte, and so is code that is imported as text.
 *
 * @param roots URLs: the entry first.
 * @param pathOf The file of a root that is data.
 * @throws {CodeError} If code imports by a computed path.
 */
export function closureListing(
  roots: readonly string[],
  pathOf: (url: string) => string,
  parts: ListingParts,
): ClosureListing {
  const { graph, files, integrities, settings, nameOf } = parts;
  const modules: Record<string, ClosureListing["modules"][string]> = {};
  const packages: string[] = [];
  for (const loaded of load(graph, roots.filter(isCode), files)) {
    const { node } = loaded;
    if (node.package) packages.push(node.package);
    if (!node.local) continue;
    const edges = loaded.code ? edgesOf(node, files) : [];
    modules[nameOf(node.specifier)] = {
      digest: digestOf(loaded, files.get(node.local)!),
      edges: Object.fromEntries(
        edges.map(({ written, target }) => [written, targetName(graph, target, nameOf)]),
      ),
    };
  }
  for (const url of roots) {
    if (!isCode(url)) modules[nameOf(url)] = { digest: files.get(pathOf(url))!.raw, edges: {} };
  }
  const ids = packageClosure(graph, packages);
  const jsx = Object.keys(modules).some((name) => /\.[jt]sx$/.test(name));
  const named = Object.entries(settings).filter(([name]) => jsx || !name.startsWith("jsx"));
  return {
    format: "closure/1",
    printer: CODE_PRINTER,
    ...(named.length > 0 ? { settings: Object.fromEntries(named) } : {}),
    roots: roots.map(nameOf).sort(),
    modules,
    packages: Object.fromEntries(ids.map((id) => [id, integrities[id]?.integrity ?? ""])),
  };
}

/** All modules that are loaded from some roots, each once. */
function load(
  graph: ModuleGraph,
  roots: readonly string[],
  files: ReadonlyMap<string, SourceFile>,
): Loaded[] {
  const seen = new Map<string, Loaded>();
  const queue = roots.map((target) => ({ target, code: true, data: false }));
  for (let next = queue.pop(); next; next = queue.pop()) {
    const node = graph.modules.get(next.target);
    // Node's own modules come with Deno, whose version is in the key.
    if (!node) continue;
    const loaded = seen.get(next.target) ?? { node, code: false, data: false };
    seen.set(next.target, loaded);
    loaded.data ||= next.data;
    if (!next.code || loaded.code) continue;
    loaded.code = true;
    const printed = node.local && files.get(node.local)?.printed;
    if (printed) assertWrittenOut(node, printed);
    for (const edge of edgesOf(node, files)) {
      const { target, attribute } = edge;
      const data = attribute !== undefined && attribute !== "json";
      queue.push({ target, code: !data || useOf(node, edge, files) === "any", data });
    }
  }
  return [...seen.values()];
}

/**
 * Makes sure that the graph has every `import()` of a module.
 *
 * @throws {CodeError} For one that is computed.
 */
function assertWrittenOut({ edges }: ModuleNode, { problem, dynamic }: PrintedModule): void {
  if (problem !== undefined) throw new CodeError(problem);
  for (const { specifier, problem } of dynamic) {
    if (!edges.some(({ written }) => written === specifier)) throw new CodeError(problem);
  }
}

/** The imports of a module, but those of which nothing is left when it runs. */
function edgesOf(node: ModuleNode, files: ReadonlyMap<string, SourceFile>): ModuleEdge[] {
  return node.edges.filter((edge) => useOf(node, edge, files) !== "none");
}

function useOf(node: ModuleNode, { written }: ModuleEdge, files: ReadonlyMap<string, SourceFile>) {
  const printed = node.local === undefined ? undefined : files.get(node.local)?.printed;
  return printed?.use(written) ?? "any";
}

function digestOf({ node, data }: Loaded, { raw, bytes, printed }: SourceFile): string {
  if (data || node.kind === "data") return raw;
  if (node.kind === "code") return printed?.digest ?? raw;
  try {
    return sha256(JSON.stringify(JSON.parse(new TextDecoder().decode(bytes))));
  } catch {
    return raw;
  }
}

function targetName(
  graph: ModuleGraph,
  specifier: string,
  nameOf: (specifier: string) => string,
): string {
  const id = graph.modules.get(specifier)?.package;
  return id ? `npm:${id}` : nameOf(specifier);
}
