/**
 * The npm packages of a project as a folder of files, laid from Deno's cache by the lockfile.
 *
 * @module
 */
import { exists } from "../store/blobs.ts";
import { UsageError } from "../usage_error.ts";

/** The packages of a project. */
export interface Packages {
  /** The folder that has `node_modules`. */
  readonly folder: string;
  /** The files of packages that the project brings itself, by name. */
  readonly linked: ReadonlyMap<string, string>;
}

interface DenoJson {
  readonly name?: string;
  readonly exports?: string | Readonly<Record<string, string>>;
  readonly imports?: Readonly<Record<string, string>>;
  readonly links?: readonly string[];
}

/**
 * Lays the packages into a folder: from the cache, or from the registry where the cache lacks one.
 *
 * @param project The folder with `deno.json` and `deno.lock`.
 * @param folder A folder of its own.
 * @throws {UsageError} If a package can be had from neither.
 */
export async function layPackages(project: string, folder: string): Promise<Packages> {
  const read = (path: string) => JSON.parse(Deno.readTextFileSync(path)) as DenoJson;
  const { imports = {}, links = [] } = read(`${project}/deno.json`);
  const folders = links.map((link) => `${project}/${link}`);
  const config = {
    nodeModulesDir: "auto",
    lock: { path: "./deno.lock", frozen: true },
    links: folders,
    imports,
  };
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(config));
  await Deno.copyFile(`${project}/deno.lock`, `${folder}/deno.lock`);
  const problem = await install(folder, ["--cached-only"]) && await install(folder, []);
  if (problem !== undefined) {
    throw new UsageError(`the npm packages of deno.lock cannot be had: ${problem}`);
  }
  const linked = new Map<string, string>();
  for (const path of folders) {
    const { name, exports } = read(`${path}/deno.json`);
    const main = typeof exports === "string" ? exports : exports?.["."];
    if (name !== undefined && main !== undefined) {
      linked.set(name, new URL(main, `file://${path}/`).pathname);
    }
  }
  return { folder, linked };
}

/** @returns What went wrong, if anything did. */
async function install(folder: string, options: readonly string[]): Promise<string | undefined> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet", ...options],
    cwd: folder,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success && exists(`${folder}/node_modules`)) return undefined;
  const said = new TextDecoder().decode(stderr).trim().split("\n")[0] ?? "";
  return said.replace(/^error: /, "") || "deno install made no node_modules";
}
