/**
 * The code closure of an entry module: everything that its code may load, as one digest.
 *
 * The digest covers, for each module reached by imports of code: its project-relative path, the
 * digest of its code without comments and white space, and its edges (specifier -> module), so that a
 * changed import map counts and a moved checkout does not. Text imports and listed roots that are data
 * count byte by byte. Of npm packages, those actually reached count, with all they need, by the
 * lockfile's integrities.
 *
 * The fast path: a closure is kept with the digests of the files it was made of. While the file index
 * says that they and the project's `deno.json` and `deno.lock` are unchanged, neither `deno info`
 * nor esbuild is started. Caveat: a module read at run time by a computed URL is invisible here; the
 * definition must list it under `roots`, and the sandbox refuses to read it otherwise.
 *
 * @module
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { CODE_PRINTER, codeDigests, CodeError, isCode } from "./code_text.ts";
import type { FileIndex } from "./file_index.ts";
import { fingerprint, sha256 } from "./fingerprint.ts";
import { type ModuleGraph, packageClosure, reachable, readModuleGraph } from "./module_graph.ts";
import { readJson } from "./store/json_file.ts";
import type { Store } from "./store/store.ts";

export { CodeError } from "./code_text.ts";

/** What a code digest stands for. Stored, so that two keys can be compared later. */
export interface ClosureListing {
  readonly format: "closure/1";
  readonly printer: string;
  /** Project-relative paths of the entry and the further roots. */
  readonly roots: readonly string[];
  /** Modules and files by project-relative path (or URL, for a remote one). */
  readonly modules: Readonly<
    Record<string, { readonly digest: string; readonly edges: Readonly<Record<string, string>> }>
  >;
  /** Integrities of npm packages by id. */
  readonly packages: Readonly<Record<string, string>>;
}

/** A closure, as keys and sandboxes need it. */
export interface CodeClosure {
  /** Fingerprint of the listing. */
  readonly digest: string;
  /** Absolute paths of its local files. */
  readonly files: readonly string[];
}

/** An entry whose closure is asked for: URLs, as a stage's definition gives them. */
export interface ClosureRequest {
  readonly entry: string;
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
    this.#kept ??= readJson<Record<string, Kept>>(this.#file) ?? {};
    const config = await this.#configuration();
    const found = new Map<string, CodeClosure>();
    const missing: ClosureRequest[] = [];
    for (const request of requests) {
      const name = nameOf(request);
      if (found.has(name) || missing.some((other) => nameOf(other) === name)) continue;
      const kept = this.#kept[name];
      if (kept && kept.basis === config.basis && await this.#unchanged(kept)) {
        found.set(name, { digest: kept.digest, files: kept.files.map(([path]) => path) });
      } else {
        missing.push(request);
      }
    }
    if (missing.length > 0) {
      for (const [name, kept] of await this.#compute(missing, config)) {
        this.#kept[name] = kept;
        found.set(name, { digest: kept.digest, files: kept.files.map(([path]) => path) });
      }
      await this.#store.write(this.#file, JSON.stringify(this.#kept));
    }
    return requests.map((request) => found.get(nameOf(request))!);
  }

  async #unchanged({ files }: Kept): Promise<boolean> {
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

  async #configuration(): Promise<Configuration> {
    const file = `${this.#project}/deno.json`;
    const lock = `${this.#project}/deno.lock`;
    const digest = async (path: string) => {
      try {
        return (await this.#index.file(path, "code")).digest;
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return null;
        throw error;
      }
    };
    const basis = fingerprint([
      await digest(file),
      await digest(lock),
      CODE_PRINTER,
      Deno.version.deno,
      this.#project,
    ]);
    return { file, lock, basis };
  }

  async #compute(
    requests: readonly ClosureRequest[],
    config: Configuration,
  ): Promise<Map<string, Kept>> {
    const modules = requests.flatMap(rootsOf).filter(isCode);
    const graph = await readModuleGraph([...new Set(modules)], config.file, this.#store.local);
    const lock = readJson<{ npm?: Record<string, { integrity?: string }> }>(config.lock);
    const files = new Map<string, { raw: string; digest: string }>();
    const result = new Map<string, Kept>();
    for (const request of requests) {
      const roots = rootsOf(request);
      const nodes = reachable(graph, roots.filter(isCode));
      const data = roots.filter((url) => !isCode(url)).map((url) => fileURLToPath(url));
      const local = nodes.flatMap((n) => n.local ? [{ path: n.local, data: n.data }] : []);
      const paths = [...local.map(({ path }) => path), ...data];
      await this.#readAll([...local, ...data.map((path) => ({ path, data: true }))], files);
      const listing: ClosureListing = {
        format: "closure/1",
        printer: CODE_PRINTER,
        roots: roots.map((url) => this.#nameInProject(url)).sort(),
        modules: Object.fromEntries([
          ...nodes.flatMap((node) =>
            node.local
              ? [[this.#nameInProject(node.specifier), {
                digest: files.get(node.local)!.digest,
                edges: Object.fromEntries(
                  node.edges.map(([written, target]) => [written, this.#target(graph, target)]),
                ),
              }]]
              : []
          ),
          ...data.map((path) => [
            this.#relative(path),
            { digest: files.get(path)!.digest, edges: {} },
          ]),
        ]),
        packages: Object.fromEntries(
          packageClosure(graph, nodes.flatMap((n) => n.package ? [n.package] : []))
            .map((id) => [id, lock?.npm?.[id]?.integrity ?? ""]),
        ),
      };
      const digest = fingerprint(listing);
      await this.#store.writeClosure(digest, listing);
      result.set(nameOf(request), {
        basis: config.basis,
        digest,
        files: [...new Set(paths)].sort().map((path) => [path, files.get(path)!.raw]),
      });
    }
    return result;
  }

  /** Reads files that are not known yet; code is digested as printed, all else byte by byte. */
  async #readAll(
    wanted: readonly { readonly path: string; readonly data: boolean }[],
    files: Map<string, { raw: string; digest: string }>,
  ): Promise<void> {
    const code: { path: string; name: string; text: string }[] = [];
    for (const { path, data } of wanted) {
      if (files.has(path)) continue;
      const bytes = await Deno.readFile(path).catch((error) => {
        throw new CodeError(`${this.#relative(path)}: ${error.message}`);
      });
      const raw = sha256(bytes);
      files.set(path, { raw, digest: raw });
      if (!data && isCode(path)) {
        code.push({ path, name: this.#relative(path), text: new TextDecoder().decode(bytes) });
      }
    }
    const digests = await codeDigests(code);
    code.forEach(({ path }, i) => files.set(path, { ...files.get(path)!, digest: digests[i]! }));
  }

  #target(graph: ModuleGraph, specifier: string): string {
    const id = graph.modules.get(specifier)?.package;
    return id ? `npm:${id}` : this.#nameInProject(specifier);
  }

  #nameInProject(specifier: string): string {
    return specifier.startsWith("file:") ? this.#relative(fileURLToPath(specifier)) : specifier;
  }

  #relative(path: string): string {
    return relative(this.#project, path).replaceAll("\\", "/");
  }
}

interface Configuration {
  readonly file: string;
  readonly lock: string;
  /** Fingerprint of everything but the code that a closure hangs on. */
  readonly basis: string;
}

function rootsOf({ entry, roots }: ClosureRequest): string[] {
  return [entry, ...roots];
}

function nameOf(request: ClosureRequest): string {
  return rootsOf(request).join(" ");
}
