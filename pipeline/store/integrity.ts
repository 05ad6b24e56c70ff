/**
 * Whether a store holds what it says: every blob, tree, record and listing of code is read and held
 * against its name. Bytes that are gone are no damage: a record outlives them.
 *
 * @module
 */
import { parseTree, type Tree } from "../tree.ts";
import { type Damage, problemOf, type Use } from "./damage.ts";
import {
  storedActions,
  storedBlobs,
  storedClosures,
  type StoredFile,
  storedTrees,
  type StoreFolder,
} from "./inventory.ts";
import { temporaryFiles } from "./work_inventory.ts";
import { readJson } from "./json_file.ts";
import { isAlive } from "./machine.ts";
import type { ActionRecord } from "./record.ts";

/** An output whose bytes are not all in the store. */
export interface GoneOutput extends Use {
  /** How many of its files are gone; all, as the record says, if its tree is. */
  readonly files: number;
  /** The sum of their sizes. */
  readonly bytes: number;
  /** The list of its files is gone too. */
  readonly tree: boolean;
}

/** What was found. */
export interface Integrity {
  /** Sound records of actions. */
  readonly records: number;
  /** Lists of artifacts' files. */
  readonly trees: number;
  /** Files of artifacts, each once. */
  readonly blobs: number;
  /** The sum of their sizes. */
  readonly bytes: number;
  /** What is not what its name says. */
  readonly damaged: readonly Damage[];
  /** Outputs whose bytes are not all there. */
  readonly gone: readonly GoneOutput[];
  /** What killed writers left. */
  readonly temporary: readonly StoredFile[];
}

/** Milliseconds after which a temporary file, whose writer is not alive here, has none elsewhere. */
const LEFT_AFTER = 600_000;

/**
 * Checks a whole store. Nothing is changed, and nothing need stand still meanwhile.
 *
 * @param onProgress Told how many bytes of how many have been hashed.
 */
export async function checkIntegrity(
  store: StoreFolder,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Integrity> {
  const damaged: Damage[] = [];
  const records = await checkRecords(store, damaged);
  const damagedTrees = new Map<string, Damage & { readonly uses: Use[] }>();
  const trees = await checkTrees(store, damagedTrees);
  damaged.push(...damagedTrees.values());

  const blobs = storedBlobs(store);
  const present = new Set(blobs.map(({ digest }) => digest));
  const uses = new Map<string, Use[]>();
  const gone: GoneOutput[] = [];
  for (const { key, outputs, provenance: { experiment, stage } } of records) {
    for (const [output, { digest, files, bytes }] of Object.entries(outputs)) {
      const use = { key, experiment, stage, output };
      const tree = trees.get(digest);
      if (!tree) {
        damagedTrees.get(digest)?.uses.push(use);
        if (!damagedTrees.has(digest)) gone.push({ ...use, files, bytes, tree: true });
        continue;
      }
      const missing = tree.filter((entry) => !present.has(entry.digest));
      if (missing.length > 0) {
        const bytes = missing.reduce((sum, { size }) => sum + size, 0);
        gone.push({ ...use, files: missing.length, bytes, tree: false });
      }
      for (const { digest, name } of tree) {
        const known = uses.get(digest);
        if (known) known.push({ ...use, file: name });
        else uses.set(digest, [{ ...use, file: name }]);
      }
    }
  }

  const total = blobs.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  for (const { digest, path, bytes } of blobs) {
    const problem = await problemOf("blob", path, digest);
    done += bytes;
    onProgress(done, total);
    if (problem === undefined) continue;
    damaged.push({
      kind: "blob",
      path,
      name: digest,
      bytes,
      problem,
      uses: uses.get(digest) ?? [],
    });
  }
  await checkClosures(store, damaged);
  return {
    records: records.length,
    trees: trees.size + damagedTrees.size,
    blobs: blobs.length,
    bytes: total,
    damaged,
    gone,
    temporary: temporaryFiles(store).filter(isLeft),
  };
}

/** The sound records; damage is added. */
async function checkRecords(store: StoreFolder, damaged: Damage[]): Promise<ActionRecord[]> {
  const sound: ActionRecord[] = [];
  for (const { path, key: name, bytes } of storedActions(store)) {
    const problem = await problemOf("record", path, name);
    const record = problem === undefined ? readJson<ActionRecord>(path) : undefined;
    if (record) sound.push(record);
    if (problem !== undefined) {
      damaged.push({ kind: "record", path, name, bytes, problem, uses: [] });
    }
  }
  return sound;
}

/** The sound trees by digest; damage is added. */
async function checkTrees(
  store: StoreFolder,
  damaged: Map<string, Damage & { readonly uses: Use[] }>,
): Promise<Map<string, Tree>> {
  const sound = new Map<string, Tree>();
  for (const { digest: name, path, bytes } of storedTrees(store)) {
    const problem = await problemOf("tree", path, name);
    if (problem === undefined) sound.set(name, parseTree(await Deno.readTextFile(path)));
    else damaged.set(name, { kind: "tree", path, name, bytes, problem, uses: [] });
  }
  return sound;
}

async function checkClosures(store: StoreFolder, damaged: Damage[]): Promise<void> {
  for (const { digest: name, path, bytes } of storedClosures(store)) {
    const problem = await problemOf("listing", path, name);
    if (problem === undefined) continue;
    damaged.push({ kind: "listing", path, name, bytes, problem, uses: [] });
  }
}

/** Whether nobody writes a temporary file any more. */
function isLeft({ path, modified }: StoredFile): boolean {
  const pid = Number(/\.(\d+)-\d+-[0-9a-f]+\.tmp$/.exec(path)?.[1] ?? NaN);
  if (Number.isInteger(pid) && isAlive(pid)) return false;
  return Date.now() - modified > LEFT_AFTER;
}
