/**
 * What the `augment` stage does when it runs: resolves the policy for the clips' length, writes it,
 * and draws what it does to one clip.
 *
 * @module
 */
import type { StageContext, StageMain } from "../../pipeline/stage.ts";
import { openClips } from "../clips/clip_store.ts";
import { writeJson } from "../formats/json_text.ts";
import type { AugmentParams } from "./definition.ts";
import { policyProblems, resolvePolicy } from "./policy.ts";
import { choosePreviewClips, previewSvg } from "./preview.ts";

const main: StageMain<AugmentParams> = async (ctx: StageContext<AugmentParams>) => {
  await using clips = await openClips(ctx.input("clips"));
  const policy = resolvePolicy(ctx.params, clips.meta.frames);
  const problems = policyProblems(policy);
  if (problems.length > 0) {
    throw new Error(
      `the policy does not suit clips of ${policy.frames} frames: ${problems.join("; ")}`,
    );
  }
  await writeJson(`${ctx.output("policy")}/policy.json`, policy);
  const chosen = await choosePreviewClips(clips);
  await Deno.writeTextFile(`${ctx.output("preview")}/preview.svg`, previewSvg(policy, chosen));
  const { crop, shear, swap } = policy;
  const on = [
    crop.enabled && `crop with ${crop.pad} frames of padding`,
    shear.enabled && `shear up to ${shear.amplitude}`,
    swap.enabled && `swap of ${swap.parts.join(" to ")} parts for ` +
      `${swap.tokens.map((tokens) => tokens * swap.frames_per_token).join(" to ")} frames`,
  ].filter((word) => word !== false);
  ctx.log("info", `clips of ${policy.frames} frames: ${on.join(", ") || "no augmentation"}`);
  ctx.facts("policy", { frames: policy.frames, swap: swap.enabled });
};

export default main;
