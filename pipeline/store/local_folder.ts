/**
 * Where this machine's caches of a store are kept: in the store, unless that may only be read.
 *
 * @module
 */
import { sha256 } from "../fingerprint.ts";
import { temporaryName } from "./disk.ts";

/**
 * Makes a folder for caches of this machine.
 *
 * @param root The store's absolute folder.
 * @param wanted Where the caches should be.
 * @returns That folder if it can be written; else one in the user's cache folder; else the one wanted,
 * where nothing is kept then.
 */
export async function makeLocalFolder(root: string, wanted: string): Promise<string> {
  if (await isWritable(wanted)) return wanted;
  const cache = userCache();
  const other = cache && `${cache}/skelrun/${sha256(root).slice(0, 16)}`;
  return other !== undefined && await isWritable(other) ? other : wanted;
}

async function isWritable(folder: string): Promise<boolean> {
  const probe = temporaryName(`${folder}/probe`);
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(probe, "");
    await Deno.remove(probe);
    return true;
  } catch {
    return false;
  }
}

function userCache(): string | undefined {
  try {
    const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE");
    return Deno.env.get("XDG_CACHE_HOME") ?? (home === undefined ? undefined : `${home}/.cache`);
  } catch {
    return undefined;
  }
}
