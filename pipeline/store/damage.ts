/**
 * What is wrong with a file of the store, held against the digest or key in its name.
 *
 * @module
 */
import { fingerprint, sha256 } from "../fingerprint.ts";
import { actionKey } from "../manifest.ts";
import { hashFile } from "../tree.ts";
import type { ActionRecord } from "./record.ts";
import { recordFault } from "./record_shape.ts";

/** A file of an output of an action that the store has a record of. */
export interface Use {
  /** The action's key. */
  readonly key: string;
  /** The experiment that computed it first. */
  readonly experiment: string;
  /** The stage in that experiment. */
  readonly stage: string;
  /** As the stage's definition calls it. */
  readonly output: string;
  /** The file's name in the output; absent where the whole output is meant. */
  readonly file?: string;
}

/** Something that is not what its name says. */
export interface Damage {
  /** What it should be. */
  readonly kind: "blob" | "tree" | "record" | "listing";
  /** Absolute. */
  readonly path: string;
  /** The digest or key that its name gives. */
  readonly name: string;
  /** The size of the file. */
  readonly bytes: number;
  /** What was expected and what was found. */
  readonly problem: string;
  /** What it is part of; none is known of bytes that no record names. */
  readonly uses: readonly Use[];
}

/**
 * What is wrong with a file; undefined where nothing is, and where it is gone.
 *
 * @param name The digest or key that it must have.
 */
export async function problemOf(
  kind: Damage["kind"],
  path: string,
  name: string,
): Promise<string | undefined> {
  try {
    if (kind === "blob") {
      const { digest, size } = await hashFile(path);
      return digest === name ? undefined : `its ${size} bytes hash to ${digest}`;
    }
    const bytes = await Deno.readFile(path);
    const digest = sha256(bytes);
    if (kind === "tree") {
      return digest === name ? undefined : `its ${bytes.length} bytes hash to ${digest}`;
    }
    const text = new TextDecoder().decode(bytes);
    return kind === "record" ? recordProblem(text, name) : listingProblem(text, name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    return `it cannot be read: ${(error as Error).message}`;
  }
}

function recordProblem(text: string, key: string): string | undefined {
  let record: ActionRecord;
  try {
    record = JSON.parse(text);
  } catch {
    return "it is no JSON";
  }
  const fault = recordFault(record, key);
  if (fault !== undefined) return fault;
  const expected = actionKey(record.manifest);
  return expected === key ? undefined : `its manifest is that of another key, ${expected}`;
}

function listingProblem(text: string, digest: string): string | undefined {
  try {
    return fingerprint(JSON.parse(text)) === digest ? undefined : "it lists other code";
  } catch {
    return "it is no JSON";
  }
}
