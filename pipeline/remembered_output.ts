/**
 * An output that a stage left in its last run, as a folder to be looked into for a while.
 *
 * @module
 */
import type { Store } from "./store/store.ts";
import { whileUsing } from "./store_guard.ts";
import { listed } from "./suggest.ts";
import { UsageError } from "./usage_error.ts";
import type { Call } from "./verb.ts";
import { rememberedStage } from "./verbs/remembered_stage.ts";

/**
 * Lays the output's files in a folder, hands it to `use` and removes it again. The files are links to
 * the store's bytes where they can be, so that nothing large is copied; they may only be read.
 *
 * @param reference `STAGE`, where it has one output, or `STAGE.OUTPUT`.
 * @returns What `use` returns.
 * @throws {UsageError} If nothing was run yet, or the last run has no such stage or output.
 */
export async function withRememberedOutput<T>(
  call: Call,
  reference: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const { store, stage, output } = await rememberedStage(
    call,
    reference,
    call.value("experiment"),
    true,
  );
  const names = stage.outputs.map(({ name }) => name);
  const found = stage.outputs.filter(({ name }) => output === undefined || name === output);
  const [only] = found;
  if (only === undefined || found.length > 1) {
    throw new UsageError(
      names.length === 0
        ? `stage ${stage.id} left no outputs in its last run: it ${stage.status}`
        : `stage ${stage.id} has the outputs ${listed(names)}: say which, as ${stage.id}.${
          names[0]
        }`,
    );
  }
  const folder = temporaryFolder(store);
  try {
    await whileUsing(store, () => store.materialise(only.digest, `${folder}/${only.name}`));
    return await use(`${folder}/${only.name}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A new folder on the store's disk, where links are possible; elsewhere if the store is read-only. */
function temporaryFolder({ root }: Store): string {
  try {
    return Deno.makeTempDirSync({ dir: `${root}/local`, prefix: "look-" });
  } catch {
    return Deno.makeTempDirSync({ prefix: "skelrun-look-" });
  }
}
