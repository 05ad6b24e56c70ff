/**
 * A program and its packages as JavaScript: each module once, in files that several entries share.
 *
 * Each entry keeps a small file at its own path, so that what names it by URL finds it; the code itself
 * lies in `code/`, that of npm packages apart from the project's own, in `code/npm/`.
 *
 * @module
 */
import { dirname, relative, resolve } from "node:path";
import { CodeError, isCode } from "../code/code_text.ts";
import { bundledSource } from "./module_source.ts";
import type { Packages } from "./packages.ts";
import { CODE_FOLDER, laidOut, type ProgramFiles } from "./program_layout.ts";

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
      // Names of packages' files count from here, so that they are the same wherever this lies.
      absWorkingDir: packages.folder,
      entryPoints: [...entries, ...apart],
      outdir: `${project}/${CODE_FOLDER}`,
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
        const place = first.location
          ? `${
            relative(project, resolve(packages.folder, first.location.file))
          }:${first.location.line}: `
          : "";
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
        const { type } = attributes;
        if (type === "text" || type === "bytes") {
          const loader = type === "text" ? "text" : "binary";
          return { contents: await Deno.readFile(path), loader };
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
