/**
 * The code closure of an entry module: everything that its code may load, as one digest.
 *
 * The digest covers, for each module reached by imports of code: its project-relative path, the
 * digest of its code without comments and white space, and its edges (specifier -> module), so that a
 * changed import map counts and a moved checkout does not. JSON counts by its value; text imports and
 * listed roots that are data count byte by byte. Of npm packages, those actually reached count, with
 * all they need, by the lockfile's integrities.
 *
 * The fast path: a closure is kept with the digests of the files it was made of. While the file index
 * says that they and the files that decide where imports lead (`deno.json`, `deno.lock`, an import map)
 * are unchanged, neither `deno info` nor esbuild is started. A bundle has no sources: it carries the
 * closures that they had. Caveat: a module read at run time by a computed URL is invisible here; the
 * definition must list it under `roots`, and the sandbox refuses to read it otherwise.
 *
 * @module
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { closureListing, type SourceFile } from "./code/closure_listing.ts";
import { CODE_PRINTER, CodeError, isCode, printModules } from "./code/code_text.ts";
import type { FileIndex } from "./file_index.ts";
import { fingerprint, sha256 } from "./fingerprint.ts";
import { type ModuleNode, reachable, readModuleGraph } from "./code/module_graph.ts";
import { type ProjectConfig, readProjectConfig } from "./code/project_config.ts";
import { readSealedClosures, sealedClosure } from "./code/sealed_closures.ts";
import { readCache, readJson } from "./store/json_file.ts";
import type { Store } from "./store/store.ts";

export type { ClosureListing } from "./code/closure_listing.ts";
export { CodeError } from "./code/code_text.ts";

/** A closure, as keys and sandboxes need it. */
export interface CodeClosure {
  /** Fingerprint of the listing. */
  readonly digest: string;
  /** Absolute paths of its local files. */
  readonly files: readonly string[];
}

/** An entry whose closure is asked for: URLs, as a stage's definition gives them. */
export interface ClosureRequest {
  /** The entry module. */
  readonly entry: string;
  /** Further roots: code, and data that counts byte by byte. */
  readonly roots: readonly string[];
}

interface Kept {
  readonly basis: string;
  readonly digest: string;
  readonly files: readonly (readonly [path: string, digest: string])[];
}

/** Computes closures, and keeps them in the store's local cache. */
export class CodeClosures {
  readonly #store: Store;
  readonly #index: FileIndex;
  readonly #project: string;
  readonly #file: string;
  #kept: Record<string, Kept> | undefined;

  /**
   * Closures of a project's code.
   *
   * @param store Where listings and what is remembered of closures are kept.
   * @param index Digests the files.
   * @param project The folder that holds the `deno.json` of the stages' code.
   */
  constructor(store: Store, index: FileIndex, project: string) {
    this.#store = store;
    this.#index = index;
    this.#project = project;
    this.#file = `${store.local}/closures.json`;
  }

