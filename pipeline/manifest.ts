/**
 * The manifest of an action: everything that may change the bytes of its result, and nothing else.
 *
 * The action key is the manifest's fingerprint. Left out on purpose: paths, times, host names,
 * attempt numbers, thread counts, log levels, the id a stage has in its experiment file. The whole
 * manifest is stored with the result, so that two keys can be compared later.
 *
 * @module
 */
import { fingerprint } from "./fingerprint.ts";

/**
 * The content digest of an input, with its kind: `tree:` and the digest of an artifact's tree (an
 * external folder counts as one), or `file:` and the digest of an external file's bytes.
 */
export type ContentDigest = `tree:${string}` | `file:${string}`;

/** Everything that an action's result depends on. */
export interface ActionManifest {
  /** Of the manifest itself. */
  readonly format: "action/1";
  /** The name of the stage's definition. */
  readonly stage: string;
  /** Parameters after defaults and validation. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Contents of the inputs that are given, by name. */
  readonly inputs: Readonly<Record<string, ContentDigest>>;
  /** Types of the outputs it must yield, by name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Digest of the code closure of the entry in use. */
  readonly code: string;
  /** Deno's version. */
  readonly deno: string;
  /** What of the device can change bits; absent for a stage that computes on none. */
  readonly device?: string;
  /** Changes when the runner itself changes what an action means. */
  readonly salt: string;
}

/** The runner's own part of every key: raised when the meaning of an action changes. */
export const SALT = "skelrun 1";

/** What of the runner itself is in every key. */
export interface RunnerVersions {
  /** Deno's version. */
  readonly deno: string;
  /** See {@link SALT}. */
  readonly salt: string;
}

/** The runner that works here. */
export const RUNNER: RunnerVersions = { deno: Deno.version.deno, salt: SALT };

/**
 * The key of an action.
 *
 * @returns 64 hex digits.
 * @throws {TypeError} If a parameter is no JSON value.
 */
export function actionKey(manifest: ActionManifest): string {
  return fingerprint(manifest);
}
