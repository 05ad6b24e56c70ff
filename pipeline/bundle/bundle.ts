/**
 * Makes a bundle: one folder that runs where nothing can be installed and no network is reached. It holds
 * the running Deno, the program as JavaScript with the digests of its sources, and files beside it.
 *
 * @module
 */
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { copy } from "../bench/copy_stage.ts";
import { SEALED_FILE } from "../code/sealed_closures.ts";
import { readCheckout } from "../running/checkout.ts";
import type { StageDefinition } from "../stage.ts";
import { listFiles } from "../tree.ts";
import { UsageError } from "../usage_error.ts";
import { writeBundleManifest } from "./bundle_manifest.ts";
import esbuildStandIn from "./esbuild_stand_in.js" with { type: "text" };
import { licencesText } from "./licences.ts";
import { launcherText, packDeno, PACKED_DENO, platformHere } from "./packed_deno.ts";
import { layPackages } from "./packages.ts";
import { programFiles } from "./program_files.ts";
import { programRoots } from "./program_roots.ts";
import readme from "./readme.txt" with { type: "text" };
import { projectClosures, sealed } from "./sealing.ts";
import { addVulkanLoader } from "./vulkan_loader.ts";

/** Most bytes of a bundle. */
export const MOST_BYTES = 55e6;

/** What goes into a bundle. */
export interface BundleContents {
  /** URL of the program's main module, in the project's folder. */
  readonly main: string;
  /** Stages whose code's digests it carries. */
  readonly stages: readonly StageDefinition[];
  /** Files and folders of the project that it carries, with their paths in it. */
  readonly carried: Readonly<Record<string, string>>;
}

/** How a bundle is made. */
export interface BundleOptions {
  /** Of xz, 1 to 9. */
  readonly level: number;
  /** With Debian's Vulkan loader. */
  readonly vulkan: boolean;
  /** Most bytes that it may take (default: {@link MOST_BYTES}). */
  readonly mostBytes?: number;
  /** Told what is going on. */
  readonly onStep?: (step: string) => void;
}

/** A bundle that was made. */
export interface Bundle {
  /** Its absolute folder. */
  readonly folder: string;
  /** Bytes of all its files. */
  readonly bytes: number;
  /** Bytes of the packed Deno. */
  readonly denoBytes: number;
}

/**
 * Makes a bundle.
 *
 * @param folder Where; it must not be there yet, or be empty.
 * @throws {UsageError} If it is not, if a tool is missing, or if the bundle is larger than it may be.
 * @throws {CodeError} If code cannot be found or parsed.
 */
export async function makeBundle(
  folder: string,
  contents: BundleContents,
  { level, vulkan, mostBytes = MOST_BYTES, onStep = () => {} }: BundleOptions,
): Promise<Bundle> {
  const target = resolve(folder);
  assertFree(target, folder);
  const platform = platformHere();
  await Deno.mkdir(dirname(target), { recursive: true });
  const part = await Deno.makeTempDir({ dir: dirname(target), prefix: ".bundle-" });
  const scratch = await Deno.makeTempDir({ prefix: "skelrun-bundle-" });
  try {
    // What may fail at once comes before what takes long.
    const vulkanFiles = vulkan ? await writeVulkan(part, onStep) : [];
    onStep(`packing Deno ${Deno.version.deno} with xz, level ${level}`);
    const digest = await besides(
      (signal) => packDeno(`${part}/${PACKED_DENO}`, level, signal),
      () => writeProgram(part, contents, scratch),
    );
    const git = await readCheckout(dirname(fileURLToPath(contents.main)));
    await writeText(`${part}/skelrun`, launcherText(digest));
    await Deno.chmod(`${part}/skelrun`, 0o755);
    const from = git === undefined
      ? "no git checkout"
      : `commit ${git.commit}${git.dirty ? " with changes" : ""}`;
    const text = readme.replace("@PLATFORM@", platform).replace("@VERSION@", Deno.version.deno)
      .replace("@GIT@", from).replace("@VULKAN@", vulkanText(vulkanFiles));
    await writeText(`${part}/README.txt`, text);
    const about = { deno: Deno.version.deno, platform, ...(git ? { git } : {}) };
    const bytes = await writeBundleManifest(part, about);
    const denoBytes = Deno.statSync(`${part}/${PACKED_DENO}`).size;
    assertSmall(bytes, denoBytes, mostBytes);
    await Deno.chmod(part, 0o755);
    await Deno.rename(part, target);
    return { folder: target, bytes, denoBytes };
  } finally {
    await Deno.remove(part, { recursive: true }).catch(() => {});
    await Deno.remove(scratch, { recursive: true }).catch(() => {});
  }
}

