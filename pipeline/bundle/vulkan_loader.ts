/**
 * The Vulkan loader of Debian and Ubuntu for a bundle: the package, to install where one may, and the
 * library alone, which the launcher uses where one may not.
 *
 * @module
 */
import { UsageError } from "../usage_error.ts";

/** The package that has the loader. */
const PACKAGE = "libvulkan1";

const LIBRARY = "libvulkan.so.1";

/**
 * Downloads it into a folder.
 *
 * @param folder An existing, empty folder.
 * @returns Names of the files.
 * @throws {UsageError} Where there is no apt, or it cannot give the package.
 */
export async function addVulkanLoader(folder: string): Promise<string[]> {
  await tool("apt-get", ["download", "-qq", PACKAGE], folder);
  const archive = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .find((name) => name.endsWith(".deb"));
  if (archive === undefined) throw new UsageError(`apt-get download gave no file of ${PACKAGE}`);
  await tool("dpkg-deb", ["--extract", archive, "contents"], folder);
  const library = findLibrary(`${folder}/contents`);
  if (library === undefined) throw new UsageError(`${archive} holds no ${LIBRARY}`);
  // What it leads to, under the name that programs ask for.
  await Deno.copyFile(library, `${folder}/${LIBRARY}`);
  await Deno.remove(`${folder}/contents`, { recursive: true });
  return [archive, LIBRARY];
}

function findLibrary(folder: string): string | undefined {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (name === LIBRARY) return `${folder}/${name}`;
    const deeper = isDirectory ? findLibrary(`${folder}/${name}`) : undefined;
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

async function tool(program: string, args: readonly string[], cwd: string): Promise<void> {
  const wants = `--with-vulkan takes ${PACKAGE} from Debian or Ubuntu with apt-get`;
  try {
    const { success, stderr } = await new Deno.Command(program, {
      args: [...args],
      cwd,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (success) return;
    const said = new TextDecoder().decode(stderr).trim().split("\n")
      .find((line) => line.startsWith("E:")) ?? `${program} failed`;
    throw new UsageError(
      `${wants}, which failed: ${said}. Leave the option away, or: apt-get update`,
    );
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`${wants}, and ${program} is not here; leave the option away`);
  }
}
