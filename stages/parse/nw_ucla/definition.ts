/**
 * The stage `parse_nw_ucla`: the JSON files of Northwestern-UCLA Multiview Action3D to clips of
 * coordinates of NTU's 25 joints and one body.
 *
 * @module
 */
import { z } from "zod";
import type { StageDefinition } from "../../../pipeline/stage.ts";

/** Parameters of `parse_nw_ucla`. */
export const parseNwUclaParams = z.strictObject({
  bodies: z.literal([1, 2]).default(1).describe(
    "slots for bodies; a second one stays empty, as it does in NTU's clips of one person",
  ),
  per_class: z.int().min(1).optional().describe(
    "take up to so many clips of each class, evenly over subjects and views",
  ),
});

/** Parameters of `parse_nw_ucla` after defaults. */
export type ParseNwUclaParams = z.output<typeof parseNwUclaParams>;

/** See the module's page. */
export const parseNwUcla: StageDefinition<typeof parseNwUclaParams> = {
  name: "parse_nw_ucla",
  summary: "Reads Northwestern-UCLA skeletons into coordinates; lists what it cannot use",
  params: parseNwUclaParams,
  inputs: {
    recordings: {
      type: "recordings",
      summary: "folder (searched in depth) or .zip of aAA_sSS_eEE_vVV.json files",
      external: true,
    },
  },
  outputs: { raw: { type: "raw_clips", summary: "coordinates per frame, index and parse report" } },
  entry: new URL("./entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 512 },
  facts: ({ bodies, per_class }) => ({
    raw: {
      dataset: "nw_ucla",
      joints: 25,
      bodies,
      classes: 10,
      ...(per_class === undefined ? {} : { clips: 10 * per_class }),
    },
  }),
};