/** Refuses a folder that holds something: an earlier bundle may have a store in it. */
function assertFree(target: string, named: string): void {
  try {
    if ([...Deno.readDirSync(target)].length === 0) return;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw new UsageError(`DIR: ${named} cannot be a bundle's folder: ${(error as Error).message}`);
  }
  throw new UsageError(
    `DIR: ${named} is not empty; name a new folder, or remove it first (its .skelrun, if it has one, ` +
      `holds results)`,
  );
}

/**
 * Makes sure that a bundle is not too large.
 *
 * @throws {UsageError} If it is, with what takes the room.
 */
export function assertSmall(bytes: number, denoBytes: number, most: number): void {
  if (bytes <= most) return;
  const mb = (count: number) => `${(count / 1e6).toFixed(1)} MB`;
  throw new UsageError(
    `the bundle takes ${mb(bytes)}, more than the ${mb(most)} that it may: packed Deno ` +
      `${mb(denoBytes)}, all else ${
        mb(bytes - denoBytes)
      }. Pack Deno closer with --level 9, or carry less`,
  );
}

/** Does two things side by side; the slow one is stopped where the other fails. Ends when both have. */
async function besides<T>(
  slow: (signal: AbortSignal) => Promise<T>,
  other: () => Promise<void>,
): Promise<T> {
  const stop = new AbortController();
  const [first, second] = await Promise.allSettled([
    slow(stop.signal),
    other().catch((error) => {
      stop.abort();
      throw error;
    }),
  ]);
  if (second.status === "rejected") throw second.reason;
  if (first.status === "rejected") throw first.reason;
  return first.value;
}

/** The program, the digests of its sources, and the files beside it. */
async function writeProgram(
  part: string,
  { main, stages, carried }: BundleContents,
  scratch: string,
): Promise<void> {
  const mainPath = fileURLToPath(main);
  const project = dirname(mainPath);
  const packageFolder = `${scratch}/packages`;
  await Deno.mkdir(packageFolder);
  const [roots, packages, closures] = await Promise.all([
    programRoots(project, [mainPath], scratch),
    layPackages(project, packageFolder),
    projectClosures(project, [...stages, copy], scratch),
  ]);
  const program = await programFiles({
    project,
    entries: roots.entries,
    imported: roots.packages,
    keyed: closures.files,
    moved: carried,
    packages,
    standIns: { esbuild: esbuildStandIn },
  });
  for (const [name, bytes] of program.files) await write(`${part}/${name}`, bytes);
  const data = new Map<string, Uint8Array>();
  const carry = async (path: string, to: string) => {
    for (const name of Deno.statSync(path).isFile ? [""] : await listFiles(path, "follow")) {
      const bytes = await Deno.readFile(name === "" ? path : `${path}/${name}`);
      data.set(name === "" ? to : `${to}/${name}`, bytes);
    }
  };
  for (const path of roots.data) await carry(path, relative(project, path));
  for (const [from, to] of Object.entries(carried)) await carry(`${project}/${from}`, to);
  for (const [name, bytes] of data) await write(`${part}/${name}`, bytes);
  for (const { digest, listing } of closures.found) {
    await writeText(`${part}/closures/${digest}.json`, `${JSON.stringify(listing)}\n`);
  }
  const seal = sealed(project, closures, program, data);
  await writeText(`${part}/${SEALED_FILE}`, `${JSON.stringify(seal)}\n`);
  await writeText(`${part}/deno.json`, `{ "nodeModulesDir": "none", "lock": false }\n`);
  const folders = program.packages.map((name) => `${packageFolder}/${name}`);
  await writeText(`${part}/LICENSES.txt`, licencesText(project, folders));
}

async function writeVulkan(part: string, onStep: (step: string) => void): Promise<string[]> {
  onStep("downloading Debian's Vulkan loader");
  await Deno.mkdir(`${part}/vulkan`);
  return await addVulkanLoader(`${part}/vulkan`);
}

function vulkanText(files: readonly string[]): string {
  const archive = files.find((name) => name.endsWith(".deb"));
  return archive === undefined
    ? ""
    : `\nThe Vulkan loader is in vulkan/ and is used where the system has none; to install it\n` +
      `instead: dpkg -i vulkan/${archive}. A card needs its own driver beside it.\n`;
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeFile(path, bytes);
}

function writeText(path: string, text: string): Promise<void> {
  return write(path, new TextEncoder().encode(text));
}
