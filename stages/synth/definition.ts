/**
 * The stage `synth`: recordings in the exact form of NTU RGB+D, made from a kinematic model whose
 * truth is known.
 *
 * @module
 */
import { z } from "zod";
import type { Facts, Problem, StageDefinition } from "../../pipeline/stage.ts";
import { NTU_PROTOCOLS, trainsInNtu } from "../split/ntu_protocols.ts";
import { MOST_PERFORMERS, recordingNames } from "./cast.ts";

const share = () => z.number().min(0).max(1);

/** Parameters of `synth`. */
export const synthParams = z.strictObject({
  actions: z.int().min(1).max(120).default(10).describe("classes"),
  performers: z.int().min(1).max(MOST_PERFORMERS).default(6).describe(
    "people, in turn from the training and the test half of NTU's cross-subject split",
  ),
  setups: z.int().min(1).max(32).default(1).describe("places where the cameras stand"),
  cameras: z.int().min(1).max(3).default(3).describe("cameras that film each performance"),
  replications: z.int().min(1).max(99).default(2).describe(
    "times that everyone performs everything: odd ones facing camera 2, even ones camera 3",
  ),
  frames: z.tuple([z.int().min(2).max(300), z.int().min(2).max(300)]).default([40, 140]).describe(
    "shortest and longest recording, at 30 frames a second",
  ),
  noise: z.number().min(0).max(1).default(0.012).describe(
    "standard deviation of a well seen joint, in metres, 3 m from the sensor",
  ),
  amplitude_spread: z.number().min(0).max(2).default(0.3).describe(
    "how much performers differ in the size of their movements (of its logarithm)",
  ),
  tempo_spread: z.number().min(0).max(2).default(0.25).describe(
    "how much performers differ in speed (of its logarithm)",
  ),
  height_spread: z.number().min(0).max(0.6).default(0.2).describe(
    "how much taller or shorter than 1.72 m performers may be, in metres",
  ),
  proportion_spread: z.number().min(0).max(0.5).default(0.05).describe(
    "share by which each of a performer's bones may be longer or shorter than the height says",
  ),
  turn_spread: z.number().min(0).max(1.5).default(0.15).describe(
    "how far performers turn away from the camera they should face, radians (times the nuisance)",
  ),
  nuisance: z.number().min(0).max(5).default(1).describe(
    "movement that tells nothing of the action: sway, turning, fidgeting, a second part that joins in",
  ),
  two_body: share().default(0.2).describe("share of the actions that two people do together"),
  missing: share().default(0.1).describe("share of the recordings in which a body goes missing"),
  passers_by: share().default(0.03).describe(
    "share of the recordings in which further bodies are listed for some frames",
  ),
  crlf: share().default(0.5).describe("share of the files with CRLF line ends; the others have LF"),
  seed: z.int().min(0).default(0).describe("everything random follows from it"),
});

/** Parameters of `synth` after defaults. */
export type SynthParams = z.output<typeof synthParams>;

/** Counts of the recordings, also by side of each NTU protocol (`clips_xsub_train` ...). */
export function synthFacts(params: SynthParams): Facts {
  const names = recordingNames(params);
  const bySide: Record<string, number> = {};
  for (const protocol of NTU_PROTOCOLS) {
    const train = names.filter((name) =>
      trainsInNtu(protocol, { subject: name.performer, camera: name.camera, setup: name.setup })
    ).length;
    bySide[`clips_${protocol}_train`] = train;
    bySide[`clips_${protocol}_test`] = names.length - train;
  }
  return {
    dataset: "ntu",
    files: names.length,
    clips: names.length,
    classes: params.actions,
    joints: 25,
    bodies: 2,
    ...bySide,
  };
}

/** Rules that the schema cannot state. */
export function synthProblems(params: SynthParams): Problem[] {
  const [shortest, longest] = params.frames;
  return shortest <= longest ? [] : [{
    path: ["frames"],
    message: `expected the shortest length before the longest, found ${shortest} before ${longest}`,
  }];
}

/** See the module's page. */
export const synth: StageDefinition<typeof synthParams> = {
  name: "synth",
  summary: "Makes synthetic NTU RGB+D recordings, with the truth beside them",
  params: synthParams,
  inputs: {},
  outputs: {
    recordings: { type: "recordings", summary: "skeletons/*.skeleton and truth.json" },
  },
  entry: new URL("./entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 512 },
  facts: (params) => ({ recordings: synthFacts(params) }),
  check: synthProblems,
};
