/**
 * Where the files of a bundled program lie, and which of them an entry loads.
 *
 * @module
 */
import { basename, dirname, relative, resolve } from "node:path";
import type { Metafile, OutputFile } from "esbuild";

/** A bundled program. */
export interface ProgramFiles {
  /** Texts by the file's path in the bundle. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The files that an entry loads, itself included, by its path in the project; sorted. */
  readonly loadedBy: ReadonlyMap<string, readonly string[]>;
  /** Folders of the npm packages that went into it, relative to their folder; sorted. */
  readonly packages: readonly string[];
}

/** The folder of the code itself; that of packages is in `npm/` in it. */
export const CODE_FOLDER = "code";

/** A file that the bundler made. */
interface Output {
  /** Its path in the bundle. */
  readonly place: string;
  /** The entry of the project's that it is, by its path in the project. */
  readonly entry?: string;
  readonly exports: readonly string[];
  /** Keys of the files that it imports. */
  readonly imports: readonly string[];
  /** Paths of packages' files in it, relative to the packages' folder. */
  readonly packages: readonly string[];
}

/**
 * Gives each file its place, and each entry a file at its own path.
 *
 * @param written What the bundler made, all in one folder.
 * @param metafile What it says of that; paths count from the packages' folder.
 * @param project The project's folder.
 * @param packageFolder The packages' folder, outside of it.
 */
export function laidOut(
  written: readonly OutputFile[],
  metafile: Metafile,
  project: string,
  packageFolder: string,
): ProgramFiles {
  const outputs = readOutputs(metafile, project, packageFolder);
  const entries = [...outputs].filter(([, { entry }]) => entry !== undefined);
  const used = new Set(entries.flatMap(([key]) => [...reachedFrom(key, outputs)]));
  const files = new Map<string, Uint8Array>();
  for (const { path, text } of written) {
    if (!used.has(path)) continue;
    const { place, imports } = outputs.get(path)!;
    let moved = text;
    for (const imported of imports) {
      const way = wayTo(outputs.get(imported)!.place, place);
      moved = moved.replaceAll(`"./${basename(imported)}"`, () => JSON.stringify(way));
    }
    files.set(place, new TextEncoder().encode(moved));
  }
  const loadedBy = new Map<string, readonly string[]>();
  for (const [key, { place, entry, exports }] of entries) {
    const way = JSON.stringify(wayTo(place, entry!));
    const lines = [
      ...(exports.some((name) => name !== "default") ? [`export * from ${way};`] : []),
      ...(exports.includes("default") ? [`export { default } from ${way};`] : []),
      ...(exports.length === 0 ? [`import ${way};`] : []),
    ];
    files.set(entry!, new TextEncoder().encode(`${lines.join("\n")}\n`));
    const reached = [...reachedFrom(key, outputs)].map((output) => outputs.get(output)!.place);
    loadedBy.set(entry!, [entry!, ...reached].sort());
  }
  const packages = [...used].flatMap((key) => outputs.get(key)!.packages).map((path) =>
    /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)![1]!
  );
  return { files, loadedBy, packages: [...new Set(packages)].sort() };
}

/** How a file names another one beside it. */
function wayTo(target: string, from: string): string {
  const way = relative(dirname(from), target);
  return way.startsWith(".") ? way : `./${way}`;
}

/** All outputs by their absolute paths. */
function readOutputs(
  metafile: Metafile,
  project: string,
  packageFolder: string,
): ReadonlyMap<string, Output> {
  const absolute = (path: string) => resolve(packageFolder, path);
  // What the bundler or a plugin made up has a name like `stand-in:esbuild`, and no side.
  const sideOf = (path: string) =>
    /^[a-z-]+:/.test(path)
      ? "none"
      : absolute(path).startsWith(`${packageFolder}/`)
      ? "package"
      : "own";
  return new Map(
    Object.entries(metafile.outputs).map(([name, { inputs, entryPoint, exports, imports }]) => {
      const names = [...Object.keys(inputs), ...(entryPoint === undefined ? [] : [entryPoint])];
      const sides = new Set(names.map(sideOf));
      if (sides.has("own") && sides.size > 1) {
        throw new Error(`${name} mixes the project's code with a package's`);
      }
      const folder = sides.has("own") ? CODE_FOLDER : `${CODE_FOLDER}/npm`;
      return [absolute(name), {
        place: `${folder}/${basename(name)}`,
        ...(entryPoint !== undefined && sideOf(entryPoint) === "own"
          ? { entry: relative(project, absolute(entryPoint)) }
          : {}),
        exports,
        imports: imports.map(({ path }) => absolute(path))
          .filter((path) => path.startsWith(`${project}/${CODE_FOLDER}/`)),
        packages: Object.keys(inputs).filter((input) => sideOf(input) === "package"),
      }];
    }),
  );
}

function reachedFrom(key: string, outputs: ReadonlyMap<string, Output>): ReadonlySet<string> {
  const seen = new Set([key]);
  for (const next of seen) for (const imported of outputs.get(next)!.imports) seen.add(imported);
  return seen;
}
