/**
 * The stage `split`: which clips train and which test, by a protocol of their data set.
 *
 * @module
 */
import { z } from "zod";
import type { Facts, Problem, StageDefinition } from "../../pipeline/stage.ts";
import { PROTOCOL_FORM, shippedProtocols } from "../clips/shipped_splits.ts";
import { PROTOCOL_NAMES, protocolProblem, PROTOCOLS } from "./divide.ts";

/** Parameters of `split`. */
export const splitParams = z.strictObject({
  protocol: z.string().regex(PROTOCOL_FORM, "expected a word such as xsub").default("xsub").meta({
    description:
      "xsub: other subjects test. xview: another camera tests. xset (ntu): odd setups test. " +
      "xview_loso (nw_ucla): xview, once per subject, who does not train. view_swap, " +
      "view_swap_new (nw_ucla): to choose settings by, without the test view. Or any split that " +
      "came with the recordings, by its name: it goes before a rule of that name",
    examples: [...PROTOCOL_NAMES],
  }),
});

/** Parameters of `split` after defaults. */
export type SplitParams = z.output<typeof splitParams>;

/** Clips on both sides, where the facts of the clips tell (`clips_xsub_train` ...). */
function sides(
  params: SplitParams,
  clips: Facts | undefined,
): { train: number; test: number } | undefined {
  const train = clips?.[`clips_${params.protocol}_train`];
  const test = clips?.[`clips_${params.protocol}_test`];
  return typeof train === "number" && typeof test === "number" ? { train, test } : undefined;
}

/** Nothing is said of recordings that may bring splits along which are not known yet. */
function unknownProtocol(protocol: string, clips: Facts | undefined): string | undefined {
  if (typeof clips?.dataset !== "string") return undefined;
  const shipped = shippedProtocols(clips);
  if (shipped === undefined && !Object.hasOwn(PROTOCOLS, clips.dataset)) return undefined;
  return protocolProblem(clips.dataset, protocol, shipped ?? []);
}

function problems(params: SplitParams, clips: Facts | undefined): Problem[] {
  const path = ["protocol"];
  const { protocol } = params;
  const known = sides(params, clips);
  const message = known === undefined ? unknownProtocol(protocol, clips) : undefined;
  if (message !== undefined) return [{ path, message }];
  const empty = known?.train === 0 ? "train" : known?.test === 0 ? "test" : undefined;
  return empty === undefined
    ? []
    : [{ path, message: `${protocol} leaves nothing to ${empty} on among these recordings` }];
}

/** See the module's page. */
export const split: StageDefinition<typeof splitParams> = {
  name: "split",
  summary: "Says which clips train and which test",
  params: splitParams,
  inputs: { clips: { type: "clips", summary: "clips with their subjects, cameras and setups" } },
  outputs: { split: { type: "split", summary: "indices of clips for pre-training and each fold" } },
  entry: new URL("./entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 256 },
  facts: (params, inputs) => {
    const known = sides(params, inputs.clips);
    return {
      split: known === undefined ? undefined : { pretrain: known.train, folds: 1, ...known },
    };
  },
  check: (params, inputs) => problems(params, inputs.clips),
};
