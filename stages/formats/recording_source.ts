/**
 * Recordings as the data sets' owners publish them: files in folders, searched in depth, or in zip
 * archives (also such that lie in a folder). They are handed out in one order, whatever holds them.
 *
 * @module
 */
import { counted } from "./counted.ts";
import { UnusableInput } from "./unusable_input.ts";
import type { PackedFile } from "./zip_data.ts";
import { openZip, type ZipSource } from "./zip_source.ts";

/** One recording. */
export interface RecordingFile {
  /** Base name with its extension; unique in its source. */
  readonly name: string;
  /** Where it lies inside the source, for messages. */
  readonly path: string;
  /**
   * The path of the file itself, which another thread may read; absent for one in an archive and for
   * one that lies in several places.
   */
  readonly plain?: string;
  /** Bytes of one in an archive when unpacked, as the archive says. */
  readonly size?: number;
  /**
   * Reads its bytes.
   *
   * @throws {UnusableInput} If it lies in several places with different bytes.
   */
  read(): Promise<Uint8Array>;
  /** Reads one in an archive without unpacking it; absent where it lies in several places. */
  packed?(): Promise<PackedFile>;
  /** The bytes of one in an archive, piece by piece as they are unpacked. */
  stream?(): ReadableStream<Uint8Array>;
}

/** All files of a folder or archive. */
export interface FileSource {
  /** In lexicographic order of their paths inside the source, by code units. */
  readonly files: readonly RecordingFile[];
  close(): Promise<void>;
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
 * Finds all recordings in folders and zip archives. One that lies in several places counts once; that
 * its bytes are the same everywhere is checked when it is read.
 *
 * @param paths A folder or archive, or several.
 * @param extension That of recordings, such as `.skeleton`; case does not matter.
 * @throws {UnusableInput} If a path is neither, an archive is damaged, or there are no recordings.
 */
export async function openRecordings(
  paths: string | readonly string[],
  extension: string,
): Promise<RecordingSource> {
  const roots = typeof paths === "string" ? [paths] : paths;
  const archives: ZipSource[] = [];
  const close = async () => {
    for (const archive of archives) await archive.close();
  };
  try {
    const found: RecordingFile[] = [];
    for (const root of roots) {
      const files = await filesAt(root, archives);
      // With several roots a path inside one says too little.
      found.push(
        ...roots.length === 1
          ? files
          : files.map((file) => ({ ...file, path: `${root}/${file.path}` })),
      );
    }
    const isRecording = (file: RecordingFile) => file.name.toLowerCase().endsWith(extension);
    const files = merged(found.filter(isRecording).sort(byNameThenPath));
    const others = found.filter((file) => !isRecording(file));
    if (files.length === 0) {
      throw new UnusableInput(
        `${roots.join(", ")}: expected ${extension} files in ${
          roots.length === 1 ? "this folder or archive" : "these folders and archives"
        }, found none among ${counted(found.length, "file")}`,
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

/** Files of one name, which follow one another, as one file. */
function merged(files: readonly RecordingFile[]): RecordingFile[] {
  const single: RecordingFile[] = [];
  for (let from = 0, to = 0; from < files.length; from = to) {
    const first = files[from]!;
    while (to < files.length && files[to]!.name === first.name) to++;
    single.push(to - from === 1 ? first : copies(files.slice(from, to)));
  }
  return single;
}

/** A recording that lies in several places. */
function copies(places: readonly RecordingFile[]): RecordingFile {
  const [first, ...rest] = places as [RecordingFile, ...RecordingFile[]];
  return {
    name: first.name,
    path: first.path,
    async read() {
      const bytes = await first.read();
      for (const other of rest) {
        if (!sameBytes(bytes, await other.read())) {
          throw new UnusableInput(
            `two recordings are called ${first.name} and differ: ${first.path} and ` +
              `${other.path}; keep one of them`,
          );
        }
      }
      return bytes;
    },
  };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/**
 * Lists all files of a folder (searched in depth, zip archives in it included) or of a zip archive.
 *
 * @throws {UnusableInput} If the path is neither, or an archive is damaged.
 */
export async function openFiles(path: string): Promise<FileSource> {
  const archives: ZipSource[] = [];
  const close = async () => {
    for (const archive of archives) await archive.close();
  };
  try {
    const files = await filesAt(path, archives);
    return { files: files.sort((a, b) => compare(a.path, b.path)), close };
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
      files.push({
        name: entry.name,
        path: at,
        plain: path,
        read: () => Deno.readFile(path),
      });
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
      size: member.size,
      read: member.read,
      packed: member.packed,
      stream: member.stream,
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
