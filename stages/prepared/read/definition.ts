/**
 * The stage `read_prepared`: files that others prepared, in the forms of CTR-GCN, ST-GCN and PYSKL, to
 * clips of coordinates with the splits that came along.
 *
 * @module
 */
import { z } from "zod";
import type { StageDefinition } from "../../../pipeline/stage.ts";
import { PROTOCOL_FORM } from "../../clips/shipped_splits.ts";
import { PREPARED_FORMS } from "../prepared_source.ts";

/** Parameters of `read_prepared`. */
export const readPreparedParams = z.strictObject({
  form: z.enum(["auto", ...PREPARED_FORMS]).default("auto").describe(
    "ctr_gcn: .npz with x_train, y_train, x_test, y_test. st_gcn: folder with train_data.npy or " +
      "train_position.npy, train_label.pkl and the same for val. pyskl: pickle with split and " +
      "annotations. auto tells from what is there",
  ),
  dataset: z.enum(["auto", "prepared", "ntu"]).default("auto").describe(
    "ntu: every clip's name must be NTU's, and NTU's own splits can be asked for; prepared: only " +
      "splits that came along can; auto: ntu if all names are NTU's",
  ),
  protocol: z.string().regex(PROTOCOL_FORM, "expected a word such as xsub").default("given")
    .describe(
      "what the split is called where the files do not say: those of ctr_gcn and st_gcn",
    ),
  bodies: z.literal([1, 2]).default(2).describe("slots for bodies; further ones are left off"),
  classes: z.int().min(1).max(10_000).optional().describe(
    "number of classes; left out: what the files have room for, or the largest label found",
  ),
});

/** Parameters of `read_prepared` after defaults. */
export type ReadPreparedParams = z.output<typeof readPreparedParams>;

/** See the module's page. */
export const readPrepared: StageDefinition<typeof readPreparedParams> = {
  name: "read_prepared",
  summary: "Reads files that others prepared (CTR-GCN, ST-GCN, PYSKL) with their splits",
  params: readPreparedParams,
  inputs: {
    prepared: {
      type: "prepared_files",
      summary: ".npz or .pkl file, or a folder of .npy and .pkl files",
      external: true,
    },
  },
  outputs: { raw: { type: "raw_clips", summary: "coordinates per frame, index and report" } },
  entry: new URL("./entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 1024 },
  facts: ({ dataset, bodies, classes }) => ({
    raw: {
      ...(dataset === "auto" ? {} : { dataset }),
      joints: 25,
      bodies,
      ...(classes === undefined ? {} : { classes }),
    },
  }),
};
