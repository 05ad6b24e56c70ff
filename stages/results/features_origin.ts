/**
 * What features say of the clips and the encoder that they come from.
 *
 * @module
 */
import { readJson } from "../formats/json_text.ts";
import type { DataOrigin } from "./data_origin.ts";
import type { EncoderOrigin } from "./result_file.ts";

/** The origin of a result, to be spread into what `writeResult` is given. */
export interface Origin {
  /** The recordings; absent where nobody says. */
  readonly data?: DataOrigin;
  /** Absent where there is no encoder. */
  readonly encoder?: EncoderOrigin;
}

/**
 * Reads where features come from.
 *
 * @param folder Of a `features` artifact.
 */
export async function featuresOrigin(folder: string): Promise<Origin> {
  const { data, encoder } = await readJson<Origin>(`${folder}/features.json`);
  return {
    ...(data === undefined ? {} : { data }),
    ...(encoder === undefined ? {} : { encoder }),
  };
}