  /**
   * The closures of some entries, in their order.
   *
   * @throws {CodeError} If code cannot be found or parsed, or imports by a computed path.
   */
  async of(requests: readonly ClosureRequest[]): Promise<CodeClosure[]> {
    const sealed = readSealedClosures(this.#project);
    if (sealed) {
      return await Promise.all(
        requests.map((request) =>
          sealedClosure(sealed, this.#project, rootsOf(request), this.#store, this.#index)
        ),
      );
    }
    this.#kept ??= readCache<Kept>(this.#file);
    const config = readProjectConfig(this.#project);
    const basis = await this.#basisOf(config);
    const found = new Map<string, CodeClosure>();
    const missing: ClosureRequest[] = [];
    for (const request of requests) {
      const name = nameOfRequest(request);
      if (found.has(name) || missing.some((other) => nameOfRequest(other) === name)) continue;
      const kept = this.#kept[name];
      if (kept && kept.basis === basis && await this.#holds(kept)) {
        found.set(name, { digest: kept.digest, files: kept.files.map(([path]) => path) });
      } else {
        missing.push(request);
      }
    }
    if (missing.length > 0) {
      for (const [name, kept] of await this.#compute(missing, config, basis)) {
        this.#kept[name] = kept;
        found.set(name, { digest: kept.digest, files: kept.files.map(([path]) => path) });
      }
      await this.#store.writeIfWritable(this.#file, JSON.stringify(this.#kept));
    }
    return requests.map((request) => found.get(nameOfRequest(request))!);
  }

  /** Whether its files are unchanged, and its listing is still in the store. */
  async #holds({ digest, files }: Kept): Promise<boolean> {
    if (!this.#store.hasClosure(digest)) return false;
    try {
      for (const [path, digest] of files) {
        if ((await this.#index.file(path, "code")).digest !== digest) return false;
      }
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }

  /** Fingerprint of everything but the code that a closure hangs on. */
  async #basisOf({ file, files, complete }: ProjectConfig): Promise<string> {
    const digests: unknown[] = [];
    for (const path of new Set([file, ...files])) {
      try {
        digests.push([path, (await this.#index.file(path, "code")).digest]);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    const unsure = complete ? "" : crypto.randomUUID();
    return fingerprint([digests, CODE_PRINTER, Deno.version.deno, this.#project, unsure]);
  }

  async #compute(
    requests: readonly ClosureRequest[],
    config: ProjectConfig,
    basis: string,
  ): Promise<Map<string, Kept>> {
    const nameOf = (specifier: string) => this.#nameInProject(specifier);
    const modules = requests.flatMap(rootsOf).filter(isCode);
    const entries = [...new Set(modules)];
    const graph = await readModuleGraph(entries, config, this.#store.local, nameOf);
    const wanted = [];
    for (const request of requests) {
      const roots = rootsOf(request);
      const { nodes, unreadable } = reachable(graph, roots.filter(isCode), nameOf);
      // A computed import() leads to whatever is in a folder: it is the cause, if there is one.
      if (unreadable) {
        throw concerning(request, await this.#computedImport(nodes, config) ?? unreadable);
      }
      const data = roots.filter((url) => !isCode(url)).map((url) => fileURLToPath(url));
      wanted.push({ request, roots, nodes, data });
    }
    const files = await this.#read(
      wanted.flatMap(({ nodes }) => nodes),
      wanted.flatMap(({ data }) => data),
      config,
    );
    const lock = config.lock === undefined
      ? undefined
      : readJson<{ npm?: Record<string, { integrity?: string }> }>(config.lock);
    const parts = {
      graph,
      files,
      integrities: lock?.npm ?? {},
      settings: config.settings,
      nameOf,
    };
    const result = new Map<string, Kept>();
    for (const { request, roots, nodes, data } of wanted) {
      const listing = listingOf(request, () => closureListing(roots, fileURLToPath, parts));
      const digest = fingerprint(listing);
      await this.#store.writeClosure(digest, listing);
      const paths = new Set([...nodes.flatMap(({ local }) => local ?? []), ...data]);
      result.set(nameOfRequest(request), {
        basis,
        digest,
        files: [...paths].sort().map((path) => [path, files.get(path)!.raw]),
      });
    }
    return result;
  }

  /** The complaint about the first computed `import()` among some modules. */
  async #computedImport(
    nodes: readonly ModuleNode[],
    config: ProjectConfig,
  ): Promise<CodeError | undefined> {
    const files = await this.#read(nodes, [], config);
    const problem = [...files.values()].find(({ printed }) => printed?.problem)?.printed?.problem;
    return problem === undefined ? undefined : new CodeError(problem);
  }

  /** Reads files, each once, and prints those that are code. */
  async #read(
    nodes: readonly ModuleNode[],
    data: readonly string[],
    { settings }: ProjectConfig,
  ): Promise<Map<string, SourceFile>> {
    const files = new Map<string, SourceFile>();
    const code = new Set(nodes.flatMap(({ kind, local }) => kind === "code" && local ? local : []));
    for (const path of new Set([...nodes.flatMap(({ local }) => local ?? []), ...data])) {
      const bytes = await Deno.readFile(path).catch((error) => {
        throw new CodeError(`${this.#relative(path)}: ${error.message}`);
      });
      files.set(path, { raw: sha256(bytes), bytes });
    }
    const texts = [...code].filter(isCode).map((path) => ({
      path,
      name: this.#relative(path),
      text: new TextDecoder().decode(files.get(path)!.bytes),
    }));
    const printed = await printModules(texts, settings);
    texts.forEach(({ path }, i) => files.set(path, { ...files.get(path)!, printed: printed[i]! }));
    return files;
  }

  #nameInProject(specifier: string): string {
    return specifier.startsWith("file:") ? this.#relative(fileURLToPath(specifier)) : specifier;
  }

  #relative(path: string): string {
    return relative(this.#project, path).replaceAll("\\", "/");
  }
}

function rootsOf({ entry, roots }: ClosureRequest): string[] {
  return [entry, ...roots];
}

function nameOfRequest(request: ClosureRequest): string {
  return rootsOf(request).join(" ");
}

/** Lists a closure; what is wrong with its code is said of its entry. */
function listingOf<T>(request: ClosureRequest, list: () => T): T {
  try {
    return list();
  } catch (error) {
    throw error instanceof CodeError ? concerning(request, error) : error;
  }
}

function concerning({ entry }: ClosureRequest, error: CodeError): CodeError {
  error.entry = entry;
  return error;
}
