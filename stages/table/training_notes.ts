/**
 * What has to be said below a table of the pre-training behind it.
 *
 * @module
 */
import type { Comparison, MaskSummary } from "./comparison.ts";
import { count } from "./text_grid.ts";

/** How much was trained, where the loss stands and what the attention mask does. */
export function trainingNotes({ training }: Pick<Comparison, "training">): string[] {
  if (training === undefined) return [];
  const { steps, batch, clips_seen, passes, loss, mask } = training;
  const state = loss === undefined
    ? ""
    : ` Its global loss L_z stands at ${loss.L_z.toFixed(2)}; a chance guess gives ` +
      `${loss.chance.toFixed(2)}.`;
  return [
    `Pre-training so far: ${count(steps, "step")} of batch ${batch}, ${clips_seen} clips seen ` +
    `(${
      count(Number(passes.toPrecision(2)), "pass", "passes")
    } over its training clips; the released ` +
    `setting makes 300).${state}`,
    ...(mask === undefined ? [] : [maskNote(mask)]),
  ];
}

/** Whether the attention mask is aware of parts, or a gate of channels. */
function maskNote({ shares, tokens, auc }: MaskSummary): string {
  // The sorted keys of JSON are no order for people.
  const order = ["channel", "joint", "frame", "clip", "residual"];
  const list = order.map((name) => `${name} ${(100 * (shares[name] ?? 0)).toFixed(1)} %`).join(
    ", ",
  );
  const found = auc === undefined
    ? ""
    : ` Its AUC for swapped against own tokens is ${auc.trained.toFixed(3)} (untrained ` +
      `${auc.untrained.toFixed(3)}, random ${auc.random.toFixed(3)}).`;
  return `The attention mask's variance: ${list}; between the tokens of a body ` +
    `${(100 * tokens).toFixed(1)} % (0 for a gate of channels).${found}`;
}
