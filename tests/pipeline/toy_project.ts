/**
 * Small projects written on the spot, and the code closures of their entries.
 *
 * @module
 */
import { assertRejects } from "@std/assert";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { type ClosureListing, CodeClosures, CodeError } from "../../pipeline/code_closure.ts";
import { FileIndex } from "../../pipeline/file_index.ts";
import { openStore } from "../../pipeline/store/store.ts";
import { withFolder } from "./toy_stages.ts";

/** Texts of files by name. */
export type Files = Readonly<Record<string, string>>;

/** A project with neither imports nor a lockfile. */
export const CONFIG = { lock: false };

/** A project of a few files whose entry is `entry.ts`, unless it is said. */
export async function withProject(
  files: Files,
  use: (project: Project) => Promise<void>,
  name = "project",
): Promise<void> {
  await withFolder(async (folder) => {
    const project = new Project(folder, `${folder}/${name}`);
    project.write({ "deno.json": JSON.stringify(CONFIG), ...files });
    await use(project);
  });
}

/** A project. */
export class Project {
  readonly #folder: string;
  readonly root: string;

  constructor(folder: string, root: string) {
    this.#folder = folder;
    this.root = root;
  }

  /** Writes files. */
  write(files: Files): void {
    for (const [name, text] of Object.entries(files)) {
      Deno.mkdirSync(dirname(`${this.root}/${name}`), { recursive: true });
      Deno.writeTextFileSync(`${this.root}/${name}`, text);
    }
  }

  /** The closure of an entry, with what the store has of it. */
  async closure(entry = "entry.ts", roots: readonly string[] = [], config = this.root) {
    const store = await openStore(`${this.#folder}/store`);
    const closures = new CodeClosures(store, new FileIndex(store.local), config);
    const url = (name: string) => pathToFileURL(`${this.root}/${name}`).href;
    const [found] = await closures.of([{ entry: url(entry), roots: roots.map(url) }]);
    return { ...found!, store, listing: store.readClosure<ClosureListing>(found!.digest)! };
  }

  /** Whether the digest is another one after files were written. */
  async changes(files: Files, entry?: string): Promise<boolean> {
    const before = (await this.closure(entry)).digest;
    this.write(files);
    return (await this.closure(entry)).digest !== before;
  }

  /** What is said of code that cannot be part of a closure. */
  async complaint(entry?: string): Promise<string> {
    return (await assertRejects(() => this.closure(entry), CodeError)).message;
  }
}
