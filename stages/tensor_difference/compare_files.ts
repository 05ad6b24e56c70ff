/**
 * How two files of an artifact differ, said in the words of their format.
 *
 * @module
 */
import { jsonDifference } from "./json_difference.ts";
import { npyDifference, safetensorsDifference } from "./tensor_files.ts";
import { textDifference } from "./text_difference.ts";

/** Larger files are not read into memory: the runner then says where their bytes differ. */
const LARGEST = 2 ** 30;

type Comparison = (name: string, a: Uint8Array, b: Uint8Array) => string | undefined;

const text: Comparison = (_name, a, b) => textDifference(decoded(a), decoded(b));

const json: Comparison = (name, a, b) =>
  jsonDifference(JSON.parse(decoded(a)), JSON.parse(decoded(b))) ?? text(name, a, b);

/** By the end of a file's name. */
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  npy: npyDifference,
  safetensors: safetensorsDifference,
  json,
  csv: text,
  md: text,
  skeleton: text,
  svg: text,
  txt: text,
};

/**
 * Says how two files of artifacts differ: `.npy` and `.safetensors` by the first value of the first
 * tensor that differs, in ulps; JSON by its path; text by its line. A `FileComparer` of the runner.
 *
 * @param name The file's name in its artifact.
 * @param first The path of one.
 * @param second The path of the other.
 * @returns Undefined for a format that is not known, a file over 1 GiB, and one that its own format
 * does not allow.
 */
export async function compareFiles(
  name: string,
  first: string,
  second: string,
): Promise<string | undefined> {
  const comparison = COMPARISONS[name.slice(name.lastIndexOf(".") + 1)];
  if (comparison === undefined) return undefined;
  for (const path of [first, second]) {
    if ((await Deno.stat(path)).size > LARGEST) return undefined;
  }
  const [a, b] = [await Deno.readFile(first), await Deno.readFile(second)];
  try {
    return comparison(name, a, b);
  } catch {
    return undefined;
  }
}

/** @throws {TypeError} If the bytes are no UTF-8. */
function decoded(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}
