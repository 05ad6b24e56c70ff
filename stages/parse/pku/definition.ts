/**
 * The stage `parse_pku`: the long videos of PKU-MMD I or II, cut into clips by their label files
 * (method section 1.4).
 *
 * @module
 */
import { z } from "zod";
import type { Facts, StageDefinition } from "../../../pipeline/stage.ts";
import { ALL_CORES } from "../../kernels/kernels_input.ts";
import { CUTS } from "./cut.ts";
import { PKU_WORKER } from "./pku_worker_url.ts";

/** Parameters of `parse_pku`. */
export const parsePkuParams = z.strictObject({
  part: z.literal([1, 2]).optional().describe(
    "part of the data set, where the recordings hold both; left out: as the names say",
  ),
  cut: z.enum(CUTS).default("aimclr").describe(
    "frames of a labelled action. aimclr: start to end, the middle 300 of more. cmd: without the " +
      "first frame, the first 300 of more",
  ),
  overhang: z.enum(["leave_out", "shorten"]).default("leave_out").describe(
    "an action that ends after its video: leave it out, or take the frames that there are, as " +
      "scripts do that slice arrays",
  ),
  bodies: z.literal([1, 2]).default(2).describe("slots for bodies, in the order of the files"),
  per_class: z.int().min(1).optional().describe(
    "take up to so many clips of each class, evenly over subjects and cameras",
  ),
});

/** Parameters of `parse_pku` after defaults. */
export type ParsePkuParams = z.output<typeof parsePkuParams>;

const CLASSES = 51;

function rawFacts({ bodies, per_class }: ParsePkuParams, recordings: Facts | undefined): Facts {
  const classes = typeof recordings?.classes === "number" ? recordings.classes : CLASSES;
  const most = Math.min(
    typeof recordings?.clips === "number" ? recordings.clips : Infinity,
    per_class === undefined ? Infinity : classes * per_class,
  );
  // With all clips taken, the counts of the recordings' splits hold for the clips.
  return {
    ...(per_class === undefined ? recordings : {}),
    dataset: "pku",
    joints: 25,
    bodies,
    classes,
    ...(Number.isFinite(most) ? { clips: most } : {}),
  };
}

/** See the module's page. */
export const parsePku: StageDefinition<typeof parsePkuParams> = {
  name: "parse_pku",
  summary: "Cuts the long videos of PKU-MMD into clips of coordinates; lists what it cannot use",
  params: parsePkuParams,
  inputs: {
    recordings: {
      type: "recordings",
      summary: "folder (searched in depth) or .zip of skeleton, label and split files",
      external: true,
    },
  },
  outputs: { raw: { type: "raw_clips", summary: "coordinates per frame, index and parse report" } },
  entry: new URL("./entry.ts", import.meta.url).href,
  roots: [PKU_WORKER],
  resources: { cores: ALL_CORES, memoryMiB: 1024 },
  facts: (params, inputs) => ({ raw: rawFacts(params, inputs.recordings) }),
};
