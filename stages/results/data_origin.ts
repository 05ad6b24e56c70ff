/**
 * Where the clips of a result come from: what decides which of a data set's classes two people perform,
 * and what a number may claim.
 *
 * @module
 */
import { readJson } from "../formats/json_text.ts";
import { type LabelledSet, mutualClasses } from "../skeleton/mutual_classes.ts";

/** The recordings behind a result, as parsing and normalising them found them. */
export interface DataOrigin extends LabelledSet {
  /** All clips, those included that neither train nor test. */
  readonly clips: number;
  /** Frames of a clip, T. */
  readonly frames: number;
  /** Bodies of a clip, M. */
  readonly bodies: number;
  /** Read from arrays that somebody prepared, which do not tell recordings from made-up ones. */
  readonly prepared?: true;
}

type Described = Omit<DataOrigin, "mutual"> & { readonly mutual?: readonly number[] };

/**
 * Reads where clips come from.
 *
 * @param folder Of a `clips` artifact.
 */
export async function clipsOrigin(folder: string): Promise<DataOrigin> {
  return originOf(await readJson<Described>(`${folder}/meta.json`));
}

function originOf(
  { dataset, classes, clips, frames, bodies, synthetic, prepared, mutual }: Described,
): DataOrigin {
  const labelled = { dataset, classes, synthetic, mutual };
  const pairs = mutualClasses(labelled);
  return {
    dataset,
    classes,
    clips,
    frames,
    bodies,
    ...(synthetic ? { synthetic } : {}),
    ...(prepared ? { prepared } : {}),
    ...(pairs === undefined ? {} : { mutual: pairs }),
  };
}
