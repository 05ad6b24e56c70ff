/**
 * Code closures of a bundle: worked out from the sources when the bundle was made, so that its keys are
 * those of the checkout, and carried in it. What runs is the bundle's own JavaScript; so that no key says
 * what the code does not do, each of its files is held against the digest it was made with.
 *
 * @module
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { FileIndex } from "../file_index.ts";
import { readJson } from "../store/json_file.ts";
import type { Store } from "../store/store.ts";
import { CodeError } from "./code_text.ts";

/** The file of a bundle that holds them; the listings lie beside it, in `closures/`. */
export const SEALED_FILE = "closures.json";

/** The closures of a bundle. */
export interface SealedClosures {
  readonly format: "sealed-closures/1";
  /** The version of Deno that they were made with. */
  readonly deno: string;
  /** By the project-relative paths of the entry and the further roots, in their order. */
  readonly closures: Readonly<
    Record<string, {
      /** As the sources have it. */
      readonly digest: string;
      /** The bundle's files that are loaded. */
      readonly files: readonly string[];
    }>
  >;
  /** Hex SHA-256 of the bundle's files. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * The closures that a project carries; undefined where it has its sources.
 *
 * @param project The project's folder.
 */
export function readSealedClosures(project: string): SealedClosures | undefined {
  const sealed = readJson<SealedClosures>(`${project}/${SEALED_FILE}`);
  if (sealed === undefined || sealed.format === "sealed-closures/1") return sealed;
  throw new CodeError(
    `${project}/${SEALED_FILE}: expected the format "sealed-closures/1", found ` +
      `${JSON.stringify(sealed.format)}; make the bundle anew`,
  );
}

/** The name of an entry with its further roots, wherever the project lies. */
export function sealedName(project: string, urls: readonly string[]): string {
  return urls.map((url) => relative(project, fileURLToPath(url)).replaceAll("\\", "/")).join(" ");
}

/**
 * A closure that a project carries. Its listing is put into the store, for later explanations.
 *
 * @param urls The entry and its further roots.
 * @throws {CodeError} If the bundle has no such entry, or a file of it is not as it was made.
 */
export async function sealedClosure(
  sealed: SealedClosures,
  project: string,
  urls: readonly string[],
  store: Store,
  index: FileIndex,
): Promise<{ readonly digest: string; readonly files: readonly string[] }> {
  const name = sealedName(project, urls);
  const found = sealed.closures[name];
  if (found === undefined) {
    throw new CodeError(
      `${name}: the bundle ${project} has no code of this name; it runs the stages it was made with`,
    );
  }
  for (const file of found.files) {
    const path = `${project}/${file}`;
    const digest = await index.file(path, "code").then((known) => known.digest, (error) => {
      if (error instanceof Deno.errors.NotFound) return "none";
      throw error;
    });
    if (digest !== sealed.files[file]) {
      throw new CodeError(
        `${path} is ${
          digest === "none" ? "missing" : "not what the bundle was made with"
        }, so that ` +
          `no key would say what it computes; copy the bundle again`,
      );
    }
  }
  if (!store.hasClosure(found.digest)) {
    const listing = readJson<unknown>(`${project}/closures/${found.digest}.json`);
    if (listing === undefined) {
      throw new CodeError(
        `${project}/closures/${found.digest}.json is missing; copy the bundle again`,
      );
    }
    await store.writeClosure(found.digest, listing);
  }
  return { digest: found.digest, files: found.files.map((file) => `${project}/${file}`) };
}
