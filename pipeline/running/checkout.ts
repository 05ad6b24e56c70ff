/**
 * The checkout that a stage ran from, as git tells it: information beside a result, no part of its key.
 *
 * @module
 */

import { readBundleManifest } from "../bundle/bundle_manifest.ts";

/** The state of a checkout. */
export interface Checkout {
  /** The commit's hash. */
  readonly commit: string;
  /** Files are changed, or not yet added. */
  readonly dirty: boolean;
}

/** How long git may take, in milliseconds: nothing waits for what is only information. */
const PATIENCE_MS = 5000;

/**
 * The checkout that a folder is in.
 *
 * @param folder An absolute path.
 * @returns Undefined outside of git, before the first commit, and without git. Of a bundle, the checkout
 * that it was made from.
 */
export async function readCheckout(folder: string): Promise<Checkout | undefined> {
  const bundle = readBundleManifest(folder);
  if (bundle) return bundle.git;
  const [commit, changes] = await Promise.all([
    git(folder, ["rev-parse", "--verify", "HEAD"]),
    git(folder, ["--no-optional-locks", "status", "--porcelain"]),
  ]);
  if (!commit || changes === undefined) return undefined;
  return { commit: commit.trim(), dirty: changes !== "" };
}

async function git(folder: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["-C", folder, ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined;
  }
}
