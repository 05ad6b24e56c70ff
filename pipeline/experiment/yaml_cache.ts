/**
 * Keeps the values of long YAML texts, so that an experiment of ten thousand stages is parsed once.
 *
 * What is kept is a function of the text's bytes alone and is found by their digest. Everything that
 * depends on more - the files it extends, variants, the environment, the stages there are, whether
 * files exist - is worked out anew each time, so that the cache cannot change what is reported.
 *
 * @module
 */
import { sha256 } from "../fingerprint.ts";
import { temporaryName } from "../store/disk.ts";

/** Shorter texts are parsed in less time than a file is looked up. */
const LEAST_LENGTH = 32 * 1024;

/** How many values are kept; the oldest go. */
const MOST_KEPT = 16;

/** Changes with whatever the reader makes of a text. */
const READER = "js-yaml 5.5.0, core schema, 1";

/** Whether JSON gives back what it is given. */
function isJson(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(isJson);
}

/** Values of YAML texts, in a folder that may go at any time. */
export class YamlCache {
  readonly #folder: string;

  /**
   * Reads and writes nothing yet.
   *
   * @param folder A folder of this machine's, made when something is kept.
   */
  constructor(folder: string) {
    this.#folder = `${folder}/yaml`;
  }

  /**
   * The value of a text: the one that is kept, else the one that is read, which is then kept.
   *
   * @param text A YAML text.
   * @param read Reads it; what it refuses is not kept.
   */
  value(
    text: string,
    read: (text: string) => { readonly value: unknown } | undefined,
  ): { readonly value: unknown } | undefined {
    if (text.length < LEAST_LENGTH) return read(text);
    const path = `${this.#folder}/${sha256(`${READER}\n${text}`)}.json`;
    const kept = keptValue(path);
    if (kept !== undefined) return kept;
    const found = read(text);
    if (found !== undefined && isJson(found.value)) this.#keep(path, found.value);
    return found;
  }

  /** A folder that cannot be written costs time, and nothing else. */
  #keep(path: string, value: unknown): void {
    const body = JSON.stringify(value);
    const temporary = temporaryName(path);
    try {
      Deno.mkdirSync(this.#folder, { recursive: true });
      Deno.writeTextFileSync(temporary, `${sha256(body)}\n${body}`);
      Deno.renameSync(temporary, path);
      this.#prune();
    } catch {
      try {
        Deno.removeSync(temporary);
      } catch {
        // It was never there.
      }
    }
  }

  #prune(): void {
    const files = [...Deno.readDirSync(this.#folder)].map(({ name }) => {
      const path = `${this.#folder}/${name}`;
      return { path, time: Deno.statSync(path).mtime?.getTime() ?? 0 };
    });
    files.sort((a, b) => b.time - a.time);
    for (const { path } of files.slice(MOST_KEPT)) Deno.removeSync(path);
  }
}

/** The value in a file of the cache; `undefined` where there is none, or a damaged one. */
function keptValue(path: string): { readonly value: unknown } | undefined {
  try {
    const text = Deno.readTextFileSync(path);
    const end = text.indexOf("\n");
    const body = text.slice(end + 1);
    return sha256(body) === text.slice(0, end) ? { value: JSON.parse(body) } : undefined;
  } catch {
    return undefined;
  }
}
