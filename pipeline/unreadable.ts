/**
 * Why a file or folder of the user's cannot be read, in words.
 *
 * @module
 */

/** What the system means by its commonest refusals. */
const WORDS: readonly (readonly [new (message: string) => Error, string])[] = [
  [Deno.errors.NotFound, "there is no such file or folder"],
  [Deno.errors.PermissionDenied, "you may not read it (see its permissions)"],
  [Deno.errors.FilesystemLoop, "its links go in a circle"],
  [Deno.errors.NotADirectory, "a part of its path is a file, not a folder"],
];

/**
 * An error that names the path and says why it cannot be read.
 *
 * @param path What was to be read.
 * @param error What the system said.
 */
export function unreadable(path: string, error: unknown): Error {
  const said = error instanceof Error ? error.message : String(error);
  const [, why] = WORDS.find(([kind]) => error instanceof kind) ?? [undefined, said];
  return new Error(`cannot read ${path}: ${why}`, { cause: error });
}
