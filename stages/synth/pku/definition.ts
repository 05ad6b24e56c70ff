/**
 * The stage `synth_pku`: long videos in the form of PKU-MMD I or II, with label and split files, made
 * from the same kinematic model as `synth`.
 *
 * @module
 */
import { z } from "zod";
import type { Facts, Problem, StageDefinition } from "../../../pipeline/stage.ts";
import { synthParams } from "../definition.ts";
import { actsOfVideo, testPerformers, videoNames } from "./programme.ts";

/** Parameters that mean the same as in `synth`. */
const shared = synthParams.pick({
  noise: true,
  amplitude_spread: true,
  tempo_spread: true,
  height_spread: true,
  proportion_spread: true,
  turn_spread: true,
  nuisance: true,
  two_body: true,
  missing: true,
  crlf: true,
  seed: true,
}).shape;

const length = () => z.int().min(0).max(2000);

/** Parameters of `synth_pku`. */
export const synthPkuParams = z.strictObject({
  part: z.literal([1, 2]).default(2).describe(
    "names as in part I (0002-L) or part II (A01N01-L)",
  ),
  actions: z.int().min(1).max(51).default(10).describe("classes"),
  performers: z.int().min(1).max(66).default(5).describe("people; at most 13 in part II"),
  sequences: z.int().min(1).max(99).default(4).describe(
    "videos of each performer, from each camera",
  ),
  per_video: z.int().min(1).max(99).default(6).describe("actions in a video"),
  cameras: z.int().min(1).max(3).default(3).describe("cameras that film each video: L, M, R"),
  frames: z.tuple([z.int().min(2).max(2000), z.int().min(2).max(2000)]).default([40, 140]).describe(
    "shortest and longest action, at 30 frames a second",
  ),
  pause: z.tuple([length(), length()]).default([5, 40]).describe(
    "shortest and longest time between actions, in frames",
  ),
  empty: z.number().min(0).max(1).default(0).describe(
    "share of the actions during which a camera sees nobody: all coordinates are zero",
  ),
  ...shared,
});

/** Parameters of `synth_pku` after defaults. */
export type SynthPkuParams = z.output<typeof synthPkuParams>;

/** Counts of the clips, also by side of each split where no clip may be empty. */
export function synthPkuFacts(params: SynthPkuParams): Facts {
  const names = videoNames(params);
  const perVideo = actsOfVideo(params, names[0]!).length;
  const test = testPerformers(params);
  const sides: Record<string, number> = {};
  const count = (protocol: string, tests: (name: typeof names[number]) => boolean) => {
    const testing = names.filter(tests).length;
    sides[`clips_${protocol}_train`] = (names.length - testing) * perVideo;
    sides[`clips_${protocol}_test`] = testing * perVideo;
  };
  if (params.empty === 0) {
    count("xsub", ({ performer }) => test.has(performer));
    count("xview", ({ camera }) => camera === 1);
  }
  return {
    dataset: "pku",
    files: names.length,
    clips: names.length * perVideo,
    classes: params.actions,
    joints: 25,
    bodies: 2,
    splits: "xsub xview",
    ...sides,
  };
}

/** Rules that the schema cannot state. */
export function synthPkuProblems(params: SynthPkuParams): Problem[] {
  const problems: Problem[] = [];
  for (const name of ["frames", "pause"] as const) {
    const [shortest, longest] = params[name];
    if (shortest <= longest) continue;
    const message =
      `expected the shortest length before the longest, found ${shortest} before ${longest}`;
    problems.push({ path: [name], message });
  }
  if (params.part === 2 && params.performers > 13) {
    const message = `part II has 13 people, found ${params.performers}: use part 1 for more`;
    problems.push({ path: ["performers"], message });
  }
  return problems;
}

/** See the module's page. */
export const synthPku: StageDefinition<typeof synthPkuParams> = {
  name: "synth_pku",
  summary: "Makes synthetic PKU-MMD videos with labels and splits, and the truth beside them",
  params: synthPkuParams,
  inputs: {},
  outputs: {
    recordings: { type: "recordings", summary: "Data/, Label/, Split/ and truth.json" },
  },
  entry: new URL("./entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 512 },
  facts: (params) => ({ recordings: synthPkuFacts(params) }),
  check: synthPkuProblems,
};
