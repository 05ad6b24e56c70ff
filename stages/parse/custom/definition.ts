/**
 * The stage `parse_custom`: anyone's own recordings, as arrays in `.npy` files with a table of names,
 * labels and subjects, to clips of coordinates of NTU's 25 joints.
 *
 * @module
 */
import { z } from "zod";
import { JOINTS } from "../../skeleton/joints.ts";
import type { Facts, StageDefinition } from "../../../pipeline/stage.ts";
import { ALL_CORES } from "../../kernels/kernels_input.ts";
import { CUSTOM_WORKER } from "./custom_worker_url.ts";

/** Parameters of `parse_custom`. */
export const parseCustomParams = z.strictObject({
  layout: z.string().regex(
    /^(?!.*(.).*\1)(?=.*T)(?=.*V)(?=.*C)[TVCM]{3,4}$/,
    "expected the letters T, V and C, and M where there are several bodies, each once: such as TVC",
  ).default("TVC").describe(
    "The axes of an array, slowest first: T frames, V joints, C coordinates (3), M bodies: such as " +
      "TVC, MTVC, TMVC or CTVM. An array with one axis less than a layout with M has one body",
  ),
  joints: z.union([
    z.enum(["kinect_v2", "kinect_v1"]),
    z.array(z.int().min(0).max(999)).length(JOINTS),
  ]).default("kinect_v2").describe(
    "Which joints the arrays hold: kinect_v2 (25, in NTU's order), kinect_v1 (20, in NW-UCLA's " +
      "order), or for each of the 25 the index of the array's joint to take, from 0",
  ),
  bodies: z.literal([1, 2]).default(1).describe(
    "Slots for bodies; of arrays with more bodies the first ones are kept",
  ),
  scale: z.number().positive().default(1).describe(
    "What coordinates are multiplied by to be metres: 0.001 for millimetres",
  ),
  up: z.enum(["y", "z", "-y"]).default("y").describe(
    "The axis that points up. z: (x, y, z) becomes (x, z, -y); -y: (x, -y, -z)",
  ),
  list: z.string().min(1).default("clips.csv").describe(
    "Name of the table in the folder or archive, with a line of column names: name, label, and " +
      "where known subject, camera, setup, replication, split_PROTOCOL (train or test)",
  ),
  first_label: z.literal([0, 1]).default(0).describe(
    "The number of the first class, where labels are numbers",
  ),
  class_names: z.array(z.string().trim().min(1)).min(1).max(10_000).optional().describe(
    "The classes in the order of their labels; left out: labels that are words are numbered in " +
      "lexicographic order, and labels that are numbers have no names",
  ),
  per_class: z.int().min(1).optional().describe(
    "Take up to so many clips of each class, evenly over subjects and cameras",
  ),
});

/** Parameters of `parse_custom` after defaults. */
export type ParseCustomParams = z.output<typeof parseCustomParams>;

function rawFacts({ bodies, class_names, per_class }: ParseCustomParams): Facts {
  const classes = class_names?.length;
  return {
    dataset: "custom",
    joints: JOINTS,
    bodies,
    ...(classes === undefined ? {} : { classes }),
    ...(classes === undefined || per_class === undefined ? {} : { clips: classes * per_class }),
  };
}

/** See the module's page. */
export const parseCustom: StageDefinition<typeof parseCustomParams> = {
  name: "parse_custom",
  summary: "Reads your own recordings, .npy arrays with a table of labels, into coordinates",
  params: parseCustomParams,
  inputs: {
    recordings: {
      type: "recordings",
      summary: "folder (searched in depth) or .zip of .npy arrays, with clips.csv",
      external: true,
    },
  },
  outputs: { raw: { type: "raw_clips", summary: "coordinates per frame, index and parse report" } },
  entry: new URL("./entry.ts", import.meta.url).href,
  roots: [CUSTOM_WORKER],
  resources: { cores: ALL_CORES, memoryMiB: 1024 },
  facts: (params) => ({ raw: rawFacts(params) }),
  check: ({ class_names: names = [] }) => {
    const twice = names.find((name, i) => names.indexOf(name) < i);
    return twice === undefined
      ? []
      : [{ path: ["class_names"], message: `${JSON.stringify(twice)} is listed twice` }];
  },
};
