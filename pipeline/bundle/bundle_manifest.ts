/**
 * What a bundle says of itself: what it was made from and for, and the digests of its files.
 *
 * @module
 */
import type { Checkout } from "../running/checkout.ts";
import { readJson } from "../store/json_file.ts";
import { hashFile, listFiles } from "../tree.ts";

/** The manifest's name in a bundle. */
export const MANIFEST_FILE = "manifest.json";

/** Digests as `sha256sum -c` reads them. */
export const SUMS_FILE = "SHA256SUMS";

/** What a bundle was made from, and its files. */
export interface BundleManifest {
  readonly format: "bundle/1";
  /** The version of the Deno in it. */
  readonly deno: string;
  /** The machines it is for, as `uname -s` and `uname -m` name them. */
  readonly platform: string;
  /** The checkout it was made from, where git knew it. */
  readonly git?: Checkout;
  /** Sizes in bytes and hex SHA-256 of its files, but for this one and the list of sums. */
  readonly files: Readonly<Record<string, { readonly size: number; readonly sha256: string }>>;
}

/** The manifest of the bundle that a folder is; undefined for any other folder. */
export function readBundleManifest(folder: string): BundleManifest | undefined {
  const manifest = readJson<BundleManifest>(`${folder}/${MANIFEST_FILE}`);
  return manifest?.format === "bundle/1" ? manifest : undefined;
}

/**
 * Writes the manifest and the list of sums of a bundle whose other files are all there.
 *
 * @returns Bytes of the whole bundle.
 */
export async function writeBundleManifest(
  folder: string,
  about: Omit<BundleManifest, "format" | "files">,
): Promise<number> {
  const files: Record<string, { size: number; sha256: string }> = {};
  for (const name of (await listFiles(folder, "refuse")).sort()) {
    const { size, digest } = await hashFile(`${folder}/${name}`);
    files[name] = { size, sha256: digest };
  }
  const manifest: BundleManifest = { format: "bundle/1", ...about, files };
  await Deno.writeTextFile(
    `${folder}/${MANIFEST_FILE}`,
    `${JSON.stringify(manifest, undefined, 1)}\n`,
  );
  const own = await hashFile(`${folder}/${MANIFEST_FILE}`);
  const sums = Object.entries(files).map(([name, { sha256 }]) => `${sha256}  ${name}\n`).join("") +
    `${own.digest}  ${MANIFEST_FILE}\n`;
  await Deno.writeTextFile(`${folder}/${SUMS_FILE}`, sums);
  const total = Object.values(files).reduce((sum, { size }) => sum + size, 0);
  return total + own.size + sums.length;
}
