/**
 * Paths of the user's own files in an experiment: `${NAME}` from the environment, the rest relative
 * to the file that names them.
 *
 * @module
 */
import { isAbsolute, resolve } from "node:path";

/** Looks a variable of the environment up. */
export type Environment = (name: string) => string | undefined;

/** A path that cannot be made whole; the message says what to do. */
export class PathError extends Error {
  override readonly name = "PathError";
}

/**
 * Makes a path of an experiment file absolute. A relative path starts at the file that holds it; one
 * that begins with a variable whose value is relative starts at the current folder, as the shell in
 * which the variable was set would have it.
 *
 * @param written What the file says, such as `${NW_UCLA_DIR}/all_sqe.zip` or `../raw`.
 * @param folder The folder of the file that says it.
 * @param env Where `${NAME}` is looked up.
 * @returns The absolute path.
 * @throws {PathError} If a variable is not set, or nothing remains of the path.
 */
export function externalPath(written: string, folder: string, env: Environment): string {
  const expanded = written.replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new PathError(
        `expected the name of an environment variable between \${ and }, found ${
          JSON.stringify(name)
        }`,
      );
    }
    const value = env(name);
    if (value === undefined || value === "") {
      throw new PathError(
        `the environment variable ${name} is not set; set it to the file or folder meant here, ` +
          `such as: export ${name}=/path/to/it`,
      );
    }
    return value;
  });
  if (expanded.trim() === "") throw new PathError("expected a path, found an empty text");
  if (isAbsolute(expanded) || written.startsWith("${")) return resolve(expanded);
  return resolve(folder, expanded);
}
