/**
 * The digest of a module's code with comments, white space and types removed.
 *
 * Only what can change a result should change a key, so code passes through esbuild's printer first.
 * What remains after that counts, also where it is only a name. Text in templates and strings is kept.
 *
 * @module
 */
import { sha256 } from "./fingerprint.ts";

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

function loaderOf(path: string) {
  return LOADERS[path.slice(path.lastIndexOf(".") + 1)];
}

/** A module that cannot be part of a closure; the message names file, line and what to do. */
export class CodeError extends Error {
  override readonly name = "CodeError";
}

/**
 * Digests of modules' code.
 *
 * @param files Absolute path, bytes as text, and the name to use in errors.
 * @returns Hex digests, in the order of the files.
 * @throws {CodeError} For code that does not parse, and for an `import()` of something that is no
 * literal: which file it loads, and so the closure, could not be known.
 */
export async function codeDigests(
  files: readonly { readonly name: string; readonly text: string }[],
): Promise<string[]> {
  if (files.length === 0) return [];
  const esbuild = await import("esbuild");
  if (`esbuild ${esbuild.version}` !== CODE_PRINTER) {
    throw new Error(`CODE_PRINTER says ${CODE_PRINTER}, but esbuild ${esbuild.version} is here.`);
  }
  try {
    return await Promise.all(files.map(async ({ name, text }) => {
      const result = await esbuild.transform(text, {
        loader: loaderOf(name) ?? "ts",
        sourcefile: name,
        minifyWhitespace: true,
        legalComments: "none",
        target: "esnext",
        logLevel: "silent",
        logOverride: { "unsupported-dynamic-import": "warning" },
        tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
      }).catch((error: { errors?: { text: string; location: { line: number } | null }[] }) => {
        const first = error.errors?.[0];
        if (!first) throw error;
        throw new CodeError(`${name}:${first.location?.line ?? 1}: ${first.text}`);
      });
      const computed = result.warnings.find((w) => w.id === "unsupported-dynamic-import");
      if (computed) {
        throw new CodeError(
          `${name}:${computed.location?.line ?? 1}: import() of something that is no literal ` +
            `string: which code it loads cannot be part of the key. Write the path out.`,
        );
      }
      return sha256(result.code);
    }));
  } finally {
    await esbuild.stop();
  }
}
