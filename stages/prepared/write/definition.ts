/**
 * The stage `write_prepared`: clips to the forms of files that others' code reads.
 *
 * @module
 */
import { z } from "zod";
import type { StageDefinition } from "../../../pipeline/stage.ts";
import { PREPARED_FORMS } from "../prepared_source.ts";

/** Parameters of `write_prepared`. */
export const writePreparedParams = z.strictObject({
  form: z.enum(PREPARED_FORMS).default("ctr_gcn").describe(
    "ctr_gcn: prepared.npz with x_train, y_train, x_test, y_test. st_gcn: train_data.npy, " +
      "train_label.pkl and the same for val. pyskl: prepared.pkl with split and annotations",
  ),
  frames: z.int().min(1).max(20_000).optional().describe(
    "frames that ctr_gcn and st_gcn are padded to with zeros; left out: 300 for parsed recordings, " +
      "the clips' own length for normalised clips",
  ),
  protocol: z.string().optional().describe(
    "which of the splits that came with the recordings, where no split is given; left out: the only " +
      "one. pyskl holds them all",
  ),
  fold: z.string().optional().describe("which fold of the split given; left out: the only one"),
  compress: z.boolean().default(false).describe("pack the .npz, as numpy.savez_compressed does"),
  keypoint: z.enum(["float32", "float16"]).default("float32").describe(
    "numbers of pyskl's keypoint; float16, as its own files have, keeps three digits",
  ),
});

/** Parameters of `write_prepared` after defaults. */
export type WritePreparedParams = z.output<typeof writePreparedParams>;

/** See the module's page. */
export const writePrepared: StageDefinition<typeof writePreparedParams> = {
  name: "write_prepared",
  summary: "Writes clips as files for others' code (CTR-GCN, ST-GCN, PYSKL)",
  params: writePreparedParams,
  inputs: {
    raw: { type: "raw_clips", summary: "parsed recordings to write", optional: true },
    clips: {
      type: "clips",
      summary: "normalised clips to write; beside raw, only what the split's indices mean",
      optional: true,
    },
    split: { type: "split", summary: "which clips train and which test", optional: true },
  },
  outputs: { prepared: { type: "prepared_files", summary: "files of the form asked for" } },
  entry: new URL("./entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 512 },
  check: (_params, inputs) =>
    Object.hasOwn(inputs, "raw") || Object.hasOwn(inputs, "clips") ? [] : [{
      path: [],
      message: "expected the input raw (parsed recordings) or clips (normalised ones), found " +
        `neither; add "raw: STAGE.raw" or "clips: STAGE.clips" under its inputs`,
    }],
};
