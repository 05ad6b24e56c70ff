/**
 * Half-done work: panels that are finished, and the one on its way.
 *
 * @module
 */
import { readJson, writeJson } from "../formats/json_text.ts";
import { encodeNpy, readNpy } from "../formats/npy.ts";
import { Embedding } from "./embedding.ts";
import type { PanelFigures } from "./laid_out.ts";

/** A panel at its end. */
export interface FinishedPanel {
  /** All x, then all y. */
  readonly points: Float64Array<ArrayBuffer>;
  readonly figures: PanelFigures;
}

interface ProgressJson {
  /** Figures of the finished panels: JSON keeps every bit of a number. */
  readonly finished: readonly PanelFigures[];
  /** Iterations done of the panel after them; absent where none was begun. */
  readonly done?: number;
}

/** Saves a checkpoint into an empty folder. */
export async function saveProgress(
  folder: string,
  finished: readonly FinishedPanel[],
  current?: Embedding,
): Promise<void> {
  for (const [at, { points }] of finished.entries()) {
    await Deno.writeFile(`${folder}/${at}.npy`, encodeNpy(points, [2, points.length / 2]));
  }
  const progress: ProgressJson = { finished: finished.map(({ figures }) => figures) };
  if (current !== undefined) {
    const { state } = current;
    await Deno.writeFile(`${folder}/current.npy`, encodeNpy(state, [6, state.length / 6]));
  }
  await writeJson(`${folder}/progress.json`, { ...progress, done: current?.done });
}

/** Reads what {@link saveProgress} wrote. */
export async function readProgress(
  folder: string,
): Promise<{ readonly finished: readonly FinishedPanel[]; readonly current?: Embedding }> {
  const { finished, done } = await readJson<ProgressJson>(`${folder}/progress.json`);
  const panels: FinishedPanel[] = [];
  for (const [at, figures] of finished.entries()) {
    panels.push({ points: (await readNpy(`${folder}/${at}.npy`, "f8", 2)).data, figures });
  }
  if (done === undefined) return { finished: panels };
  const { data } = await readNpy(`${folder}/current.npy`, "f8", 2);
  return { finished: panels, current: Embedding.from(data, done) };
}
