/**
 * Why a file or folder of the user's cannot be read or written, in words.
 *
 * @module
 */

/** What the system means by its commonest refusals. */
const WORDS: readonly (readonly [new (message: string) => Error, string])[] = [
  [Deno.errors.NotFound, "there is no such file or folder"],
  [Deno.errors.PermissionDenied, "permission denied"],
  [Deno.errors.FilesystemLoop, "its links go in a circle"],
  [Deno.errors.NotADirectory, "a part of its path is a file, not a folder"],
];

/**
 * Why the system refused something: `permission denied`, `Read-only file system`.
 *
 * @param error What it threw.
 */
export function refusal(error: unknown): string {
  const [, words] = WORDS.find(([kind]) => error instanceof kind) ?? [];
  const said = error instanceof Error ? error.message : String(error);
  return words ?? said.replace(/ \(os error \d+\).*$/s, "");
}

/**
 * An error that names the path and says why it cannot be read.
 *
 * @param path What was to be read.
 * @param error What the system said.
 */
export function unreadable(path: string, error: unknown): Error {
  return new Error(`cannot read ${path}: ${refusal(error)}`, { cause: error });
}
