/**
 * The stage `parse_ntu`: NTU RGB+D `.skeleton` files to clips of coordinates (method sections 1.1 to
 * 1.3).
 *
 * @module
 */
import { z } from "zod";
import type { Facts, PortFacts, StageDefinition } from "../../../pipeline/stage.ts";
import { ALL_CORES } from "../../kernels/kernels_input.ts";
import { NTU_WORKER } from "./ntu_worker_url.ts";

/** Parameters of `parse_ntu`. */
export const parseNtuParams = z.strictObject({
  dataset: z.enum(["ntu", "ntu60", "ntu120"]).default("ntu").describe(
    "ntu60 keeps actions 1 to 60, ntu120 actions 1 to 120; ntu takes any recordings of that form, " +
      "such as synthetic ones",
  ),
  bodies: z.literal([1, 2]).default(2).describe(
    "slots for bodies; bodySelect says which are kept",
  ),
  bodySelect: z.enum(["first2", "energy"]).default("first2").describe(
    "which bodies are kept: first2 takes those that each frame lists first; energy follows bodies by " +
      "bodyID, drops those that are wider than people are, and takes those that move most",
  ),
  missing: z.enum(["dataset", "none", "ntu60", "ntu120"]).default("dataset").describe(
    "published list of clips with missing skeletons to leave out; dataset takes that of the data set",
  ),
  classes: z.int().min(1).max(999).optional().describe(
    "number of classes; left out: that of ntu60 or ntu120, of the synthetic truth, or the largest " +
      "label found",
  ),
  per_class: z.int().min(1).optional().describe(
    "take up to so many clips of each class, evenly over subjects and cameras",
  ),
});

/** Parameters of `parse_ntu` after defaults. */
export type ParseNtuParams = z.output<typeof parseNtuParams>;

/** Facts of the recordings survive as upper bounds; counts per split only if nothing is left out. */
function rawFacts(params: ParseNtuParams, inputs: PortFacts): Facts {
  const recordings = together(Object.values(inputs));
  const whole = params.per_class === undefined && params.dataset === "ntu" &&
    (params.missing === "dataset" || params.missing === "none");
  const classes = params.classes ?? { ntu: recordings?.classes, ntu60: 60, ntu120: 120 }[
    params.dataset
  ];
  const most = Math.min(
    ...[recordings?.clips, recordings?.files].filter((count) => typeof count === "number"),
    typeof classes === "number" ? classes * (params.per_class ?? Infinity) : Infinity,
  );
  return {
    ...(whole ? recordings : {}),
    dataset: "ntu",
    joints: 25,
    bodies: params.bodies,
    ...(classes === undefined ? {} : { classes }),
    ...(Number.isFinite(most) ? { clips: most } : {}),
  };
}

/** Facts of one input are known as they are; of several together at most the number of files is. */
function together(inputs: readonly (Facts | undefined)[]): Facts | undefined {
  if (inputs.length < 2) return inputs[0];
  const files = inputs.map((facts) => facts?.files);
  return files.every((count) => typeof count === "number")
    ? { files: files.reduce((sum, count) => sum + count, 0) }
    : undefined;
}

/** See the module's page. */
export const parseNtu: StageDefinition<typeof parseNtuParams> = {
  name: "parse_ntu",
  summary: "Reads NTU RGB+D .skeleton files into coordinates; lists what it cannot use",
  params: parseNtuParams,
  inputs: {
    recordings: {
      type: "recordings",
      summary:
        "folder (searched in depth; archives in it are looked into) or .zip of .skeleton files",
      external: true,
    },
    "*": {
      type: "recordings",
      summary: "further folders and archives; a clip in several of them counts once",
      external: true,
    },
  },
  outputs: { raw: { type: "raw_clips", summary: "coordinates per frame, index and parse report" } },
  entry: new URL("./entry.ts", import.meta.url).href,
  roots: [NTU_WORKER],
  resources: { cores: ALL_CORES, memoryMiB: 1024 },
  facts: (params, inputs) => ({ raw: rawFacts(params, inputs) }),
};
