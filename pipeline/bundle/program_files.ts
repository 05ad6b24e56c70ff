/**
 * A program and its packages as JavaScript: each module once, in files that several entries share.
 *
 * Each entry keeps a small file at its own path, so that what names it by URL finds it; the code itself
 * lies in `code/`, that of npm packages apart from the project's own, in `code/npm/`.
 *
 * @module
 */
import { basename, dirname, relative } from "node:path";
import type { Metafile, OutputFile } from "esbuild";
import { CodeError, isCode } from "../code/code_text.ts";
import { bundledSource } from "./module_source.ts";
import type { Packages } from "./packages.ts";

/** What is bundled. */
export interface ProgramSource {
  /** The project's folder. */
  readonly project: string;
  /** Absolute paths of the modules that are started or loaded by their URL. */
  readonly entries: readonly string[];
  /** npm packages that they import, as they are written. */
  readonly imported: readonly string[];
  /** Absolute paths of the modules that are part of some stage's key. */
  readonly keyed: ReadonlySet<string>;
  /** Where files of the project that sentences name lie in the bundle. */
  readonly moved: Readonly<Record<string, string>>;
  /** The npm packages. */
  readonly packages: Packages;
  /** What takes the place of packages, by name: the text of a module. */
  readonly standIns: Readonly<Record<string, string>>;
}

/** A bundled program. */
export interface ProgramFiles {
  /** Texts by the file's path in the bundle. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The files that an entry loads, itself included, by its path in the project; sorted. */
  readonly loadedBy: ReadonlyMap<string, readonly string[]>;
  /** Folders of the npm packages that went into it, relative to their folder; sorted. */
  readonly packages: readonly string[];
}

const CODE = "code";

/** CommonJS modules ask for Node's own modules by `require`, of which ES modules know nothing. */
const REQUIRE = `import { createRequire as createRequire$ } from "node:module";\n` +
  `const require = createRequire$("file:///");`;

/**
 * Bundles a program.
 *
 * @throws {CodeError} If code cannot be found or parsed.
 */
export async function programFiles(source: ProgramSource): Promise<ProgramFiles> {
  const { project, entries, imported, packages, standIns } = source;
  // As entries, packages share no file with the project's own code.
  const apart = imported.filter((name) => !Object.hasOwn(standIns, name));
  const esbuild = await import("esbuild");
  try {
    const built = await esbuild.build({
      absWorkingDir: project,
      entryPoints: [...entries, ...apart],
      outdir: `${project}/${CODE}`,
      entryNames: "[name]-[hash]",
      chunkNames: "part-[hash]",
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      conditions: ["deno"],
      mainFields: ["main"],
      target: "esnext",
      charset: "utf8",
      minifyWhitespace: true,
      legalComments: "none",
      // What a package loads, it loads here too, whatever it says of side effects.
      ignoreAnnotations: true,
      banner: { js: REQUIRE },
      metafile: true,
      write: false,
      logLevel: "silent",
      tsconfigRaw: {},
      plugins: [plugin(source, esbuild.transform)],
    }).catch(
      (error: { errors?: { text: string; location: { file: string; line: number } | null }[] }) => {
        const first = error.errors?.[0];
        if (!first) throw error;
        const place = first.location ? `${first.location.file}:${first.location.line}: ` : "";
        throw new CodeError(`${place}${first.text}`);
      },
    );
    return laidOut(built.outputFiles, built.metafile, project, packages.folder);
  } finally {
    await esbuild.stop();
  }
}

