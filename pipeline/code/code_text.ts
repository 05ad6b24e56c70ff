/**
 * A module's code with comments, white space and types removed: what of it can change a result.
 *
 * Code passes through esbuild's printer; what remains after that counts, also where it is only a name.
 * Text in templates and strings is kept. What was imported for its types alone leaves no trace, as it
 * leaves none when the code runs.
 *
 * @module
 */
import { sha256 } from "../fingerprint.ts";

/** The printer and its version: part of every listing, since another version may print otherwise. */
export const CODE_PRINTER = "esbuild 0.28.2";

const LOADERS: Readonly<Record<string, "ts" | "tsx" | "js" | "jsx">> = {
  ts: "ts",
  mts: "ts",
  cts: "ts",
  tsx: "tsx",
  js: "js",
  mjs: "js",
  cjs: "js",
  jsx: "jsx",
};

/** Whether a file of that name is code, rather than data that is taken byte by byte. */
export function isCode(path: string): boolean {
  return loaderOf(path) !== undefined;
}

/** How esbuild reads a file of that name; undefined for what is no code. */
export function loaderOf(path: string): "js" | "jsx" | "ts" | "tsx" | undefined {
  return LOADERS[path.slice(path.lastIndexOf(".") + 1)];
}

/** A module that cannot be part of a closure; the message names file, line and what to do. */
export class CodeError extends Error {
  /** Says what it is. */
  override readonly name = "CodeError";
  /** The entry whose closure it is about, where one is. */
  entry?: string;
}

/** What a module does with another: nothing (it needs its types alone), reads it as data, or any. */
export type Use = "none" | "data" | "any";

/** A module as printed. */
export interface PrintedModule {
  /** Hex digest of what was printed. */
  readonly digest: string;
  /** Why it cannot be part of a closure. */
  readonly problem?: string;
  /** Specifiers of each `import()` as printed, with the complaint if Deno does not see it. */
  readonly dynamic: readonly { readonly specifier: string; readonly problem: string }[];
  /** What it does with what a specifier leads to. */
  use(specifier: string): Use;
}

/**
 * Prints modules.
 *
 * @param files Name of each, as errors show it, and its text.
 * @param settings The project's settings for the compiler.
 * @returns In the order of the files. A module with an `import()` of something that is no literal has a
 * problem: which file it loads, and so the closure, could not be known.
 * @throws {CodeError} For code that does not parse.
 */
export async function printModules(
  files: readonly { readonly name: string; readonly text: string }[],
  settings: Readonly<Record<string, unknown>> = {},
): Promise<PrintedModule[]> {
  if (files.length === 0) return [];
  const esbuild = await import("esbuild");
  if (`esbuild ${esbuild.version}` !== CODE_PRINTER) {
    throw new Error(`CODE_PRINTER says ${CODE_PRINTER}, but esbuild ${esbuild.version} is here.`);
  }
  const { experimentalDecorators, verbatimModuleSyntax, emitDecoratorMetadata } = settings;
  const compilerOptions = {
    experimentalDecorators: experimentalDecorators === true,
    verbatimModuleSyntax: verbatimModuleSyntax === true,
  };
  try {
    return await Promise.all(files.map(async ({ name, text }) => {
      const loader = loaderOf(name) ?? "ts";
      const { code, warnings } = await esbuild.transform(text, {
        loader,
        sourcefile: name,
        minifyWhitespace: true,
        legalComments: "none",
        charset: "utf8",
        target: "esnext",
        logLevel: "silent",
        logOverride: { "unsupported-dynamic-import": "warning" },
        tsconfigRaw: { compilerOptions },
      }).catch((error: { errors?: { text: string; location: { line: number } | null }[] }) => {
        const first = error.errors?.[0];
        if (!first) throw error;
        throw new CodeError(`${name}:${first.location?.line ?? 1}: ${first.text}`);
      });
      const computed = warnings.find(({ id }) => id === "unsupported-dynamic-import");
      // Decorators that are told the types make types part of what runs.
      const types = loader.startsWith("ts") && emitDecoratorMetadata === true;
      return {
        digest: sha256(types ? text : code),
        ...(computed ? { problem: computedImport(name, computed.location?.line ?? 1) } : {}),
        dynamic: [...code.matchAll(/\bimport\("([^"\\]*)"/g)].map(([, specifier]) => ({
          specifier: specifier!,
          problem: computedImport(name, lineOfSum(text, specifier!)),
        })),
        use: (specifier) => useOf(code, specifier, loader === "ts" && !types),
      } satisfies PrintedModule;
    }));
  } finally {
    await esbuild.stop();
  }
}

function computedImport(name: string, line: number): string {
  return `${name}:${line}: import() of something that is no literal string: which code it loads ` +
    `cannot be part of the key. Write the path out.`;
}

/** The line of an `import()` whose specifier the printer put together, such as `"./" + "a.ts"`. */
function lineOfSum(text: string, specifier: string): number {
  const lines = text.split("\n");
  return lines.findIndex((line) => /\bimport\s*\(/.test(line) && !line.includes(specifier)) + 1 ||
    1;
}

/**
 * What printed code does with a specifier. Where that is not plain from the text, `any`.
 *
 * @param erasing Imports that only types need were left out. (With JSX they may also be there without
 * being written.)
 */
function useOf(code: string, specifier: string, erasing: boolean): Use {
  // As printed, only these stand for themselves within quotes.
  if (!/^[^"'`\\$\p{C}\p{Z}]+$/u.test(specifier)) return "any";
  const after = code.split(specifier).slice(1);
  if (after.length === 0) return erasing ? "none" : "any";
  return after.every((rest) => /^"\s*with\s*\{\s*type:\s*"(text|bytes)"/.test(rest))
    ? "data"
    : "any";
}
