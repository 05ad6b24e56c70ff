/**
 * The code closures that go into a bundle, worked out from the sources as for any plan.
 *
 * @module
 */
import { type ClosureListing, type ClosureRequest, CodeClosures } from "../code_closure.ts";
import { type SealedClosures, sealedName } from "../code/sealed_closures.ts";
import { FileIndex } from "../file_index.ts";
import { sha256 } from "../fingerprint.ts";
import type { StageDefinition } from "../stage.ts";
import { openStore } from "../store/store.ts";
import type { ProgramFiles } from "./program_layout.ts";

/** The closures of a project's stages. */
export interface ProjectClosures {
  /** Requests with what they came to. */
  readonly found: readonly {
    readonly request: ClosureRequest;
    readonly digest: string;
    readonly listing: ClosureListing;
  }[];
  /** Absolute paths of all their files. */
  readonly files: ReadonlySet<string>;
}

/**
 * Works out the closures of all entries of some definitions.
 *
 * @param scratch A folder for a store of its own.
 * @throws {CodeError} If code cannot be found or parsed, or imports by a computed path.
 */
export async function projectClosures(
  project: string,
  definitions: readonly StageDefinition[],
  scratch: string,
): Promise<ProjectClosures> {
  const store = await openStore(`${scratch}/store`);
  const closures = new CodeClosures(store, new FileIndex(store.local), project);
  const requests = definitions.flatMap(({ entry, roots = [] }) =>
    (typeof entry === "string" ? [entry] : Object.values(entry)).map((url) => ({
      entry: url,
      roots,
    }))
  );
  const found = await closures.of(requests);
  return {
    found: found.map(({ digest }, i) => ({
      request: requests[i]!,
      digest,
      listing: store.readClosure<ClosureListing>(digest)!,
    })),
    files: new Set(found.flatMap(({ files }) => files)),
  };
}

/**
 * Seals closures: their digests as the sources have them, over the bundle's files.
 *
 * @param program The bundled code.
 * @param data Paths of roots that are data, which the bundle has at the same place, with their bytes.
 */
export function sealed(
  project: string,
  { found }: ProjectClosures,
  program: ProgramFiles,
  data: ReadonlyMap<string, Uint8Array>,
): SealedClosures {
  const files: Record<string, string> = {};
  const closures: Record<string, SealedClosures["closures"][string]> = {};
  for (const { request, digest } of found) {
    const urls = [request.entry, ...request.roots];
    const names = urls.flatMap((url) => {
      const name = sealedName(project, [url]);
      return program.loadedBy.get(name) ?? [name];
    });
    const loaded = [...new Set(names)].sort();
    for (const name of loaded) files[name] ??= sha256((program.files.get(name) ?? data.get(name))!);
    closures[sealedName(project, urls)] = { digest, files: loaded };
  }
  return { format: "sealed-closures/1", deno: Deno.version.deno, closures, files };
}
