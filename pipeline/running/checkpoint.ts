/**
 * Checkpoints of an action: `checkpoint-N/` folders. One is written and flushed under another name and
 * gets its own by a rename, so whatever has the name is complete; the highest number counts.
 *
 * @module
 */

/** The current checkpoint of a folder, or undefined. */
export function currentCheckpoint(folder: string): { number: number; path: string } | undefined {
  let highest = 0;
  try {
    for (const { name } of Deno.readDirSync(folder)) {
      highest = Math.max(highest, Number(/^checkpoint-([1-9]\d*)$/.exec(name)?.[1] ?? 0));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (highest === 0) return undefined;
  return { number: highest, path: `${folder}/checkpoint-${highest}` };
}

/**
 * Saves a checkpoint, and removes the one before.
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
  await Deno.mkdir(`${path}.tmp`);
  await write(`${path}.tmp`);
  flushAll(`${path}.tmp`);
  await Deno.rename(`${path}.tmp`, path);
  flush(folder);
  if (before) await remove(before.path);
  return number;
}

/** Removes what a killed attempt left: all but the current checkpoint. */
export async function tidyCheckpoints(folder: string): Promise<void> {
  const current = currentCheckpoint(folder);
  for await (const { name } of Deno.readDir(folder)) {
    if (`${folder}/${name}` !== current?.path) await remove(`${folder}/${name}`);
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
