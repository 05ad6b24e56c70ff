/**
 * What a half-done search leaves on disk.
 *
 * @module
 */
import { readJson, writeJson } from "../formats/json_text.ts";
import { encodeNpy, readNpy } from "../formats/npy.ts";

/** A search between two chunks. */
export interface SearchState {
  /** Test clips done, counted through members and folds. */
  done: number;
  /** Votes (members, k, test, classes), row-major; zero where not done. */
  readonly votes: Float32Array<ArrayBuffer>;
  /** Neighbours that are their test clip's own performance, by member and k. */
  readonly twins: number[][];
}

/** Fills the folder of a checkpoint. */
export async function writeProgress(
  folder: string,
  { done, votes, twins }: SearchState,
): Promise<void> {
  await Deno.writeFile(`${folder}/votes.npy`, encodeNpy(votes, [votes.length]));
  await writeJson(`${folder}/progress.json`, { format: "knn_progress/1", done, twins });
}

/** Reads a checkpoint back, to the bit. */
export async function readProgress(folder: string): Promise<SearchState> {
  const { done, twins } = await readJson<Pick<SearchState, "done" | "twins">>(
    `${folder}/progress.json`,
  );
  const { data } = await readNpy(`${folder}/votes.npy`, "f4", 1);
  return { done, twins, votes: data };
}
