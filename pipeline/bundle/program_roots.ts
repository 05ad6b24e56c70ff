/**
 * The modules that a program starts beside its main module (entries of stages, of Workers and of child
 * processes), and the files that it reads by URL: all that a bundler does not see.
 *
 * @module
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { CodeError, isCode } from "../code/code_text.ts";
import { readModuleGraph } from "../code/module_graph.ts";
import { readProjectConfig } from "../code/project_config.ts";
import { exists } from "../store/blobs.ts";

/** What a program consists of. */
export interface ProgramRoots {
  /** Absolute paths of modules that are started or loaded by their URL; sorted. */
  readonly entries: readonly string[];
  /** Absolute paths of files and folders that are read by their URL; sorted. */
  readonly data: readonly string[];
  /** npm packages that modules of the program import, as they are written; sorted. */
  readonly packages: readonly string[];
}

/** `new URL("./a.ts", import.meta.url)` and `import.meta.resolve("./a.ts")`. */
const BY_URL =
  /\b(?:new URL\(\s*"([^"]+)",\s*import\.meta\.url\s*,?\s*\)|import\.meta\.resolve\(\s*"([^"]+)"\s*\))/g;

/**
 * Finds them from the program's own text: what a module names by its URL relative to itself is a root.
 *
 * @param project The project's folder.
 * @param first Absolute paths of the modules to begin with.
 * @param scratch A folder for temporary files.
 * @throws {CodeError} If code cannot be found or parsed.
 */
export async function programRoots(
  project: string,
  first: readonly string[],
  scratch: string,
): Promise<ProgramRoots> {
  const config = readProjectConfig(project);
  const nameOf = (url: string) =>
    url.startsWith("file:") ? relative(project, fileURLToPath(url)) : url;
  const entries = new Set(first);
  const data = new Set<string>();
  const packages = new Set<string>();
  const seen = new Set<string>();
  for (let open = [...first]; open.length > 0;) {
    const urls = open.map((path) => new URL(`file://${path}`).href);
    const { modules } = await readModuleGraph(urls, config, scratch, nameOf);
    open = [];
    for (const { local, kind, error, edges } of modules.values()) {
      if (!local?.startsWith(`${project}/`) || kind !== "code" || seen.has(local)) continue;
      if (error !== undefined) throw new CodeError(`${relative(project, local)}: ${error}`);
      seen.add(local);
      for (const { written, target } of edges) {
        if (target.startsWith("npm:")) packages.add(written);
      }
      const text = await Deno.readTextFile(local);
      for (const target of namedByUrl(text, local)) {
        // A comment may name one that is not there.
        if (!target.startsWith(`${project}/`) || !exists(target)) continue;
        if (isCode(target)) {
          if (!entries.has(target)) open.push(target);
          entries.add(target);
        } else if (!local.startsWith(target)) data.add(target.replace(/\/$/, ""));
      }
    }
  }
  return { entries: [...entries].sort(), data: [...data].sort(), packages: [...packages].sort() };
}

function namedByUrl(text: string, path: string): string[] {
  const base = new URL(`file://${path}`);
  return [...text.matchAll(BY_URL)].map(([, first, second]) => first ?? second!)
    .filter((written) => written.startsWith("."))
    .map((written) => fileURLToPath(new URL(written, base)));
}