function plugin(
  { project, keyed, moved, packages, standIns }: ProgramSource,
  transform: typeof import("esbuild").transform,
): import("esbuild").Plugin {
  return {
    name: "bundle",
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, pluginData, importer }) => {
        if (pluginData === "found") return undefined;
        if (path.startsWith("node:")) return { path, external: true };
        if (Object.hasOwn(standIns, path)) return { path, namespace: "stand-in" };
        if (kind !== "entry-point" && !importer.startsWith(`${project}/`)) return undefined;
        if (kind === "dynamic-import") return { path, namespace: "named" };
        const linked = packages.linked.get(path);
        if (linked !== undefined) return { path: linked };
        return await build.resolve(path, {
          kind: kind === "entry-point" ? "import-statement" : kind,
          resolveDir: packages.folder,
          pluginData: "found",
        });
      });
      build.onLoad({ filter: /.*/, namespace: "stand-in" }, ({ path }) => ({
        contents: standIns[path]!,
        loader: "js",
      }));
      // What import() gives of a CommonJS package has names only where they are written out.
      build.onLoad({ filter: /.*/, namespace: "named" }, async ({ path }) => {
        const names = Object.keys(await import(path)).filter((name) => /^[\w$]+$/.test(name));
        return {
          contents: `export { ${names.join(", ")} } from ${JSON.stringify(path)};`,
          loader: "js",
          resolveDir: packages.folder,
        };
      });
      build.onLoad({ filter: /.*/, namespace: "file" }, async ({ path, with: attributes }) => {
        if (attributes.type === "text") {
          return { contents: await Deno.readTextFile(path), loader: "text" };
        }
        if (!path.startsWith(`${project}/`) || !isCode(path)) return undefined;
        const name = relative(project, path);
        const text = await Deno.readTextFile(path);
        const module = { name, text, keyed: keyed.has(path), moved };
        const bundled = await bundledSource(module, transform);
        return { contents: bundled.text, loader: bundled.loader, resolveDir: dirname(path) };
      });
    },
  };
}

type Outputs = Metafile["outputs"];

/** Gives each file its place, and each entry a file at its own path. */
function laidOut(
  written: readonly OutputFile[],
  { outputs }: Metafile,
  project: string,
  packageFolder: string,
): ProgramFiles {
  const places = new Map(
    Object.entries(outputs).map(([name, { inputs, entryPoint }]) => {
      const sides = new Set(Object.keys(inputs).map(isOwn));
      if (sides.size > 1) throw new Error(`${name} mixes the project's code with a package's`);
      // Helpers of the bundler's own are no input.
      const own = sides.has(true) || (entryPoint !== undefined && isOwn(entryPoint));
      return [name, `${own ? CODE : `${CODE}/npm`}/${basename(name)}`] as const;
    }),
  );
  const own = Object.keys(outputs).filter((name) => isOwn(outputs[name]!.entryPoint ?? "../"));
  const used = new Set(own.flatMap((name) => [...reachedFrom(name, outputs)]));
  const files = new Map<string, Uint8Array>();
  for (const { path, text } of written) {
    const name = relative(project, path);
    if (!used.has(name)) continue;
    const place = places.get(name)!;
    let moved = text;
    for (const { path: imported } of outputs[name]!.imports) {
      const target = places.get(imported);
      if (target === undefined) continue;
      const way = relative(dirname(place), target);
      moved = moved.replaceAll(
        `"./${basename(imported)}"`,
        () => JSON.stringify(way.startsWith(".") ? way : `./${way}`),
      );
    }
    files.set(place, new TextEncoder().encode(moved));
  }
  const loadedBy = new Map<string, readonly string[]>();
  for (const name of own) {
    const { exports, entryPoint = "" } = outputs[name]!;
    const place = relative(dirname(entryPoint), places.get(name)!);
    const way = JSON.stringify(place.startsWith(".") ? place : `./${place}`);
    const lines = [
      ...(exports.some((export_) => export_ !== "default") ? [`export * from ${way};`] : []),
      ...(exports.includes("default") ? [`export { default } from ${way};`] : []),
      ...(exports.length === 0 ? [`import ${way};`] : []),
    ];
    files.set(entryPoint, new TextEncoder().encode(`${lines.join("\n")}\n`));
    const reached = [...reachedFrom(name, outputs)].map((output) => places.get(output)!);
    loadedBy.set(entryPoint, [entryPoint, ...reached].sort());
  }
  return { files, loadedBy, packages: packagesIn([...used], outputs, project, packageFolder) };
}

/** Whether a file that the bundler names is the project's: packages lie elsewhere, what it made nowhere. */
function isOwn(input: string): boolean {
  return !/^(\.\.\/|[a-z-]+:)/.test(input);
}

function reachedFrom(name: string, outputs: Outputs): ReadonlySet<string> {
  const seen = new Set([name]);
  for (const next of seen) {
    for (const { path } of outputs[next]!.imports) if (path in outputs) seen.add(path);
  }
  return seen;
}

/** Folders below `node_modules/.deno` of the packages whose files went into a program. */
function packagesIn(
  used: readonly string[],
  outputs: Outputs,
  project: string,
  folder: string,
): string[] {
  const found = new Set<string>();
  for (const name of used) {
    for (const input of Object.keys(outputs[name]!.inputs)) {
      const path = relative(folder, `${project}/${input}`);
      const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path);
      if (match) found.add(match[1]!);
    }
  }
  return [...found].sort();
}
