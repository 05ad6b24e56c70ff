/**
 * Checkpoints of an action: `checkpoint-N/` folders, and the file `current` that names the one that
 * counts. A checkpoint is current only when all of it is on the disk; the one before goes then.
 *
 * @module
 */

/** The current checkpoint of a folder, or undefined. */
export function currentCheckpoint(folder: string): { number: number; path: string } | undefined {
  let name;
  try {
    name = Deno.readTextFileSync(`${folder}/current`).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const number = Number(/^checkpoint-(\d+)$/.exec(name)?.[1] ?? NaN);
  if (!Number.isInteger(number)) throw new Error(`${folder}/current names no checkpoint: ${name}`);
  return { number, path: `${folder}/${name}` };
}

/**
 * Saves a checkpoint.
 *
 * @param folder The folder of an action's checkpoints.
 * @param write Fills the folder it is given.
 * @returns The new checkpoint's number.
 */
export async function saveCheckpoint(
  folder: string,
  write: (folder: string) => Promise<void>,
): Promise<number> {
  const before = currentCheckpoint(folder);
  const number = (before?.number ?? 0) + 1;
  const path = `${folder}/checkpoint-${number}`;
  await remove(`${path}.tmp`);
  await remove(path);
  await Deno.mkdir(`${path}.tmp`);
  await write(`${path}.tmp`);
  flushAll(`${path}.tmp`);
  await Deno.rename(`${path}.tmp`, path);
  flush(folder);
  await Deno.writeTextFile(`${folder}/current.tmp`, `checkpoint-${number}\n`);
  flush(`${folder}/current.tmp`);
  await Deno.rename(`${folder}/current.tmp`, `${folder}/current`);
  flush(folder);
  if (before) await remove(before.path);
  return number;
}

/** Removes what a killed attempt left: all but the current checkpoint. */
export async function tidyCheckpoints(folder: string): Promise<void> {
  const current = currentCheckpoint(folder);
  for await (const { name } of Deno.readDir(folder)) {
    if (name !== "current" && `${folder}/${name}` !== current?.path) {
      await remove(`${folder}/${name}`);
    }
  }
}

async function remove(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function flush(path: string): void {
  using file = Deno.openSync(path, { read: true });
  file.syncSync();
}

function flushAll(folder: string): void {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) flushAll(`${folder}/${name}`);
    else flush(`${folder}/${name}`);
  }
  flush(folder);
}
