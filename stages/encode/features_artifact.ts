/**
 * The `features` artifact: one matrix of float32 per member, and beside it everything a probe needs
 * of the clips.
 *
 * @module
 */
import { writeJson } from "../formats/json_text.ts";
import { encodeNpy } from "../formats/npy.ts";
import { type FeatureStats, featureStats } from "../metrics/feature_stats.ts";
import type { RowMatrix } from "../metrics/row_matrix.ts";
import { clipsOrigin } from "../results/data_origin.ts";

/** Files of the `clips` artifact that are repeated in `features`. */
const CLIP_FILES = [
  "labels.npy",
  "subjects.npy",
  "names.npy",
  "cameras.npy",
  "setups.npy",
  "replications.npy",
] as const;

/** What `features.json` says apart from the statistics. */
export interface FeaturesHeader {
  /** Where the features come from, such as `encoder` or `raw coordinates`. */
  readonly source: string;
  /** Number of classes. */
  readonly classes: number;
  /** Names of the classes; empty where the data set has none. */
  readonly class_names: readonly string[];
  /** What else describes how they were made; JSON values. */
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Writes a `features` artifact.
 *
 * @param folder The (existing, empty) folder of the output.
 * @param clips The folder of the `clips` artifact whose labels, subjects and names are repeated.
 * @param members Features (N, D) by member, all of one shape; `MEMBER.npy` each.
 * @returns The statistics written for each member.
 * @throws {Error} If there is no member, the members' shapes differ, or a value is not finite.
 */
export async function writeFeatures(
  folder: string,
  clips: string,
  header: FeaturesHeader,
  members: ReadonlyMap<string, RowMatrix>,
): Promise<Readonly<Record<string, FeatureStats>>> {
  const [first] = members.values();
  if (first === undefined) throw new RangeError("features need at least one member");
  const stats: Record<string, FeatureStats> = {};
  for (const [member, matrix] of members) {
    if (matrix.rows !== first.rows || matrix.columns !== first.columns) {
      throw new RangeError(
        `${member}: expected features (${first.rows}, ${first.columns}), found ` +
          `(${matrix.rows}, ${matrix.columns})`,
      );
    }
    requireFinite(member, matrix, 0);
    await Deno.writeFile(
      `${folder}/${member}.npy`,
      encodeNpy(matrix.values, [matrix.rows, matrix.columns]),
    );
    stats[member] = featureStats(matrix);
  }
  for (const file of CLIP_FILES) await Deno.copyFile(`${clips}/${file}`, `${folder}/${file}`);
  await writeJson(`${folder}/features.json`, {
    format: "features/1",
    source: header.source,
    members: [...members.keys()],
    dim: first.columns,
    classes: header.classes,
    class_names: header.class_names,
    data: await clipsOrigin(clips),
    stats,
    ...header.details,
  });
  return stats;
}

/**
 * Refuses features that are not finite.
 *
 * @param matrix Features of neighbouring clips.
 * @param first Index of the first of them.
 * @throws {Error} If a value is not finite, naming member, column and clip.
 */
export function requireFinite(member: string, matrix: RowMatrix, first: number): void {
  const wrong = matrix.values.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return;
  throw new Error(
    `features of ${member}: value ${wrong % matrix.columns} of clip ` +
      `${first + Math.floor(wrong / matrix.columns)} is ${
        matrix.values[wrong]
      }; in eval mode the ` +
      "encoder is out of bounds: train it with a lower lr, or longer, so that its running " +
      "statistics follow its weights",
  );
}
