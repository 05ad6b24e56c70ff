/**
 * A list of clips that keep their labels, by name, one a line: what a subset leaves as `names.txt`.
 *
 * @module
 */
import { UnusableInput } from "../formats/unusable_input.ts";
import type { SplitFold } from "../split/split_file.ts";

/** The file that is read where a list is given as a folder. */
export const NAMES_FILE = "names.txt";

/**
 * Reads the names of a list; empty lines are skipped.
 *
 * @param path The file, or a folder that holds it as `names.txt`.
 * @throws {UnusableInput} If there is no such file in the folder, no name in it, or one twice.
 */
export async function readNames(path: string): Promise<readonly string[]> {
  const names = new Map<string, number>();
  for (const [i, line] of (await readText(path)).split("\n").entries()) {
    const name = line.trim();
    if (name === "") continue;
    const before = names.get(name);
    if (before !== undefined) {
      throw new UnusableInput(`input names, line ${i + 1}: ${name} is on line ${before} already`);
    }
    names.set(name, i + 1);
  }
  if (names.size === 0) throw new UnusableInput("input names: expected names of clips, found none");
  return [...names.keys()];
}

async function readText(path: string): Promise<string> {
  const folder = (await Deno.stat(path)).isDirectory;
  try {
    return await Deno.readTextFile(folder ? `${path}/${NAMES_FILE}` : path);
  } catch (error) {
    if (!folder || !(error instanceof Deno.errors.NotFound)) throw error;
    throw new UnusableInput(
      `input names: expected a file, or a folder with ${NAMES_FILE}, found a folder without it`,
    );
  }
}

/**
 * The clips of a list.
 *
 * @param listed Their names.
 * @param names Names of all clips.
 * @returns Their indices.
 * @throws {UnusableInput} If a name is no clip's, or a clip trains in no fold.
 */
export function listedClips(
  listed: readonly string[],
  names: readonly string[],
  folds: readonly SplitFold[],
): ReadonlySet<number> {
  const index = new Map(names.map((name, clip) => [name, clip]));
  const training = new Set(folds.flatMap(({ train }) => train));
  return new Set(listed.map((name) => {
    const clip = index.get(name);
    if (clip === undefined) {
      throw new UnusableInput(
        `input names: no clip is called ${name} (the first is ${
          names[0]
        }): the list must be of the ` +
          "same recordings",
      );
    }
    if (!training.has(clip)) {
      throw new UnusableInput(
        `input names: clip ${name} trains in no fold: the list must be of the same split`,
      );
    }
    return clip;
  }));
}
