/**
 * The running Deno, packed with xz, and the script that unpacks and starts it.
 *
 * @module
 */
import { hashFile } from "../tree.ts";
import { UsageError } from "../usage_error.ts";
import launcher from "./launcher.sh" with { type: "text" };

/** Packed Deno is found under this name beside the launcher. */
export const PACKED_DENO = "deno.xz";

/** Names of processors, as `uname -m` gives them, where Deno's are others. */
const PROCESSORS: Readonly<Record<string, string>> = { x86_64: "x86_64", aarch64: "aarch64" };

/** The machines that a bundle made here runs on, as `uname -s` and `uname -m` name them. */
export function platformHere(): string {
  const { os, arch } = Deno.build;
  const processor = PROCESSORS[arch];
  if (os === "linux" && processor !== undefined) return `Linux ${processor}`;
  throw new UsageError(
    `a bundle carries the Deno that makes it, and is for Linux: expected linux, found ${os} ${arch}`,
  );
}

/**
 * Packs the running Deno.
 *
 * @param path The file to write.
 * @param level Of xz, 0 to 9; from 6 on with its slower search.
 * @param signal Stops it.
 * @returns Hex SHA-256 of the executable.
 * @throws {UsageError} If xz is not installed.
 */
export async function packDeno(path: string, level: number, signal: AbortSignal): Promise<string> {
  const source = Deno.execPath();
  // Jumps of x86-64 compress better as absolute addresses.
  const filter = Deno.build.arch === "x86_64" ? ["--x86"] : [];
  const preset = `--lzma2=preset=${level}${level >= 6 ? "e" : ""}`;
  let ended: Deno.CommandStatus;
  try {
    using out = await Deno.open(path, { write: true, createNew: true });
    const child = new Deno.Command("xz", {
      args: ["--threads=1", "--check=crc32", ...filter, preset, "--stdout", "--", source],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
      signal,
    }).spawn();
    for await (const part of child.stdout) {
      for (let at = 0; at < part.length;) at += await out.write(part.subarray(at));
    }
    ended = await child.status;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(
      "a bundle packs Deno with xz, which is not here: apt-get install xz-utils",
    );
  }
  if (!ended.success) throw new Error(`xz could not pack ${source} (status ${ended.code})`);
  return (await hashFile(source)).digest;
}

/**
 * The launcher.
 *
 * @param digest Hex SHA-256 of the executable.
 */
export function launcherText(digest: string): string {
  return launcher.replace("@VERSION@", Deno.version.deno).replace("@DIGEST@", digest)
    .replace("@PLATFORM@", platformHere());
}
