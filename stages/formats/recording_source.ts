/**
 * Recordings as the data sets' owners publish them: files in a folder, searched in depth, or in a zip
 * archive (also one that lies in the folder). They are handed out in one order, whatever holds them.
 *
 * @module
 */
import { counted } from "./counted.ts";
import { UnusableInput } from "./unusable_input.ts";
import { openZip, type ZipSource } from "./zip_source.ts";

/** One recording. */
export interface RecordingFile {
  /** Base name with its extension; unique in its source. */
  readonly name: string;
  /** Where it lies inside the source, for messages. */
  readonly path: string;
  /** Reads its bytes. */
  read(): Promise<Uint8Array>;
}

/** The recordings of a folder or archive. */
export interface RecordingSource {
  /** In lexicographic order of base names, by code units. */
  readonly files: readonly RecordingFile[];
  /** Files that have another extension and were left alone. */
  readonly others: number;
  /** Reads another small file of the source by its base name, if there is exactly one such. */
  other(name: string): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

/** Folders within folders beyond this are taken for a circle of links. */
const DEEPEST = 32;

/**
 * Finds all recordings in a folder or a zip archive.
 *
 * @param path The folder or archive.
 * @param extension That of recordings, such as `.skeleton`; case does not matter.
 * @throws {UnusableInput} If the path is neither, an archive is damaged, two recordings have the same base
 * name, or there are none.
 */
export async function openRecordings(path: string, extension: string): Promise<RecordingSource> {
  const archives: ZipSource[] = [];
  const close = async () => {
    for (const archive of archives) await archive.close();
  };
  try {
    const found = await filesAt(path, archives);
    const isRecording = (file: RecordingFile) => file.name.toLowerCase().endsWith(extension);
    const files = found.filter(isRecording).sort(byNameThenPath);
    const others = found.filter((file) => !isRecording(file));
    for (const [i, file] of files.entries()) {
      const before = files[i - 1];
      if (before?.name === file.name) {
        throw new UnusableInput(
          `${path}: two recordings are called ${file.name}: ${before.path} and ${file.path}; ` +
            "keep one of them",
        );
      }
    }
    if (files.length === 0) {
      throw new UnusableInput(
        `${path}: expected ${extension} files in this folder or archive, found none ` +
          `among ${counted(found.length, "file")}`,
      );
    }
    return {
      files,
      others: others.length,
      other: async (name) => {
        const named = others.filter((file) => file.name === name);
        return named.length === 1 ? await named[0]!.read() : undefined;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function filesAt(path: string, archives: ZipSource[]): Promise<RecordingFile[]> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new UnusableInput(`${path}: there is no such folder or archive`);
    }
    throw error;
  }
  if (info.isDirectory) return await walk(path, "", archives, 0);
  if (path.toLowerCase().endsWith(".zip") || await beginsLikeZip(path)) {
    return await membersOf(path, "", archives);
  }
  throw new UnusableInput(
    `${path}: expected a folder or a .zip archive, found another kind of file`,
  );
}

async function walk(
  root: string,
  inside: string,
  archives: ZipSource[],
  depth: number,
): Promise<RecordingFile[]> {
  if (depth > DEEPEST) {
    throw new UnusableInput(
      `${root}/${inside}: more than ${DEEPEST} folders deep: do links go in a circle?`,
    );
  }
  const files: RecordingFile[] = [];
  for await (const entry of Deno.readDir(`${root}/${inside}`)) {
    if (entry.name.startsWith(".")) continue;
    const at = inside === "" ? entry.name : `${inside}/${entry.name}`;
    const path = `${root}/${at}`;
    const isFolder = entry.isSymlink ? await leadsToFolder(path) : entry.isDirectory;
    if (isFolder) {
      files.push(...await walk(root, at, archives, depth + 1));
    } else if (entry.name.toLowerCase().endsWith(".zip")) {
      files.push(...await membersOf(path, `${at}/`, archives));
    } else {
      files.push({ name: entry.name, path: at, read: () => Deno.readFile(path) });
    }
  }
  return files;
}

async function membersOf(
  path: string,
  prefix: string,
  archives: ZipSource[],
): Promise<RecordingFile[]> {
  const archive = await openZip(path);
  archives.push(archive);
  return archive.members
    .filter(({ path }) => !path.split("/").some((part) => part.startsWith(".")))
    .filter(({ path }) => !path.startsWith("__MACOSX/"))
    .map((member) => ({
      name: member.path.slice(member.path.lastIndexOf("/") + 1),
      path: prefix + member.path,
      read: member.read,
    }));
}

/** A link that leads nowhere is left to the reader of the file to complain about. */
async function leadsToFolder(link: string): Promise<boolean> {
  try {
    return (await Deno.stat(link)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function beginsLikeZip(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const head = new Uint8Array(4);
  await file.read(head);
  return head[0] === 0x50 && head[1] === 0x4b;
}

function byNameThenPath(a: RecordingFile, b: RecordingFile): number {
  return compare(a.name, b.name) || compare(a.path, b.path);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
